"""Find, crop and index the project's faces."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def detect(
    source: Annotated[str, typer.Option(help="The source_id.")],
    threads: Annotated[int, typer.Option(help="For OpenCV and torch.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Find the faces of one source's scenes and store their crops."""
    from mien.faces.crop import detect_scenes
    from mien.faces.detect import DETECTORS, limit_threads
    from mien.params import load
    from mien.progress import say

    settings = load(params).faces
    weights = layout.WEIGHTS / settings.weights if settings.weights else None
    detector = DETECTORS[settings.detector](settings, weights)
    limit_threads(threads)
    shards = layout.scenes_of(source), layout.crops_of(source)
    counts = detect_scenes(shards[0], detector, settings, shards[1])
    say(
        f"{source}: {counts['scenes']} scenes, {counts['without_a_face']} without a face, "
        f"{counts['faces']} faces"
    )


@app.command()
def features(
    extractor: Annotated[str, typer.Option(help="The extractor: a name under features.")],
    source: Annotated[str, typer.Option(help="The source_id.")],
    threads: Annotated[int, typer.Option(help="For onnxruntime.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Compute the features of one source's faces, from which probes learn."""
    from mien.faces.extraction import write_features
    from mien.params import load
    from mien.progress import say

    settings = load(params)
    shards = layout.crops_of(source), layout.features_of(extractor, source)
    margin = settings.faces.margin
    faces = write_features(shards[0], settings.extractor(extractor), margin, threads, shards[1])
    say(f"{extractor}, {source}: features of {faces} faces")


@app.command()
def index(
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
    asked = read_sources(layout.SOURCES, settings.labels.expressions)
    crops, places = read_shards(asked["source_id"])
    withdrawn = read_withdrawn(layout.WITHDRAWN)
    ordered = order_faces(crops, places, asked, withdrawn, settings.faces)
    pairs = look_alikes(ordered, settings.faces.max_phash_distance)
    place = dict(zip(ordered["face_id"].iloc[pairs.ravel()], pairs.ravel().tolist(), strict=True))
    shards = map(layout.crops_of, asked["source_id"])
    looks = track(read_crops(shards, place), "compare faces")
    table = index_faces(ordered, pairs, {place[face]: thumbnail(crop) for face, crop in looks})
    write_csv(index, table, FACES)
    for source, counts in count_faces(crops, table, asked).iterrows():
        say(f"{source}: " + ", ".join(f"{n} {status}" for status, n in counts.items()))
    kept = int((table["status"] == "kept").sum())
    for group, size in large_groups(table).items():
        say(f"warning: the group {group!r} holds {size} of {kept} kept faces")
