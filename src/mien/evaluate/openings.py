"""The log of openings: how often each test part was looked at, for which models, with what result.

A test part says what a model is worth on faces that decided nothing. Each look at it takes some of
that away, so each leaves a line in data/test_openings.csv, which git keeps.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from mien.evaluate.files import Metrics
from mien.evaluate.tables import OPENINGS
from mien.tables import check, read_csv, write_csv

FIGURES = ("accuracy", "accuracy_low", "accuracy_high", "macro_f1", "log_loss")


def read_openings(path: Path) -> pd.DataFrame:
    """Return the table of openings, the oldest first; empty where no test part was ever opened."""
    if path.is_file():
        return read_csv(path, OPENINGS)
    return check(pd.DataFrame(columns=list(OPENINGS.columns)), OPENINGS, path)


def log_opening(path: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """Add a line without figures; return it once it is on the disk, with the number of the opening.

    Openings are counted by the name of the split: a few new faces begin no new count.
    """
    with _alone(path.parent):
        told = read_openings(path)
        line = {**about, "opening": 1 + int((told["split"] == about["split"]).sum())}
        _write(path, [*told.to_dict("records"), line])
    return line


def log_figures(path: Path, line: Mapping[str, Any], figures: Metrics) -> None:
    """Add the figures to a line that `log_opening` wrote, and return when they are on the disk."""
    with _alone(path.parent):
        told = read_openings(path).to_dict("records")
        found = [all(row[name] == value for name, value in line.items()) for row in told]
        place = found.index(True)
        told[place] |= {name: getattr(figures, name) for name in FIGURES}
        _write(path, told)


def hash_models(files: Sequence[Path]) -> str:
    """Return one SHA-256 over the files of a variant's models, in the order given."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _write(path: Path, rows: Sequence[Mapping[Any, Any]]) -> None:
    write_csv(path, pd.DataFrame(rows, columns=list(OPENINGS.columns)), OPENINGS)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else write a line meanwhile; in the end the file's name is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)
