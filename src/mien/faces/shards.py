"""Reading the shards of all sources: their numbers, and crops by face id."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from mien import layout
from mien.boxes import BOX
from mien.errors import PictureError, TableError
from mien.faces.tables import LANDMARKS
from mien.images import Picture, Point, decode
from mien.shards import Row, pick, read_shard
from mien.view import View
from mien.viewing import points_in_crop, seen

SCENE_COLUMNS = ("source_id", "scene_id", "position", "time_s", "item_id", "author")
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


def read_crops(shards: Iterable[Path], wanted: Collection[str]) -> Iterator[tuple[str, Picture]]:
    """Yield the id and crop of every wanted face, once, in the order of the shards.

    Crops are square, BGR, at most 256 px a side; at most 64 are in memory. Raises TableError for a
    crop that cannot be decoded, and at the end when a face is in no shard.
    """
    for face_id, crop, _ in _crops(shards, wanted, ()):
        yield face_id, crop


def read_views(
    shards: Iterable[Path], wanted: Collection[str], view: View, margin: float
) -> Iterator[tuple[str, Picture]]:
    """Yield the id of every wanted face, and the face as a model sees it; see `read_crops`.

    `margin` is that of the crops. A face whose points are not known is not aligned.
    """
    more = (*BOX, *LANDMARKS) if view.needs_eyes else ()
    for face_id, crop, row in _crops(shards, wanted, more):
        yield face_id, seen(crop, _points(row, margin, len(crop)) if more else None, view)


def _crops(
    shards: Iterable[Path], wanted: Collection[str], more: Sequence[str]
) -> Iterator[tuple[str, Picture, Row]]:
    missing = set(wanted)
    for shard in shards:
        for face_id, row in pick(shard, "face_id", missing, *more):
            missing.remove(face_id)
            try:
                yield face_id, decode(row["image"]), row
            except PictureError as error:
                raise TableError(
                    f"{shard}: the crop of face {face_id}: {error}; delete the shard and run "
                    "snakemake"
                ) from None
    if missing:
        raise TableError(
            f"no shard of faces has {len(missing)} of the wanted faces, such as {min(missing)}; "
            "delete data/faces.csv and run snakemake"
        )


def _points(row: Row, margin: float, crop_px: int) -> list[Point] | None:
    """Return the five points of a row in pixels of its crop, None where they are not known."""
    if row["x1"] is None:
        return None
    x, y, width, height = (row[name] for name in BOX)
    return points_in_crop((x, y, width, height), [row[n] for n in LANDMARKS], margin, crop_px)
