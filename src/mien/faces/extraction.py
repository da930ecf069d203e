"""The features of a source's faces, computed once for each extractor."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from mien import layout
from mien.errors import TableError
from mien.faces.extractors import extractor_graph
from mien.faces.graphs import runner
from mien.faces.shards import read_views
from mien.faces.tables import FEATURES
from mien.params import AnyFeatures
from mien.progress import track
from mien.shards import Row, read_shard, write_shard

BATCH = 32


def write_features(
    crops: Path, settings: AnyFeatures, margin: float, threads: int, shard: Path
) -> int:
    """Write the features of every crop of a source; return how many there are.

    `margin` is that of the crops. Raises SourceError where the extractor is unusable, TableError
    where its numbers are.
    """
    weights = layout.WEIGHTS / settings.weights if settings.weights else None
    run = runner(extractor_graph(settings, weights), threads)
    listed = read_shard(crops, ["face_id", "scene_id"])
    scenes = dict(zip(listed["face_id"], listed["scene_id"], strict=True))
    title = f"features {shard.parent.name} {shard.stem}"

    def rows() -> Iterator[Row]:
        faces = track(read_views([crops], scenes, settings.view, margin), title, len(scenes))
        while batch := list(islice(faces, BATCH)):
            found = run(np.stack([face[:, :, ::-1] for _, face in batch]))
            for (face_id, _), numbers in zip(batch, found, strict=True):
                if not np.isfinite(numbers).all():
                    raise TableError(
                        f"{crops}: the extractor {shard.parent.name} gives NaN or infinity for the "
                        f"face {face_id}; take another output or file"
                    )
                yield {"face_id": face_id, "scene_id": scenes[face_id], "features": numbers}

    return write_shard(shard, rows(), FEATURES)
