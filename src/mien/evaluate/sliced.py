"""The faces whose errors are cut into slices: what of each face the slices go by."""

from collections.abc import Collection

import pandas as pd

from mien import layout
from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.shards import read_shard
from mien.tables import read_csv


def read_sliced(asked: Collection[str], expressions: list[str]) -> pd.DataFrame:
    """Return the rows of the index of the faces asked about, with their sharpness and tags."""
    known = read_csv(layout.INDEX, FACES)
    rows = known[known["face_id"].isin(list(asked))]
    sharp = pd.concat(
        read_shard(layout.crops_of(source), ["face_id", "sharpness"]).assign(source_id=source)
        for source in rows["source_id"].unique()
    )
    tagged = read_csv(layout.LABELS, label_table(expressions))[["face_id", "tags"]]
    return rows.merge(sharp, on=["source_id", "face_id"]).merge(tagged, on="face_id", how="left")
