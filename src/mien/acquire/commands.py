"""Acquire scenes from sources, and pretrained weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings, Withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from mien.shards import Row

app = typer.Typer(no_args_is_help=True)

Limit = Annotated[int, typer.Option(help="How many items at most.", min=1)]
SourceId = Annotated[str, typer.Option(help="The source_id.")]
DownloadsFolder = Annotated[Path, typer.Option(help="The folder of what was fetched already.")]
ScenesShard = Annotated[Path, typer.Option(help="The shard of scenes to write.")]
SkippedTable = Annotated[Path, typer.Option(help="The table of skipped items to write.")]


@app.command()
def draw(
    target: Annotated[str, typer.Option(help="What to draw: happy-1, mixed-2, video-1 ...")],
    limit: Limit,
    source: SourceId,
    scenes: ScenesShard,
    truth: Annotated[Path, typer.Option(help="The table of drawn faces to write.")],
    skipped: SkippedTable,
) -> None:
    """Draw scenes whose faces' expressions are known."""
    import pandas as pd

    from mien.acquire.drawing.drawn import draw_source, drawn_rows
    from mien.acquire.tables import SCENES, SKIPPED, TRUTH
    from mien.progress import track
    from mien.shards import write_shard
    from mien.tables import write_csv

    faces: list[dict[str, object]] = []
    drawings = track(draw_source(target, limit), f"draw {source}", limit)
    write_shard(scenes, drawn_rows(drawings, source, faces), SCENES)
    write_csv(truth, pd.DataFrame(faces, columns=list(TRUTH.columns)), TRUTH)
    write_csv(skipped, pd.DataFrame(columns=list(SKIPPED.columns)), SKIPPED)


@app.command()
def film(
    video: Annotated[Path, typer.Option(help="The MP4 file to write.")],
    seed: Annotated[int, typer.Option(help="Which film: that of the target video-<seed>.")] = 1,
    duration_s: Annotated[float, typer.Option(help="How long.", min=0.1)] = 10,
    fps: Annotated[int, typer.Option(help="Frames a second.", min=1)] = 25,
) -> None:
    """Draw a short video of a cast that changes its expressions, to try a classifier on."""
    from mien.acquire.drawing.drawn import draw_video
    from mien.progress import say

    frames = draw_video(video, seed, duration_s, fps)
    say(f"{video}: {len(frames)} frames")


@app.command()
def folder(
    target: Annotated[Path, typer.Option(help="The folder of pictures.")],
    limit: Limit,
    source: SourceId,
    scenes: ScenesShard,
    skipped: SkippedTable,
    withdrawn: Withdrawals,
    params: Settings = PARAMS,
) -> None:
    """Take the pictures of a folder, sub-folders too."""
    from itertools import islice

    import pandas as pd

    from mien.acquire.folder import read_folder, unchanged
    from mien.acquire.listing import LISTING, answered, hash_of, held_by, memory_of
    from mien.acquire.sources import own_place
    from mien.acquire.tables import SCENES, SKIPPED
    from mien.acquire.withdrawn import read_withdrawn
    from mien.folders import files_in
    from mien.params import load
    from mien.progress import say, track
    from mien.shards import write_shard
    from mien.tables import write_csv

    left_out: list[Row] = []
    target = own_place(target)
    held = held_by(target, memory_of(source))
    files = files_in(target)
    columns = SCENES.with_metadata({LISTING: answered(hash_of(held), source, params)})
    tracked = track(files, f"read {source}", len(files))
    megapixels = load(params).acquire.max_megapixels
    rows = read_folder(target, tracked, source, megapixels, read_withdrawn(withdrawn), left_out)
    written = write_shard(scenes, unchanged(islice(rows, limit), held), columns)
    write_csv(skipped, pd.DataFrame(left_out, columns=list(SKIPPED.columns)), SKIPPED)
    is_cut = written == limit < len(files)
    of = f", the first by name (limit {limit} in sources.csv)" if is_cut else ""
    say(f"{source}: {written} of {len(files)} files{of}; {len(left_out)} skipped")
    for row in left_out:
        say(f"{source}: skipped {row['item_id']}: {row['reason']}")


@app.command()
def flickr(
    target: Annotated[str, typer.Option(help="The words to search for.")],
    limit: Limit,
    source: SourceId,
    downloads: DownloadsFolder,
    withdrawn: Withdrawals,
    scenes: ScenesShard,
    skipped: SkippedTable,
    params: Settings = PARAMS,
) -> None:
    """Search Flickr, and fetch the photos found."""
    from mien.acquire.downloads import Downloads
    from mien.acquire.fetched import photo_rows
    from mien.acquire.gather import gather_photos
    from mien.acquire.tables import SCENES
    from mien.acquire.withdrawn import read_withdrawn
    from mien.params import load

    settings = load(params).acquire
    left_out: list[Row] = []
    state = Downloads(downloads)
    outcomes = gather_photos(
        source, target, limit, state, read_withdrawn(withdrawn), settings, left_out
    )
    rows = photo_rows(outcomes, downloads, source, settings.max_megapixels, left_out)
    _write(source, scenes, rows, SCENES, skipped, left_out)


