"""The faces that can be voted on now: a server at work follows the tables."""

from pathlib import Path

import pandas as pd

from mien import layout
from mien.acquire.tables import SOURCES
from mien.acquire.withdrawn import read_withdrawn
from mien.errors import SourceError
from mien.faces.tables import FACES
from mien.shards import read_shard
from mien.tables import read_csv

COLUMNS = ["scene_id", "item_id", "author", "width", "height"]
Stamp = tuple[int, int, int]


def stamps(*paths: Path) -> list[Stamp | None]:
    """Return a value for each file that changes when the file does, None for a missing file."""
    found = [path.stat() if path.exists() else None for path in paths]
    return [file and (file.st_ino, file.st_size, file.st_mtime_ns) for file in found]


def faces_present() -> tuple[pd.DataFrame, dict[str, tuple[int, int]]]:
    """Return the index of faces, and width and height in pixels of their scenes by scene id.

    A face whose scene was withdrawn since the index was made, or is gone, is withdrawn. Raises
    SourceError while there is no index.
    """
    if not layout.INDEX.exists():
        raise SourceError(f"{layout.INDEX}: the faces are being made anew; votes wait until then")
    index = read_csv(layout.INDEX, FACES)
    kept = index["status"] == "kept"
    shards = [
        read_shard(layout.scenes_of(source), COLUMNS).assign(source_id=source)
        for source in sorted(index.loc[kept, "source_id"].unique())
    ]
    scenes = (
        pd.concat(shards, ignore_index=True)
        if shards
        else pd.DataFrame(columns=[*COLUMNS, "source_id"])
    )
    scenes = scenes[~_withdrawn(scenes)]
    pairs = ["source_id", "scene_id"]
    here = pd.MultiIndex.from_frame(index[pairs]).isin(pd.MultiIndex.from_frame(scenes[pairs]))
    rows = scenes[["scene_id", "width", "height"]].itertuples(index=False, name=None)
    sizes = {str(scene): (int(width), int(height)) for scene, width, height in rows}
    return index.assign(status=index["status"].mask(kept & ~here, "withdrawn")), sizes


def _withdrawn(scenes: pd.DataFrame) -> "pd.Series[bool]":
    gone = read_withdrawn(layout.WITHDRAWN) if layout.WITHDRAWN.exists() else None
    if gone is None or not (gone.items or gone.authors):
        return pd.Series(False, index=scenes.index)
    sources = read_csv(layout.SOURCES, SOURCES)
    known = scenes["source_id"].isin(sources["source_id"])  # another's faces leave with the index
    return gone.among(scenes[known], sources).reindex(scenes.index, fill_value=False)
