"""Pictures that stand in a page itself: how many of many, and their bytes."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mien.faces.shards import read_crops, read_views
from mien.images import Picture, decode, encode_jpeg, resize, shrink
from mien.shards import pick
from mien.view import View

FACE_PX = 112
SCENE_PX = 360
FACE_QUALITY = 82
SCENE_QUALITY = 72
SIZE_QUALITY = 92


def spread(rows: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return at most `limit` of the rows, spread evenly from the first to the last."""
    if len(rows) <= limit:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, limit).round().astype(int)]


def face_pictures(shards: Sequence[Path], wanted: Collection[str]) -> dict[str, str]:
    """Return the wanted faces as data URIs, by face id."""
    crops = read_crops(shards, wanted)
    return {face: data_uri(resize(crop, FACE_PX), FACE_QUALITY) for face, crop in crops}


def size_pictures(
    shards: Sequence[Path], wanted: Mapping[str, Collection[int]], view: View, margin: float
) -> dict[tuple[str, int], str]:
    """Return the wanted faces at the wanted sizes in pixels, as data URIs, by face id and size.

    They are aligned and grey as in the view, whatever its own size. `margin` is that of the crops.
    """
    whole = replace(view, size_px=None)
    return {
        (face, size): data_uri(resize(crop, size), SIZE_QUALITY)
        for face, crop in read_views(shards, wanted, whole, margin)
        for size in wanted[face]
    }


def scene_pictures(folder: Path, chosen: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the scenes chosen of each source, made small, as data URIs, by scene id."""
    return {
        scene: data_uri(shrink(decode(row["image"]), SCENE_PX), SCENE_QUALITY)
        for source, rows in chosen.items()
        for scene, row in pick(folder / f"{source}.parquet", "scene_id", set(rows["scene_id"]))
    }


def data_uri(picture: Picture, quality: int) -> str:
    """Return the picture as a JPEG that stands in the page itself."""
    return "data:image/jpeg;base64," + b64encode(encode_jpeg(picture, quality)).decode()
