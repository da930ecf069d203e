"""What the sources of pictures ask for."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from mien import layout
from mien.acquire.downloads import is_finished, request
from mien.acquire.listing import asked, hash_of, held_by, is_earlier, memory_of, recorded_listing
from mien.acquire.sources import is_remote, own_place
from mien.params import AcquireParams


class Source(NamedTuple):
    """What one row of data/sources.csv asks for."""

    id: str
    kind: str
    target: str  # a query, an address, a folder
    limit: int  # how many items it may give
    listing: str  # a hash of the files, where they are the user's own, else empty


def asked_of(table: pd.DataFrame, listings: Mapping[str, str]) -> dict[str, Source]:
    """Return the sources by their ids, in their order."""
    rows = table[["source_id", "kind", "target", "limit"]].itertuples(index=False)
    return {
        name: Source(name, kind, target, int(limit), listings.get(name, ""))
        for name, kind, target, limit in rows
    }


def ids(sources: Mapping[str, Source], kind: str) -> list[str]:
    """Return the ids of the sources of a kind."""
    return [name for name, source in sources.items() if source.kind == kind]


def asks_network(source: Source, params: AcquireParams) -> int:
    """Return 1 when the source's scenes cannot be made of what was fetched before, else 0."""
    if not is_remote(source.kind, source.target):
        return 0
    asked_for = request(source.kind, source.target, source.limit, params)
    return int(not is_finished(layout.DOWNLOADS / source.id, asked_for))


def listings_of(table: pd.DataFrame, max_megapixels: float) -> dict[str, str]:
    """Return the hash of the files of every source that is a folder or a file of the user's own."""
    rows = table[["source_id", "kind", "target"]].itertuples(index=False)
    return {
        name: listing_of(name, own_place(target), max_megapixels)
        for name, kind, target in rows
        if kind in ("folder", "video") and not is_remote(kind, target)
    }


def listing_of(name: str, place: Path, max_megapixels: float) -> str:
    """Return a hash of the files in a source's folder, or of its one file: of names and contents.

    Where it is not on this machine, it is as it was when its scenes were made. An earlier shard
    keeps its hash of names and sizes as long as it is what its files give. Raises SourceError when
    there is neither folder nor shard.
    """
    shard, skipped = layout.scenes_of(name), layout.skipped_of(name)
    recorded = recorded_listing(shard)
    if shard.is_file() and not place.exists():
        return recorded
    held = held_by(place, memory_of(name))
    if is_earlier(recorded):
        from mien.acquire.earlier import is_still

        if is_still(place, held, recorded, shard, skipped, max_megapixels):
            return recorded
    return asked(hash_of(held), recorded)
