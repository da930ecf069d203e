"""The voters' files while a server is at work: nothing is acknowledged before it is on the disk."""

import csv
import errno
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from mien.errors import DiskError, SourceError
from mien.labels import tables
from mien.labels.ballots import ballot_files, read_ballots, voter_of
from mien.tables import write_csv


class BallotBox:
    """Ballots appended to `<folder>/<voter>.csv`.

    A line that a killed server left torn is closed off when the box is opened: no voter got an
    answer to it, so the browser sends it again.
    """

    def __init__(self, folder: Path, expressions: Sequence[str]) -> None:
        self._folder = folder
        self._expressions = list(expressions)
        self._columns = list(tables.ballots(expressions).columns)
        self._sizes: dict[str, int] = {}

    @property
    def paths(self) -> list[Path]:
        """The voters' files that there are."""
        return ballot_files(self._folder)

    @property
    def voters(self) -> list[str]:
        """Who has a file."""
        return [voter_of(path) for path in self.paths]

    def tidy(self) -> list[str]:
        """Make every file ready for appending; return the places of torn lines.

        Raises TableError for a file that holds something else than ballots, and leaves it as it is.
        """
        return [place for path in self.paths for place in self._tidy(path)]

    def append(self, voter: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add the rows to the voter's file and return when they are on the disk.

        Raises DiskError when they cannot be written, and leaves the file as it was.
        """
        path = self._folder / f"{voter}.csv"
        is_new = not path.exists()
        if not is_new and path.stat().st_size != self._sizes.get(voter):
            self._tidy(path)  # somebody else wrote in it
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            header = is_new or not path.stat().st_size
            self._sizes[voter] = _append(path, _lines(rows, self._columns, header))
            if is_new:
                _sync_folder(self._folder)
        except OSError as error:
            if is_new:
                path.unlink(missing_ok=True)
            raise DiskError(f"{path}: it cannot be written: {error.strerror}") from None

    def _tidy(self, path: Path) -> list[str]:
        ballots, torn = read_ballots([path], self._expressions)
        content = path.read_bytes()
        header = ",".join(self._columns).encode() + b"\n"
        if content and (torn or not content.startswith(header) or not content.endswith(b"\n")):
            write_csv(path, pd.DataFrame(ballots), tables.ballots(self._expressions))
        self._sizes[path.stem] = path.stat().st_size
        return torn


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, which ends with the process.

    Raises SourceError when another process holds it, since two servers would not know of each
    other's ballots.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            process = lock.read().strip()
            raise SourceError(
                f"another `mien vote` serves this folder, process {process}; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _append(path: Path, content: bytes) -> int:
    """Append to the file and return its size; when that fails, leave it as it was."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(file).st_size
        try:
            if os.write(file, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file)
        except OSError:
            os.ftruncate(file, size)
            raise
        return size + len(content)
    finally:
        os.close(file)


def _lines(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], header: bool) -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _sync_folder(folder: Path) -> None:
    """Write the folder's list of names to the disk: without it a power cut can lose a new file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
