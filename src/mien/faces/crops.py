"""Crops read back from the shards."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pandas as pd

from mien.images import Picture, decode
from mien.shards import batches


def shards_of(index: pd.DataFrame, face_ids: Collection[str], folder: Path) -> list[Path]:
    """Return the shards in the folder that hold these faces, in the order of the index."""
    sources = index.loc[index["face_id"].isin(face_ids), "source_id"].unique()
    return [folder / f"{source}.parquet" for source in sources]


def read_crops(shards: Sequence[Path], wanted: Collection[str]) -> Iterator[tuple[str, Picture]]:
    """Yield face id and crop of every wanted face, in the order of the shards.

    The crops are square, BGR, at most 256 px a side; no more than 64 of them are in memory.
    """
    for shard in shards:
        for rows in batches(shard, ["face_id", "image"]):
            for row in rows:
                if row["face_id"] in wanted:
                    yield row["face_id"], decode(row["image"])
