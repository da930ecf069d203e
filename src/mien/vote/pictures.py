"""The pictures that voters look at, read from the shards when they are asked for."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from mien.images import decode, encode_jpeg, shrink
from mien.shards import image_at, places
from mien.vote.order import Face

SCENE_PX = 1280


class Pictures:
    """Crops and scenes of faces; no part of a request becomes a path.

    `face` finds a face by its id, and raises KeyError for a face that is not to be voted on.
    """

    def __init__(self, face: Callable[[str], Face], crops: Path, scenes: Path) -> None:
        self._face, self._crops, self._scenes = face, crops, scenes
        self._rows = lru_cache(maxsize=4096)(_rows)

    def crop(self, face_id: str) -> bytes:
        """Return the crop as PNG, at most 256 px a side; raise KeyError when there is none."""
        shard = self._crops / f"{self._face(face_id).source_id}.parquet"
        return image_at(shard, self._rows(shard, "face_id", _changed(shard))[face_id])

    def scene(self, face_id: str) -> bytes:
        """Return the scene as JPEG, at most 1280 px; raise KeyError when there is none."""
        face = self._face(face_id)
        shard = self._scenes / f"{face.source_id}.parquet"
        image = image_at(shard, self._rows(shard, "scene_id", _changed(shard))[face.scene_id])
        return encode_jpeg(shrink(decode(image), SCENE_PX))


def _rows(shard: Path, key: str, _changed: int) -> dict[str, tuple[int, int]]:
    """Return the place of each row in the shard as of that time: the shard may be written anew."""
    return places(shard, key)


def _changed(shard: Path) -> int:
    """Return when the shard was written; raise KeyError when it is gone."""
    try:
        return shard.stat().st_mtime_ns
    except FileNotFoundError:
        raise KeyError(shard.stem) from None
