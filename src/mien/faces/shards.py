"""Reading the shards of all sources: their numbers, and crops by face id."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pandas as pd

from mien import layout
from mien.boxes import BOX
from mien.errors import PictureError, TableError
from mien.images import Picture, align, decode, eyes_in_crop
from mien.shards import pick, read_shard

SCENE_COLUMNS = ("source_id", "scene_id", "position", "time_s", "item_id", "author")
EYES = ("x1", "y1", "x2", "y2")
CROP_COLUMNS = ("face_id", "scene_id", *BOX, "sharpness", "phash")


def read_shards(sources: Iterable[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all crops, with their sources, and all scenes, of the project in the working folder.

    A scene that a source has twice, as in a film without motion, counts once, where it is first.
    Raises TableError when a source's crops are not from its scenes.
    """
    crops, places = [], []
    for source in sources:
        scene_shard, face_shard = layout.scenes_of(source), layout.crops_of(source)
        here = read_shard(scene_shard, SCENE_COLUMNS).drop_duplicates("scene_id")
        found = read_shard(face_shard, CROP_COLUMNS)
        lost = ~found["scene_id"].isin(here["scene_id"])
        if lost.any():
            raise TableError(
                f"{face_shard}: {lost.sum()} of its faces are from no scene of {scene_shard}; "
                "delete it and run snakemake"
            )
        crops.append(found.assign(source_id=source))
        places.append(here)
    return pd.concat(crops, ignore_index=True), pd.concat(places, ignore_index=True)


def shards_of(index: pd.DataFrame, face_ids: Collection[str], folder: Path) -> list[Path]:
    """Return the shards in the folder that hold these faces, in the order of the index."""
    sources = index.loc[index["face_id"].isin(face_ids), "source_id"].unique()
    return [folder / f"{source}.parquet" for source in sources]


def read_crops(
    shards: Iterable[Path], wanted: Collection[str], aligned_margin: float | None = None
) -> Iterator[tuple[str, Picture]]:
    """Yield the id and crop of every wanted face, once, in the order of the shards.

    Crops are square, BGR, at most 256 px a side; at most 64 are in memory. With `aligned_margin`,
    the margin of the cut, crops are aligned by the eyes, if those are known. Raises TableError for
    a crop that cannot be decoded, and at the end when a face is in no shard.
    """
    missing = set(wanted)
    more = () if aligned_margin is None else (*BOX, *EYES)
    for shard in shards:
        for face_id, row in pick(shard, "face_id", missing, *more):
            missing.remove(face_id)
            try:
                crop = decode(row["image"])
                if aligned_margin is not None and row["x1"] is not None:
                    x, y, width, height = (row[name] for name in BOX)
                    points = [row[name] for name in EYES]
                    place = eyes_in_crop((x, y, width, height), points, aligned_margin, len(crop))
                    crop = align(crop, *place)
            except PictureError as error:
                raise TableError(
                    f"{shard}: the crop of face {face_id}: {error}; delete the shard and run "
                    "snakemake"
                ) from None
            yield face_id, crop
    if missing:
        raise TableError(
            f"no shard of faces has {len(missing)} of the wanted faces, such as {min(missing)}; "
            "delete data/faces.csv and run snakemake"
        )
