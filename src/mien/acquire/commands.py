"""Acquire scenes from sources, and pretrained weights."""

from pathlib import Path
from typing import Annotated

import typer

from mien.options import PARAMS, Settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def draw(
    target: Annotated[str, typer.Option(help="What to draw: happy-1, mixed-2, video-1 ...")],
    limit: Annotated[int, typer.Option(help="How many scenes.", min=1)],
    source: Annotated[str, typer.Option(help="The source_id.")],
    scenes: Annotated[Path, typer.Option(help="The shard of scenes to write.")],
    truth: Annotated[Path, typer.Option(help="The table of drawn faces to write.")],
    skipped: Annotated[Path, typer.Option(help="The table of skipped items to write.")],
) -> None:
    """Draw scenes whose faces' expressions are known."""
    import pandas as pd

    from mien.acquire.drawn import draw_source, drawn_rows
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
    from mien.acquire.drawn import draw_video
    from mien.files import atomic
    from mien.progress import say

    with atomic(video) as temporary:
        frames = draw_video(temporary, seed, duration_s, fps)
    say(f"{video}: {len(frames)} frames")


@app.command()
def folder(
    target: Annotated[Path, typer.Option(help="The folder of pictures.")],
    limit: Annotated[int, typer.Option(help="How many pictures at most.", min=1)],
    source: Annotated[str, typer.Option(help="The source_id.")],
    scenes: Annotated[Path, typer.Option(help="The shard of scenes to write.")],
    skipped: Annotated[Path, typer.Option(help="The table of skipped items to write.")],
    params: Settings = PARAMS,
) -> None:
    """Take the pictures of a folder, sub-folders too."""
    from itertools import islice

    import pandas as pd

    from mien.acquire.folder import read_folder
    from mien.acquire.listing import LISTING, files_in, listing
    from mien.acquire.tables import SCENES, SKIPPED
    from mien.params import load
    from mien.progress import say, track
    from mien.shards import Row, write_shard
    from mien.tables import write_csv

    left_out: list[Row] = []
    files = files_in(target)
    columns = SCENES.with_metadata({LISTING: listing(target)})
    tracked = track(files, f"read {source}", len(files))
    rows = read_folder(target, tracked, source, load(params).acquire.max_megapixels, left_out)
    written = write_shard(scenes, islice(rows, limit), columns)
    write_csv(skipped, pd.DataFrame(left_out, columns=list(SKIPPED.columns)), SKIPPED)
    say(f"{source}: {written} of {len(files)} files, limit {limit}; {len(left_out)} skipped")
    for row in left_out:
        say(f"{source}: skipped {row['item_id']}: {row['reason']}")


@app.command()
def weights(
    weights: Annotated[Path, typer.Option(help="The file to write; its name says which.")],
    params: Settings = PARAMS,
) -> None:
    """Fetch pretrained weights that are listed under acquire.weights."""
    from mien.acquire.weights import fetch_weights
    from mien.errors import ParamsError, suggestion
    from mien.params import load

    known = load(params).acquire.weights
    if weights.name not in known:
        hint = suggestion(weights.name, known) or "; add it there with its url and sha256"
        raise ParamsError(f"{params}: {weights.name!r} is not under acquire.weights{hint}")
    fetch_weights(weights.name, known[weights.name], weights)
