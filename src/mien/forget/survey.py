"""What is here before anything is forgotten: every item by source, and every face by scene."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mien import layout
from mien.acquire.downloads import STATE, Downloads
from mien.acquire.folder import SAME_FILE
from mien.acquire.listing import recorded_listing
from mien.acquire.sources import read_sources
from mien.acquire.tables import SKIPPED, UNKNOWN
from mien.acquire.withdrawn import Withdrawn, hashed, item_name
from mien.errors import MienError
from mien.faces.tables import FACES
from mien.params import Params
from mien.shards import read_shard
from mien.tables import read_csv

SCENE = ("source_id", "scene_id", "item_id", "author")


@dataclass(frozen=True)
class Survey:
    """`sources` has source_id, kind and target, of sources asked for no more too.

    `scenes` has source_id, scene_id, item_id and author; `others` is alike for items without a
    scene of their own: the scene of a file that a folder has twice is that of the other name.
    `faces` has face_id and scene_id.
    """

    sources: pd.DataFrame
    scenes: pd.DataFrame
    others: pd.DataFrame
    faces: pd.DataFrame

    @property
    def items(self) -> pd.DataFrame:
        """Return all items, with a scene or without, and their `name` over all sources."""
        items = pd.concat([self.scenes, self.others], ignore_index=True)
        kinds = items["source_id"].map(self.sources.set_index("source_id")["kind"])
        named = zip(items["source_id"], kinds, items["item_id"], strict=True)
        return items.assign(name=[item_name(*place) for place in named])


def survey(params: Params) -> Survey:
    """Return what is here; raise an error where a table or shard cannot be read."""
    shards = sorted(layout.SCENES.glob("[!.]*.parquet"))
    scenes = _frame([read_shard(shard, SCENE) for shard in shards], SCENE)
    others = _frame([*_skipped(scenes), *_downloaded()], SCENE)
    return Survey(
        sources=_sources(params, pd.concat([scenes["source_id"], others["source_id"]])),
        scenes=scenes,
        others=others,
        faces=_frame(list(_faces()), ("face_id", "scene_id")).drop_duplicates(),
    )


def is_withdrawn(withdrawn: Withdrawn, items: Collection[str], found: Mapping[str, Any]) -> bool:
    """Return whether an object in a server's answer is a withdrawn item, or one of its author's.

    Any of its texts may be the name; Flickr's photos have their owner's in two. `items` are those
    known to be withdrawn: what lists a video may not say whose it is.
    """
    owner = " ".join(str(found.get("ownername", "")).split())
    names = [value for value in found.values() if isinstance(value, str) and value != UNKNOWN]
    hashes = {hashed(name) for name in (*names, f"{owner} ({found.get('owner')})")}
    known = withdrawn.items | withdrawn.authors
    return not (known.isdisjoint(hashes) and set(items).isdisjoint(names))


def downloads() -> Iterator[tuple[str, Downloads]]:
    """Yield every source that has a state of acquisition, and that state."""
    for state in sorted(layout.DOWNLOADS.glob(f"*/{STATE}")):
        yield state.parent.name, Downloads(state.parent)


def _sources(params: Params, present: "pd.Series[str]") -> pd.DataFrame:
    """Return the table of sources and, below it, sources that are here but no longer asked for."""
    sources = read_sources(layout.SOURCES, params.labels.expressions)[
        ["source_id", "kind", "target"]
    ]
    old = sorted(set(present) - set(sources["source_id"]))
    kinds = ["folder" if _was_folder(layout.scenes_of(name)) else "" for name in old]
    more = pd.DataFrame({"source_id": old, "kind": kinds, "target": ""}, dtype="string")
    return pd.concat([sources, more], ignore_index=True)


def _was_folder(shard: Path) -> bool:
    """Return whether a shard is of the user's own pictures, and not of frames of a video."""
    if not recorded_listing(shard):
        return False
    return bool(read_shard(shard, ["time_s"])["time_s"].isna().all())


def _skipped(scenes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    items = zip(scenes["source_id"], scenes["item_id"], strict=True)
    scene_of = dict(zip(items, scenes["scene_id"], strict=True))
    for path in sorted(layout.SKIPPED.glob("[!.]*.csv")):
        rows = read_csv(path, SKIPPED)
        named = rows[rows["state"] != "withdrawn"]  # the others have a hash for an item_id
        first = zip(named["source_id"], named["reason"].str.removeprefix(SAME_FILE), strict=True)
        shown = pd.Series([scene_of.get(place) for place in first], named.index, dtype="string")
        yield named[["source_id", "item_id"]].assign(author=UNKNOWN, scene_id=shown)


def _downloaded() -> Iterator[pd.DataFrame]:
    for source, state in downloads():
        named = [one for one in state.outcomes() if one.state != "withdrawn"]
        rows = [(one.item_id, str(one.about.get("author", UNKNOWN))) for one in named]
        table = pd.DataFrame(rows, columns=["item_id", "author"], dtype="string")
        yield table.assign(source_id=source)


def _faces() -> Iterator[pd.DataFrame]:
    for shard in sorted(layout.CROPS.glob("[!.]*.parquet")):
        yield read_shard(shard, ("face_id", "scene_id"))
    if layout.INDEX.is_file():
        yield read_csv(layout.INDEX, FACES)[["face_id", "scene_id"]]


def _frame(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=list(columns), dtype="string")
    return pd.concat([empty, *frames], ignore_index=True)


def check_place() -> None:
    """Raise MienError where this is no project, or Snakemake is at work in it."""
    if not layout.SOURCES.is_file():
        raise MienError(
            f"this folder is no project of mien: it has no {layout.SOURCES}; run in one"
        )
    if any(layout.LOCKS.glob("*.lock")):
        raise MienError(
            "Snakemake holds this folder: wait for its end; after a kill, `snakemake --unlock`"
        )
