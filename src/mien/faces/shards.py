"""The numbers of all shards, without their pixels, read side by side."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from mien.boxes import BOX
from mien.errors import TableError
from mien.shards import read_shard

SCENES = ("source_id", "scene_id", "position", "time_s", "item_id", "author")
CROPS = ("face_id", "scene_id", *BOX, "sharpness", "phash")


def read_shards(
    scenes: Path, faces: Path, sources: Iterable[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all crops, with the source of each, and all scenes, from the folders of shards.

    A scene that a source has twice, as a film that stands still, counts as the first of the two.
    Raises TableError when a source's crops are not from its scenes.
    """
    crops, places = [], []
    for source in sources:
        scene_shard, face_shard = scenes / f"{source}.parquet", faces / f"{source}.parquet"
        here = read_shard(scene_shard, SCENES).drop_duplicates("scene_id")
        found = read_shard(face_shard, CROPS)
        lost = ~found["scene_id"].isin(here["scene_id"])
        if lost.any():
            raise TableError(
                f"{face_shard}: {lost.sum()} of its faces are from no scene of {scene_shard}; "
                "delete it and run snakemake"
            )
        crops.append(found.assign(source_id=source))
        places.append(here)
    return pd.concat(crops, ignore_index=True), pd.concat(places, ignore_index=True)
