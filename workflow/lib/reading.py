"""One reading of a run's files: the plan, the jobs and dvc.lock speak of the same settings.

`look` is taken before anything is read, so that any edit from then on is noticed. What was read is
kept in a folder named by its hash, where jobs find it: an edit while they run does not reach them,
nor do they read what another run was given.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from mien.files import atomic

GIVEN = Path(".snakemake/given")

Look = dict[str, tuple[int, ...] | None]


def look(paths: Iterable[str]) -> Look:
    """Return an identity of the file at each path, which every edit changes.

    Restoring the old modification time does not hide an edit.
    """
    seen: Look = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            seen[path] = None
        else:
            seen[path] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return seen


def difference(before: Look, now: Look) -> str | None:
    """Return the path of a file that was edited, added or removed since the look, if any."""
    paths = sorted(before.keys() | now.keys())
    return next((path for path in paths if before.get(path) != now.get(path)), None)


def end_future(paths: Iterable[str]) -> None:
    """Set file times in the future to now: what such files make would never be up to date."""
    now_ns = time.time_ns()
    for path in paths:
        with contextlib.suppress(OSError):  # gone, or of somebody else in a shared folder
            status = os.stat(path)
            if max(status.st_mtime_ns, status.st_ctime_ns) > now_ns:
                mtime_ns = min(status.st_mtime_ns, now_ns)
                os.utime(path, ns=(mtime_ns, mtime_ns))


class Reading(NamedTuple):
    """What the files made by hand held."""

    settings: bytes  # params.yaml
    sources: bytes  # data/sources.csv
    found: dict[str, Any]  # which files there are

    def keep(self) -> Path:
        """Write it for the jobs; return the file of settings."""
        found = json.dumps(self.found, sort_keys=True).encode()
        pieces = {"params.yaml": self.settings, "sources.csv": self.sources, "found.json": found}
        folder = GIVEN / hashlib.sha256(b"\0".join(pieces.values())).hexdigest()[:16]
        for name, piece in pieces.items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != piece:
                with atomic(path) as temporary:
                    temporary.write_bytes(piece)
        return folder / "params.yaml"

    @classmethod
    def kept(cls, settings: Path) -> "Reading":
        """Return what was kept beside the file of settings."""
        sources, found = (settings.with_name(name) for name in ("sources.csv", "found.json"))
        return cls(settings.read_bytes(), sources.read_bytes(), json.loads(found.read_bytes()))
