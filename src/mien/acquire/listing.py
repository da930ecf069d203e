"""What a folder or a file of the user's own holds, told without opening a file."""

import hashlib
import os
from pathlib import Path

from mien.errors import SourceError

LISTING = b"listing"  # where a shard of scenes keeps, in its schema, what it was made from


def files_in(folder: Path) -> list[Path]:
    """Return every file below the folder in the order of their paths, hidden ones left out.

    Raises SourceError when the folder is not there or empty.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder; correct its target in sources.csv")
    found: list[Path] = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    if not found:
        raise SourceError(f"{folder}: the folder is empty")
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def listing(place: Path) -> str:
    """Return a hash of what a folder holds: the names and sizes of its files. Or of one file.

    It changes when a file is added, removed or replaced by one of another size.
    """
    files = [place] if place.is_file() else files_in(place)
    names = (f"{path.relative_to(place)} {_size(path)}\n" for path in files)
    return hashlib.sha256("".join(names).encode()).hexdigest()


def recorded_listing(shard: Path) -> str:
    """Return the listing that a shard of scenes was made from, empty when there is no shard."""
    if not shard.is_file():
        return ""
    import pyarrow.parquet as pq

    metadata: dict[bytes, bytes] = pq.read_schema(shard).metadata or {}
    return metadata.get(LISTING, b"").decode()


def _size(path: Path) -> int:
    """Return the size in bytes, -1 for what cannot be read, such as a link to nothing."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
