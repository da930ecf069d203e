"""Crops read back from the shards."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pandas as pd

from mien.errors import PictureError, TableError
from mien.images import Picture, decode
from mien.shards import pick


def shards_of(index: pd.DataFrame, face_ids: Collection[str], folder: Path) -> list[Path]:
    """Return the shards in the folder that hold these faces, in the order of the index."""
    sources = index.loc[index["face_id"].isin(face_ids), "source_id"].unique()
    return [folder / f"{source}.parquet" for source in sources]


def read_crops(shards: Sequence[Path], wanted: Collection[str]) -> Iterator[tuple[str, Picture]]:
    """Yield face id and crop of every wanted face, once, in the order of the shards.

    The crops are square, BGR, at most 256 px a side; no more than 64 of them are in memory. Raises
    TableError for one that cannot be decoded, and at the end when a face is in no shard.
    """
    missing = set(wanted)
    for shard in shards:
        for face_id, image in pick(shard, "face_id", missing):
            missing.remove(face_id)
            try:
                crop = decode(image)
            except PictureError as error:
                raise TableError(
                    f"{shard}: the crop of face {face_id}: {error}; delete the shard and run "
                    "snakemake"
                ) from None
            yield face_id, crop
    if missing:
        raise TableError(
            f"the face {min(missing)} is in no shard of faces, one of {len(missing)} that are "
            "missing; delete data/faces.csv and run snakemake"
        )
