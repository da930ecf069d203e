"""From fetched files to scenes: photos unchanged, frames of videos as JPEG."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mien import __version__
from mien.acquire.check import check_video
from mien.acquire.downloads import Outcome
from mien.acquire.scenes import Item, scene_row, skip, utc
from mien.acquire.tables import UNKNOWN
from mien.acquire.withdrawn import Withdrawn
from mien.errors import PictureError, SourceError, VideoError
from mien.ids import sha256_of
from mien.images import encode_jpeg
from mien.params import AcquireParams
from mien.shards import Row
from mien.video.sampling import Lost, differs, sample_frames

QUALITY = 95


def photo_rows(
    outcomes: Iterable[Outcome],
    folder: Path,
    source_id: str,
    max_megapixels: float,
    skipped: list[Row],
) -> Iterator[Row]:
    """Yield the fetched photos as scenes, in the order of the outcomes, equal files once.

    Notes all others in `skipped`. Raises SourceError at the end when there is no scene and a retry
    may help.
    """
    seen: dict[str, str] = {}
    for outcome in _came(outcomes, source_id, skipped):
        try:
            image = (folder / outcome.file).read_bytes()
            scene = scene_row(_item(outcome, image), source_id, len(seen), max_megapixels)
        except PictureError as reason:
            skipped.append(skip(source_id, outcome.item_id, "unusable", str(reason)))
            continue
        if scene["scene_id"] in seen:
            first = seen[scene["scene_id"]]
            skipped.append(
                skip(source_id, outcome.item_id, "repeated", f"the same file as {first}")
            )
            continue
        seen[scene["scene_id"]] = outcome.item_id
        yield scene
    _refuse_nothing(len(seen), source_id, skipped)


def frame_rows(
    outcomes: Iterable[Outcome],
    folder: Path,
    source_id: str,
    params: AcquireParams,
    skipped: list[Row],
) -> Iterator[Row]:
    """Yield frames of the fetched videos as scenes, one every `acquire.every_s`.

    Notes in `skipped` the lost frames, those that hardly differ from the last kept one, and videos
    that did not come. Raises SourceError at the end when there is no scene and a retry may help.
    """
    position = 0
    for outcome in _came(outcomes, source_id, skipped):
        for item in _frames(outcome, folder / outcome.file, source_id, params, skipped):
            yield scene_row(item, source_id, position, float("inf"))
            position += 1
    _refuse_nothing(position, source_id, skipped)


def own_video(
    path: Path, source_id: str, withdrawn: Withdrawn, skipped: list[Row]
) -> list[Outcome]:
    """Return the outcome for a user's own video file; none if the video was withdrawn.

    Raises SourceError when the file is missing or no video.
    """
    if withdrawn.leaves_out(source_id, "video", path.name, UNKNOWN, skipped):
        return []
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file; correct its target in sources.csv")
    try:
        check_video(path)
    except VideoError as reason:
        raise SourceError(f"{path}: {reason}") from None
    own = Outcome(
        item_id=path.name,
        asked=str(path),
        state="fetched",
        file=str(path.absolute()),
        sha256=sha256_of(path),
        fetched_at=utc(path.stat().st_mtime),
        tool=f"mien {__version__}",
        about={"title": path.stem},
    )
    return [own]


def _came(outcomes: Iterable[Outcome], source_id: str, skipped: list[Row]) -> Iterator[Outcome]:
    """Yield the outcomes with a file; note the others."""
    for outcome in outcomes:
        if outcome.state == "fetched":
            yield outcome
        else:
            skipped.append(skip(source_id, outcome.item_id, outcome.state, outcome.reason))


def _frames(
    outcome: Outcome, file: Path, source_id: str, params: AcquireParams, skipped: list[Row]
) -> Iterator[Item]:
    """Yield the frames of one video that show something new."""
    kept = None
    for frame in sample_frames(file, params.every_s):
        name = f"{outcome.item_id} at {frame.asked_s:g} s"
        if isinstance(frame, Lost):
            skipped.append(skip(source_id, name, "unusable", frame.reason))
        elif kept is not None and differs(kept, frame.picture) < params.min_change:
            reason = "hardly differs from the frame before it"
            skipped.append(skip(source_id, name, "repeated", reason))
        else:
            kept = frame.picture
            yield _item(outcome, encode_jpeg(kept, QUALITY), frame.time_s)


def _item(outcome: Outcome, image: bytes, time_s: float | None = None) -> Item:
    return Item(
        item_id=outcome.item_id,
        image=image,
        time_s=time_s,
        fetched_at=outcome.fetched_at or UNKNOWN,
        sha256=outcome.sha256,
        tool=outcome.tool,
        **outcome.about,
    )


def _refuse_nothing(scenes: int, source_id: str, skipped: list[Row]) -> None:
    """Raise SourceError when there are no scenes and a failed item might give one."""
    failed = [row for row in skipped if row["state"] == "failed"]
    if not scenes and failed:
        raise SourceError(
            f"{source_id}: nothing came; the first of {len(failed)} that failed, "
            f"{failed[0]['item_id']}: {failed[0]['reason']}; "
            f"`mien acquire retry {source_id}` asks for them again"
        )
