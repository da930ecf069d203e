"""Find, crop and index faces."""

from pathlib import Path
from typing import Annotated

import typer

from mien.options import PARAMS, Crops, Scenes, Settings, Sources, Withdrawals

app = typer.Typer(no_args_is_help=True)


@app.command()
def detect(
    scenes: Annotated[Path, typer.Option(help="The shard of scenes.")],
    faces: Annotated[Path, typer.Option(help="The shard of crops to write.")],
    weights: Annotated[Path | None, typer.Option(help="The detector's weights.")] = None,
    threads: Annotated[int, typer.Option(help="For OpenCV and torch.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Find the faces of one source's scenes and store their crops."""
    from mien.faces.crop import detect_scenes
    from mien.faces.detect import DETECTORS, limit_threads
    from mien.params import load
    from mien.progress import say

    settings = load(params).faces
    detector = DETECTORS[settings.detector](settings, weights)
    limit_threads(threads)
    counts = detect_scenes(scenes, detector, settings, faces)
    say(
        f"{scenes.stem}: {counts['scenes']} scenes, {counts['without_a_face']} without a face, "
        f"{counts['faces']} faces"
    )


@app.command()
def index(
    sources: Sources,
    scenes: Scenes,
    faces: Crops,
    withdrawn: Withdrawals,
    index: Annotated[Path, typer.Option(help="The index of faces to write.")],
    params: Settings = PARAMS,
) -> None:
    """List the faces of all sources, with their status, duplicates and groups."""
    from mien.acquire.sources import read_sources
    from mien.acquire.withdrawn import read_withdrawn
    from mien.faces.duplicates import thumbnail
    from mien.faces.index import count_faces, index_faces, large_groups, look_alikes, order_faces
    from mien.faces.shards import read_crops, read_shards
    from mien.faces.tables import FACES
    from mien.params import load
    from mien.progress import say, track
    from mien.tables import write_csv

    settings = load(params)
    asked = read_sources(sources, settings.labels.expressions)
    crops, places = read_shards(scenes, faces, asked["source_id"])
    gone = read_withdrawn(withdrawn)
    ordered = order_faces(crops, places, asked, gone, settings.faces)
    pairs = look_alikes(ordered, settings.faces.max_phash_distance)
    place = dict(zip(ordered["face_id"].iloc[pairs.ravel()], pairs.ravel().tolist(), strict=True))
    shards = [faces / f"{source}.parquet" for source in asked["source_id"]]
    looks = track(read_crops(shards, place), "compare faces")
    table = index_faces(ordered, pairs, {place[face]: thumbnail(crop) for face, crop in looks})
    write_csv(index, table, FACES)
    for source, counts in count_faces(crops, table, asked).iterrows():
        say(f"{source}: " + ", ".join(f"{n} {status}" for status, n in counts.items()))
    kept = int((table["status"] == "kept").sum())
    for group, size in large_groups(table).items():
        say(f"warning: the group {group!r} holds {size} of {kept} kept faces")
