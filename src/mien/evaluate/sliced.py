"""The faces whose errors are cut into slices: what of each face the slices go by."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.shards import read_shard
from mien.tables import read_csv


def read_sliced(
    asked: Collection[str], index: Path, labels: Path, faces: Path, expressions: list[str]
) -> pd.DataFrame:
    """Return the rows of the index of the faces asked about, with their sharpness and tags."""
    known = read_csv(index, FACES)
    rows = known[known["face_id"].isin(list(asked))]
    sharp = pd.concat(
        read_shard(faces / f"{source}.parquet", ["face_id", "sharpness"]).assign(source_id=source)
        for source in rows["source_id"].unique()
    )
    tagged = read_csv(labels, label_table(expressions))[["face_id", "tags"]]
    return rows.merge(sharp, on=["source_id", "face_id"]).merge(tagged, on="face_id", how="left")
