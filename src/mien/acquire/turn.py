"""Taking turns: a server sees one mien at a time, however many run on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mien.progress import say


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, which ends with the process; wait for it, and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another mien holds {path}: waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
