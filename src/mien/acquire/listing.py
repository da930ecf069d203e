"""The names and contents of a user's own folder or file as one hash, its listing.

A file is read again only if its inode, size, modification or change time differs from the
remembered one. A change time cannot be put back.
"""

import hashlib
import json
import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mien import layout
from mien.errors import PictureError, SourceError
from mien.files import atomic, read_json
from mien.folders import LARGER, MOST_BYTES, as_text, names_in, why_not
from mien.ids import sha256_of
from mien.progress import track

LISTING = b"listing"  # the key in the schema of a shard of scenes
EDITED, AGAIN = "edited ", " again"  # before and after a listing
BY_CONTENT = "contents "  # the start of a listing; earlier ones, of names and sizes, lack it
SETTLED_NS = 1_000_000_000  # a second change sooner than this may leave the same change time

Identity = list[int]  # inode, size, modification and change time
Known = dict[str, tuple[Identity, int, str]]  # a file, when it was read, and its SHA-256


def listing(place: Path, memory: Path | None = None) -> str:
    """Return the listing of a folder or file. Raises SourceError as `held_by` does."""
    return hash_of(held_by(place, memory))


def held_by(place: Path, memory: Path | None = None) -> dict[str, str]:
    """Return by name the SHA-256 of every file in the folder, or why it is not read.

    The place may be a file; its name here is empty. `memory` is the file of remembered hashes.
    Raises SourceError when the place is missing or empty.
    """
    names = [""] if place.is_file() else names_in(place)
    known = _read_known(memory)
    held: dict[str, str] = {}
    unread: dict[str, Identity] = {}
    for name in names:
        try:
            identity = _identity(place, name)
        except PictureError as reason:
            held[name] = str(reason)
            continue
        entry = known.get(_unnamed(name))
        if entry and entry[0] == identity and entry[1] > identity[-1] + SETTLED_NS:
            held[name] = entry[2]
        else:
            unread[name] = identity
    for name in track(unread, f"look at {place.name}", len(names), done=len(held)):
        begun_ns = time.time_ns()
        try:
            held[name] = sha256_of(place / name)
            known[_unnamed(name)] = (unread[name], begun_ns, held[name])
        except OSError as error:
            held[name] = f"not readable: {error.strerror}"
    kept = {key: known[key] for key in map(_unnamed, names) if key in known}
    if memory and (unread or len(kept) < len(known)):
        with suppress(SourceError, OSError):  # without a memory all is read again
            _write_known(memory, kept)
    return {as_text(name): held[name] for name in names}


def hash_of(held: Mapping[str, str]) -> str:
    """Return the listing for what `held_by` returned."""
    text = json.dumps(sorted(held.items()))
    return BY_CONTENT + hashlib.sha256(text.encode()).hexdigest()


def asked(now: str, recorded: str) -> str:
    """Return the listing to ask for: the shard's `recorded` one if it is the listing `now`.

    A shard that was read during an edit is asked for again, even if the edit was undone.
    """
    if recorded.startswith(now):
        return recorded
    return now + AGAIN if recorded.startswith(EDITED) else now


def answered(now: str, source_id: str, settings: Path) -> str:
    """Return the listing to record in a shard: the planned one if it is still true.

    A run writes the planned listings beside the settings of its jobs.
    """
    given = settings.with_name("found.json")
    found = read_json(given).get("listings", {}) if given.is_file() else {}
    planned: str = found.get(source_id, now)
    return planned if planned.startswith(now) or is_earlier(planned) else EDITED + now


def memory_of(source_id: str) -> Path:
    """Return the file of remembered hashes of a source."""
    return layout.LISTINGS / f"{source_id}.json"


def is_earlier(recorded: str) -> bool:
    """Return whether a listing is of names and sizes, as in shards of earlier versions."""
    return bool(recorded) and not recorded.startswith((BY_CONTENT, EDITED))


def recorded_listing(shard: Path) -> str:
    """Return the listing that a shard of scenes was made from, or an empty text."""
    if not shard.is_file():
        return ""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata: dict[bytes, bytes] = pq.read_schema(shard).metadata or {}
    except (OSError, pa.ArrowException):
        return ""
    return metadata.get(LISTING, b"").decode()


def _identity(place: Path, name: str) -> Identity:
    """Return what changes when the file does. Raises PictureError when the file is not read."""
    path = f"{place}/{name}" if name else place
    try:
        status = os.lstat(path)
        if name and not stat.S_ISREG(status.st_mode) and (reason := why_not(place / name, place)):
            raise PictureError(reason)
        if stat.S_ISLNK(status.st_mode):
            status = Path(path).stat()
    except OSError as error:
        raise PictureError(f"not readable: {error.strerror}") from None
    if name and status.st_size > MOST_BYTES:
        raise PictureError(LARGER)
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _unnamed(name: str) -> str:
    """Return a hash for the file's name: the memory must not name withdrawn files."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:32]


def _read_known(path: Path | None) -> Known:
    """Return the memory; an empty one if the file is missing or damaged."""
    if path is None:
        return {}
    try:
        checksum, content = path.read_bytes().split(b"\n", 1)
    except (OSError, ValueError):
        return {}
    if hashlib.sha256(content).hexdigest().encode() != checksum:
        return {}
    known: Known = json.loads(content)
    return known


def _write_known(path: Path, known: Known) -> None:
    content = json.dumps(known).encode()
    with atomic(path) as temporary:
        temporary.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
