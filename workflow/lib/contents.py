"""What files hold, by their MD5; a file is hashed again only when it may have changed."""

import contextlib
import hashlib
import os
import time
from typing import Any, NamedTuple

SETTLED_NS = 1_000_000_000  # a file hashed sooner after a change may change again at the same time


class Hashed(NamedTuple):
    """What a file was when it was hashed. A change time cannot be put back, as the others can."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    md5: str
    hashed_ns: int


class Contents:
    """A look at the files of a project at one moment; `known` is what earlier looks found."""

    def __init__(self, known: dict[str, list[Any]]) -> None:
        self.known = {path: Hashed(*values) for path, values in known.items()}
        self._stats: dict[str, os.stat_result | None] = {}
        self._md5s: dict[str, str | None] = {}

    def stat(self, path: str) -> os.stat_result | None:
        """Return the file's status, or None where there is no such file."""
        if path not in self._stats:
            try:
                self._stats[path] = os.stat(path)
            except OSError:
                self._stats[path] = None
        return self._stats[path]

    def md5(self, path: str) -> str | None:
        """Return the MD5 of what the file holds, or None where there is no such file."""
        if path not in self._md5s:
            status = self.stat(path)
            self._md5s[path] = self._hash(path, status) if status else None
        return self._md5s[path]

    def look_again(self) -> None:
        """Forget what the files' status was, but not what they hold."""
        self._stats.clear()

    def set_mtime(self, path: str, mtime_ns: int) -> None:
        """Set the file's modification time; what it holds stays known."""
        md5 = self.md5(path)
        with contextlib.suppress(PermissionError):  # the file of somebody else, in a shared folder
            os.utime(path, ns=(mtime_ns, mtime_ns))
        self._stats.pop(path, None)
        if (status := self.stat(path)) and md5:
            self._know(path, status, md5)

    def _hash(self, path: str, status: os.stat_result) -> str:
        known = self.known.get(path)
        identity = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if known and known[:4] == identity and known.hashed_ns > known.ctime_ns + SETTLED_NS:
            return known.md5
        with open(path, "rb") as file:
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        self._know(path, status, md5)
        return md5

    def _know(self, path: str, status: os.stat_result, md5: str) -> None:
        self.known[path] = Hashed(
            *(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns),
            *(md5, time.time_ns()),
        )
