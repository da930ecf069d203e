"""Whether shards from the time when a listing was of names and sizes are still up to date.

Their listing has no hashes of contents, but every scene has the hash of its file. A shard is up to
date if names and sizes are unchanged, every file that gave a scene has its hash, and every other
file still gives none.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from mien.acquire.scenes import check_picture
from mien.acquire.tables import SKIPPED
from mien.errors import PictureError, TableError
from mien.folders import read_file
from mien.shards import read_shard
from mien.tables import read_csv


def is_still(
    place: Path,
    held: Mapping[str, str],
    recorded: str,
    shard: Path,
    skipped: Path,
    max_megapixels: float,
) -> bool:
    """Return whether a shard with the earlier listing `recorded` is what the place gives.

    `held` is what `held_by` returned for the place.
    """
    if _names_and_sizes(place, held) != recorded:
        return False
    try:
        scenes, lost = read_shard(shard, ["item_id", "sha256"]), read_csv(skipped, SKIPPED)
    except TableError:
        return False
    if place.is_file():
        return bool(len(scenes) and (scenes["sha256"] == held[""]).all())
    hashes = dict(zip(scenes["item_id"], scenes["sha256"], strict=True))
    if any(held.get(name) != content for name, content in hashes.items()):
        return False
    twins = lost.loc[lost["state"] == "repeated", "item_id"]
    useless = lost.loc[lost["state"] == "unusable", "item_id"]
    return set(twins.map(held)) <= set(hashes.values()) and not any(
        _is_usable(place / name, max_megapixels) for name in useless
    )


def _names_and_sizes(place: Path, held: Mapping[str, str]) -> str:
    names = (f"{name or '.'} {_size(place / name)}\n" for name in sorted(held))
    return hashlib.sha256("".join(names).encode()).hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1  # such as a link to nothing


def _is_usable(path: Path, max_megapixels: float) -> bool:
    try:
        check_picture(read_file(path), max_megapixels)
    except PictureError:
        return False
    return True