@app.command()
def video(
    target: Annotated[str, typer.Option(help="An address, a search such as ytsearch20:…, a file.")],
    limit: Limit,
    source: SourceId,
    downloads: DownloadsFolder,
    videos: Annotated[Path, typer.Option(help="The folder of the source's videos.")],
    withdrawn: Withdrawals,
    scenes: ScenesShard,
    skipped: SkippedTable,
    params: Settings = PARAMS,
) -> None:
    """Fetch videos by yt-dlp, and take a frame every acquire.every_s seconds."""
    from mien.acquire.downloads import Downloads
    from mien.acquire.fetched import frame_rows, own_video
    from mien.acquire.gather import gather_videos
    from mien.acquire.listing import LISTING, answered, listing, memory_of
    from mien.acquire.sources import is_remote, own_place
    from mien.acquire.tables import SCENES
    from mien.acquire.withdrawn import read_withdrawn
    from mien.params import load

    settings = load(params).acquire
    left_out: list[Row] = []
    gone, columns = read_withdrawn(withdrawn), SCENES
    if is_remote("video", target):
        outcomes = gather_videos(
            source, target, limit, Downloads(downloads), videos, gone, settings, left_out
        )
    else:
        place = own_place(target)
        outcomes = own_video(place, source, gone, left_out)
        listed = listing(place, memory_of(source))
        columns = SCENES.with_metadata({LISTING: answered(listed, source, params)})
    rows = frame_rows(outcomes, videos, source, settings, left_out)
    _write(source, scenes, rows, columns, skipped, left_out)


@app.command()
def retry(
    source: Annotated[str, typer.Argument(help="The source_id.")],
    params: Settings = PARAMS,
) -> None:
    """Ask again for what failed or could not be used, of one source."""
    from mien.acquire.retry import retry_source
    from mien.acquire.sources import read_sources
    from mien.params import load

    settings = load(params)
    asked = read_sources(layout.SOURCES, settings.labels.expressions)
    retry_source(source, asked, settings.acquire)


@app.command()
def tally(
    acquired: Annotated[Path, typer.Option(help="The table to write.")],
    params: Settings = PARAMS,
) -> None:
    """Count what each source gave, and what it did not."""
    import pandas as pd

    from mien.acquire.sources import read_sources
    from mien.acquire.tables import ACQUIRED, SKIPPED, STATES
    from mien.params import load
    from mien.shards import count_rows
    from mien.tables import read_csv, write_csv

    asked = read_sources(layout.SOURCES, load(params).labels.expressions)
    ids = list(asked["source_id"])
    came = [count_rows(layout.scenes_of(source)) for source in ids]
    lost = {source: read_csv(layout.skipped_of(source), SKIPPED)["state"] for source in ids}
    states = pd.DataFrame({source: items.value_counts() for source, items in lost.items()})
    counts = states.T.reindex(columns=list(STATES)).fillna(0).astype("int64")
    rows = asked[["source_id", "kind", "limit"]].assign(scenes=came)
    write_csv(acquired, rows.join(counts, on="source_id"), ACQUIRED)


@app.command()
def weights(
    asked: Annotated[
        str | None,
        typer.Argument(help="A URL, or the name of a file that ultralytics publishes."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The file to write; its name says which.")
    ] = None,
    params: Settings = PARAMS,
) -> None:
    """Fetch pretrained weights. New ones are entered under acquire.weights, with their hash."""
    if asked is not None:
        from mien.acquire.new_weights import add_weights

        add_weights(asked, params)
        return
    if weights is None:
        raise typer.BadParameter("name a URL or a file, such as yolo11n-cls.pt")
    from mien.acquire.weights import fetch_weights
    from mien.errors import ParamsError, suggestion
    from mien.params import load

    known = load(params).acquire.weights
    if weights.name not in known:
        hint = suggestion(weights.name, known) or "; add it there with its url and sha256"
        raise ParamsError(f"{params}: {weights.name!r} is not under acquire.weights{hint}")
    fetch_weights(weights.name, known[weights.name], weights)


def _write(
    source: str,
    scenes: Path,
    rows: Iterable[Row],
    columns: pa.Schema,
    skipped: Path,
    left_out: list[Row],
) -> None:
    """Write the scenes and the skipped items; say how many there are, and how to retry."""
    from collections import Counter

    import pandas as pd

    from mien.acquire.downloads import AGAIN
    from mien.acquire.tables import SKIPPED, STATES
    from mien.progress import say
    from mien.shards import write_shard
    from mien.tables import write_csv

    written = write_shard(scenes, rows, columns)
    write_csv(skipped, pd.DataFrame(left_out, columns=list(SKIPPED.columns)), SKIPPED)
    counts = Counter(row["state"] for row in left_out)
    lost = [f"{counts[state]} {state}" for state in STATES if counts[state]]
    say(f"{source}: {', '.join([f'{written} scenes', *lost])}; {skipped} says which and why")
    if not written:
        say(f"warning: {source} gives no scene")
    if any(counts[state] for state in AGAIN):
        say(f"{source}: `mien acquire retry {source}` asks once more for what failed")
