"""The features of faces, as they were computed for each source and extractor."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mien import layout
from mien.errors import TableError
from mien.shards import read_shard

Vectors = NDArray[np.float32]


def read_features(
    extractors: Sequence[str], sources: Sequence[str], face_ids: Sequence[str]
) -> Vectors:
    """Return the features (faces, numbers) of all extractors side by side, in the faces' order.

    Raises TableError when a face has none.
    """
    wanted = pd.Index(face_ids)
    return np.hstack([_of_one(extractor, sources, wanted) for extractor in extractors])


def _of_one(extractor: str, sources: Sequence[str], wanted: "pd.Index[str]") -> Vectors:
    ids, blocks = [], []
    for shard in (layout.features_of(extractor, source) for source in sources):
        here = read_shard(shard, ["face_id"])["face_id"].to_numpy(object)
        listed = pq.read_table(shard, columns=["features"])["features"].combine_chunks()
        is_wanted = np.isin(here, wanted)
        numbers = listed.values.to_numpy().reshape(len(here), -1) if len(here) else np.empty((0, 0))
        ids += list(here[is_wanted])
        blocks.append(numbers[is_wanted])
    known = pd.Index(ids)  # two sources may show the same face
    first = np.flatnonzero(~known.duplicated())
    found = known[first].get_indexer(wanted)
    places = np.where(found < 0, -1, first[found])
    if (places < 0).any():
        raise TableError(
            f"{layout.FEATURES / extractor} has no features of {(places < 0).sum()} of the wanted "
            f"faces, such as {wanted[places < 0][0]}; delete the folder and run snakemake"
        )
    vectors: Vectors = np.concatenate([block for block in blocks if len(block)])[places]
    return vectors
