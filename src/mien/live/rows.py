"""Predictions as rows of JSON lines or CSV, a row for every face of every frame."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from mien.boxes import BOX
from mien.cells import LineFeeds, guarded
from mien.live.classifier import Probabilities
from mien.live.metadata import UNSURE
from mien.live.smooth import Shown
from mien.live.track import Seen

Row = dict[str, Any]
DIGITS = 6
FILE = ("file", "kind", "frames", "faces", "drawn", "fault")
ANSWER = ("expression", "likeliest", "probability")


class Rows:
    """Writes rows as they come; after every frame the file has only whole rows."""

    def __init__(self, file: TextIO, is_csv: bool, columns: Sequence[str]) -> None:
        self._file, self._is_csv = file, is_csv
        self._csv = csv.DictWriter(LineFeeds(file), columns, lineterminator="\r\n")
        if is_csv:
            self._csv.writeheader()

    def add(self, rows: Iterable[Row]) -> None:
        """Write the rows of a frame; they are in the file when this returns."""
        if self._is_csv:
            self._csv.writerows(map(_guarded, rows))
        else:
            texts = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
            self._file.writelines(f"{text}\n" for text in texts)
        self._file.flush()


@contextmanager
def write_rows(path: Path, columns: Sequence[str]) -> Iterator[Rows]:
    """Give a writer of rows into the file, as CSV or JSON lines by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        yield Rows(file, path.suffix == ".csv", columns)


def face_columns(classes: Sequence[str]) -> list[str]:
    """Return the columns of the table of faces."""
    return [
        *("file", "frame", "time_s", "track"),
        *(*BOX, "confidence", *ANSWER),
        *(f"p_{name}" for name in classes),
        *(f"smoothed_{name}" for name in classes),
    ]


def row_of(
    file: str, frame: int | None, time_s: float | None, seen: Seen, classes: Sequence[str]
) -> Row:
    """Return the row of a face; `frame` counts from 0; a photograph has neither frame nor time.

    `p_<class>` are the probabilities of this frame, `smoothed_<class>` those over time, which
    decide the expression; `probability` is the greatest of them.
    """
    face = seen.face
    return {
        "file": file,
        "frame": frame,
        "time_s": None if time_s is None else round(time_s, DIGITS),
        "track": seen.track,
        **dict(zip(BOX, face.box, strict=True)),
        "confidence": round(face.confidence, DIGITS),
        **answer_of(seen.shown, seen.smoothed, classes),
        **_named("p_", classes, face.probabilities),
        **_named("smoothed_", classes, seen.smoothed),
    }


def name_of(shown: Shown, classes: Sequence[str]) -> str:
    """Return the expression if it is sure, else `unsure`."""
    return classes[shown.place] if shown.is_sure else UNSURE


def answer_of(shown: Shown, probabilities: Probabilities, classes: Sequence[str]) -> Row:
    """Return the answer, the likeliest class and its probability."""
    return {"expression": name_of(shown, classes), **likeliest_of(probabilities, classes)}


def likeliest_of(probabilities: Probabilities, classes: Sequence[str]) -> Row:
    """Return the class with the greatest probability, the first of equal ones, and both."""
    place = int(np.argmax(probabilities))
    return {
        "likeliest": classes[place],
        "probability": round(float(probabilities[place]), DIGITS),
    }


def _guarded(row: Row) -> Row:
    """Return the row with guarded texts: a file's name may look like a formula."""
    return {name: guarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()}


def _named(prefix: str, classes: Sequence[str], values: Probabilities) -> dict[str, float]:
    return {
        f"{prefix}{name}": round(float(value), DIGITS)
        for name, value in zip(classes, values, strict=True)
    }
