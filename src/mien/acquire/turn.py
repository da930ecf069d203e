"""Taking turns: only one mien on this machine asks a server at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mien.progress import say


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; if another process holds it, say so and wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another mien holds {path}: waiting until it ends")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
