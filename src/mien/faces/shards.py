"""The numbers of all shards, without their pixels, read side by side."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from mien.errors import TableError
from mien.shards import read_shard

SCENES = ("source_id", "scene_id", "position", "time_s", "item_id", "author")
CROPS = ("face_id", "scene_id", "x", "y", "width", "height", "sharpness", "phash")


def read_shards(
    scenes: Sequence[Path], faces: Sequence[Path], sources: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all crops, with the source of each, and all scenes.

    Each shard of crops is told its source by the shard of scenes at the same place. A scene that
    a source has twice, as a film that stands still, counts as the first of the two. Raises
    TableError when two shards do not belong together or the source is not a known one.
    """
    if len(scenes) != len(faces):
        raise TableError(f"{len(scenes)} shards of scenes, but {len(faces)} of faces")
    crops, places = [], []
    for scene_shard, face_shard in zip(scenes, faces, strict=True):
        here = read_shard(scene_shard, SCENES).drop_duplicates("scene_id")
        found = read_shard(face_shard, CROPS)
        unknown = set(here["source_id"]) - set(sources)
        if unknown:
            raise TableError(f"{scene_shard}: {min(unknown)!r} is not in the table of sources")
        lost = ~found["scene_id"].isin(here["scene_id"])
        if lost.any():
            raise TableError(
                f"{face_shard}: {lost.sum()} of its faces are from no scene of {scene_shard}; "
                "delete it and run snakemake"
            )
        origin = here[["scene_id", "source_id"]]
        crops.append(found.merge(origin, on="scene_id", validate="many_to_one"))
        places.append(here)
    return pd.concat(crops, ignore_index=True), pd.concat(places, ignore_index=True)
