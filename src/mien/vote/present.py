"""Which faces there are to vote on now: a server that is at work follows the tables."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.acquire.tables import SOURCES
from mien.acquire.withdrawn import read_withdrawn
from mien.errors import SourceError
from mien.faces.tables import FACES
from mien.shards import read_shard
from mien.tables import read_csv

COLUMNS = ["scene_id", "item_id", "author", "width", "height"]
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Places:
    """Where the tables are."""

    index: Path
    sources: Path
    withdrawn: Path
    scenes: Path
    simulated: Path
    rounds: Path
    second_look: Path


def stamps(*paths: Path) -> list[Stamp | None]:
    """Return what changes with each file, None where there is none."""
    found = [path.stat() if path.exists() else None for path in paths]
    return [file and (file.st_ino, file.st_size, file.st_mtime_ns) for file in found]


def faces_present(places: Places) -> tuple[pd.DataFrame, dict[str, tuple[int, int]]]:
    """Return the index of faces, and width and height in pixels of their scenes by scene id.

    A face whose scene was withdrawn since the index was made, or is gone, is withdrawn. Raises
    SourceError while there is no index.
    """
    if not places.index.exists():
        raise SourceError(f"{places.index}: the faces are being made anew; votes wait until then")
    index = read_csv(places.index, FACES)
    kept = index["status"] == "kept"
    shards = [
        read_shard(places.scenes / f"{source}.parquet", COLUMNS).assign(source_id=source)
        for source in sorted(index.loc[kept, "source_id"].unique())
    ]
    scenes = (
        pd.concat(shards, ignore_index=True)
        if shards
        else pd.DataFrame(columns=[*COLUMNS, "source_id"])
    )
    scenes = scenes[~_withdrawn(scenes, places)]
    pairs = ["source_id", "scene_id"]
    here = pd.MultiIndex.from_frame(index[pairs]).isin(pd.MultiIndex.from_frame(scenes[pairs]))
    rows = scenes[["scene_id", "width", "height"]].itertuples(index=False, name=None)
    sizes = {str(scene): (int(width), int(height)) for scene, width, height in rows}
    return index.assign(status=index["status"].mask(kept & ~here, "withdrawn")), sizes


def _withdrawn(scenes: pd.DataFrame, places: Places) -> "pd.Series[bool]":
    gone = read_withdrawn(places.withdrawn) if places.withdrawn.exists() else None
    if gone is None or not (gone.items or gone.authors):
        return pd.Series(False, index=scenes.index)
    sources = read_csv(places.sources, SOURCES)
    known = scenes["source_id"].isin(sources["source_id"])  # another's faces leave with the index
    return gone.among(scenes[known], sources).reindex(scenes.index, fill_value=False)
