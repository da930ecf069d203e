"""The pictures that voters look at, read from the shards when they are asked for."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pandas as pd

from mien.images import decode, encode_jpeg, shrink
from mien.labels.vote.order import Face
from mien.shards import image_at, places, read_shard

SCENE_PX = 1280


class Pictures:
    """Crops and scenes by the face that they show; no path is made of what a request says."""

    def __init__(self, faces: Iterable[Face], crops: Path, scenes: Path) -> None:
        self._faces = {face.face_id: face for face in faces}
        self._crops, self._scenes = crops, scenes
        self._rows = lru_cache(maxsize=4096)(_rows)

    def crop(self, face_id: str) -> bytes:
        """Return the crop as PNG, at most 256 px a side; raise KeyError when there is none."""
        shard = self._crops / f"{self._faces[face_id].source_id}.parquet"
        return image_at(shard, self._rows(shard, "face_id", _changed(shard))[face_id])

    def scene(self, face_id: str) -> bytes:
        """Return the scene as JPEG, at most 1280 px; raise KeyError when there is none."""
        face = self._faces[face_id]
        shard = self._scenes / f"{face.source_id}.parquet"
        image = image_at(shard, self._rows(shard, "scene_id", _changed(shard))[face.scene_id])
        return encode_jpeg(shrink(decode(image), SCENE_PX))


def _rows(shard: Path, key: str, _changed: int) -> dict[str, tuple[int, int]]:
    """Return where each row is in the shard as it was at that time: it may be written anew."""
    return places(shard, key)


def _changed(shard: Path) -> int:
    """Return when the shard was written; raise KeyError when it is gone."""
    try:
        return shard.stat().st_mtime_ns
    except FileNotFoundError:
        raise KeyError(shard.stem) from None


def scene_sizes(faces: Iterable[Face], scenes: Path) -> dict[str, tuple[int, int]]:
    """Return width and height in pixels of the faces' scenes, by scene id."""
    columns = ["scene_id", "width", "height"]
    sources = sorted({face.source_id for face in faces})
    shards = [read_shard(scenes / f"{source}.parquet", columns) for source in sources]
    rows = pd.concat(shards) if shards else pd.DataFrame(columns=columns)
    return {
        scene: (int(width), int(height)) for scene, width, height in rows.itertuples(index=False)
    }
