"""What files hold, by their MD5; a file is hashed again only when it may have changed."""

import hashlib
import os
import time

SETTLED_NS = 1_000_000_000  # a file hashed sooner after a change may change again at the same time


class Contents:
    """A look at the files of a project at one moment.

    `known` is what an earlier look left behind: by path, the file's identity (inode, size,
    modification and change time), its MD5, and when it was hashed. The change time cannot be put
    back, so an edit is seen even where size and modification time stay the same.
    """

    def __init__(self, known: dict[str, list]) -> None:
        self.known = known
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
            self._md5s[path] = self._hash(path) if self.stat(path) else None
        return self._md5s[path]

    def look_again(self) -> None:
        """Forget what the files' status was, but not what they hold."""
        self._stats.clear()

    def set_mtime(self, path: str, mtime_ns: int) -> None:
        """Set the file's modification time; what it holds stays known."""
        md5 = self.md5(path)
        os.utime(path, ns=(mtime_ns, mtime_ns))
        del self._stats[path]
        self.known[path] = [*_identity(self.stat(path)), md5, time.time_ns()]

    def _hash(self, path: str) -> str:
        identity = _identity(self.stat(path))
        changed_ns = identity[-1]
        *seen, md5, hashed_ns = self.known.get(path, [None, 0])
        if seen != identity or hashed_ns < changed_ns + SETTLED_NS:
            hashed_ns = time.time_ns()
            with open(path, "rb") as file:
                md5 = hashlib.file_digest(file, "md5").hexdigest()
            self.known[path] = [*identity, md5, hashed_ns]
        return md5


def _identity(stat: os.stat_result) -> list[int]:
    return [stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
