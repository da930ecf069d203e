"""Pictures in a folder of the user's own, sub-folders too."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mien.acquire.scenes import Item, scene_row, skip, utc
from mien.acquire.tables import UNKNOWN
from mien.acquire.withdrawn import Withdrawn
from mien.errors import PictureError, SourceError
from mien.shards import Row

MAX_BYTES = 200_000_000
SAME_FILE = "the same file as "


def read_folder(
    folder: Path,
    files: Iterable[Path],
    source_id: str,
    max_megapixels: float,
    withdrawn: Withdrawn,
    skipped: list[Row],
) -> Iterator[Row]:
    """Yield the pictures among the files as scenes, the same picture once.

    An item is named by its path in the folder; a file that was withdrawn or is no usable picture is
    noted in `skipped`. Raises SourceError at the end when no picture was usable.
    """
    seen: dict[str, str] = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        if withdrawn.leaves_out(source_id, "folder", name, UNKNOWN, skipped):
            continue
        try:
            item = Item(name, _content(path), fetched_at=utc(path.stat().st_mtime))
            scene = scene_row(item, source_id, len(seen), max_megapixels)
        except PictureError as reason:
            skipped.append(skip(source_id, name, "unusable", str(reason)))
            continue
        if scene["scene_id"] in seen:
            first = seen[scene["scene_id"]]
            skipped.append(skip(source_id, name, "repeated", f"{SAME_FILE}{first}"))
            continue
        seen[scene["scene_id"]] = name
        yield scene
    if not seen:
        raise SourceError(
            f"{folder}: none of its {len(skipped)} files is a usable picture; "
            f"the first, {skipped[0]['item_id']}: {skipped[0]['reason']}"
        )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError(f"larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"not readable: {error.strerror}") from None
