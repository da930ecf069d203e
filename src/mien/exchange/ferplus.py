"""Vote counts in the layout of FER+: a row for each picture, a column for each answer.

Barsoum, Zhang, Canton Ferrer and Zhang, 2016: Training Deep Networks for Facial Expression
Recognition with Crowd-Sourced Label Distribution. Ten taggers vote; who cast which vote is not
known.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mien.errors import ParamsError, TableError
from mien.labels.tables import NO_EXPRESSION
from mien.tables import Column, Table, Where, from_rows, read_bytes, read_rows

EXPRESSIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
NAMES = {
    "happy": "happiness",
    "surprised": "surprise",
    "sad": "sadness",
    "angry": "anger",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "scared": "fear",
    "contemptuous": "contempt",
}
UNKNOWN, NO_FACE = "unknown", "NF"
USAGE, IMAGE, BOX = "Usage", "Image name", "Box"
USAGES = {"train": "Training", "val": "PublicTest", "test": "PrivateTest"}


def names(expressions: Iterable[str]) -> dict[str, str]:
    """Return the column of each expression: FER+'s word if FER+ has one for it alone.

    Raises ParamsError for the expression `unknown`, which is FER+'s column of unsure.
    """
    called = {name: NAMES.get(name, name) for name in expressions}
    words = list(called.values())
    if UNKNOWN in words:
        raise ParamsError(
            f"{UNKNOWN!r} in labels.expressions is FER+'s column of unsure; rename it"
        )
    return {name: word if words.count(word) == 1 else name for name, word in called.items()}


def table(columns: Iterable[str], any_of_them: bool = False) -> Table:
    """Return the table of counts with all, or any, of these columns of expressions."""
    boxes = {BOX: Column(optional=True, empty=True)} if any_of_them else {}
    return Table(
        "a table of vote counts",
        {
            USAGE: Column(optional=any_of_them, empty=True, allowed=tuple(USAGES.values())),
            IMAGE: Column(empty=True),  # FER+ names no picture in which all ten saw no face
            **dict.fromkeys(columns, Column("integer", optional=any_of_them)),
            UNKNOWN: Column("integer"),
            NO_FACE: Column("integer"),
            **boxes,
        },
    )


def read_counts(path: Path, expressions: Sequence[str], taggers: int) -> pd.DataFrame:
    """Return the counts in the file, with the columns of FER+ and the project that it has.

    A file without a header has the columns of FER+ in their order. A picture may be named twice, as
    in FER+'s own file. Raises TableError with the line of the first row that has a negative count,
    no vote, or more votes than taggers.
    """
    known = dict.fromkeys([*EXPRESSIONS, *names(expressions).values()])
    rows, lines = read_rows(read_bytes(path), path)
    if header := _header_of(rows[0]):
        rows, lines = [header, *rows], [1, *lines]
    frame, where = from_rows(rows, lines, table(known, any_of_them=True), path)
    if frame.empty:
        raise TableError(f"{path}: there are no rows")
    counts = frame.drop(columns=BOX).dropna(axis="columns", how="all")
    counts = counts.assign(**{IMAGE: frame[IMAGE]})
    _check_counts(counts, taggers, where)
    return counts


def _header_of(first: Sequence[str]) -> list[str] | None:
    """Return the columns of a file whose first row is this one, or None if the row is a header.

    FER+'s `fer2013new.csv` has a header, unless somebody cut it off. The `label.csv` of each part
    never has one, and begins with a picture's name and a box.
    """
    start = [USAGE, IMAGE] if first[0] in USAGES.values() else [IMAGE, BOX]
    header = [*start, *EXPRESSIONS, UNKNOWN, NO_FACE]
    counts = first[len(start) :]
    return header if len(first) == len(header) and all(map(str.isdigit, counts)) else None


def majority_share(counts: pd.DataFrame, taggers: int, columns: Sequence[str]) -> float:
    """Return the share of pictures for which more than half of the taggers gave one answer."""
    return float((counts[list(columns)].max(axis=1) * 2 > taggers).mean())


def answers(counts: pd.DataFrame) -> list[str]:
    """Return the columns that hold votes."""
    return [name for name in counts.columns if name not in (USAGE, IMAGE)]


def as_votes(
    counts: pd.DataFrame, expressions: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the counts by the project's answers, and the votes for other expressions.

    Votes for expressions that the project lacks become `unsure`, and so does `unknown`; `NF` is
    `not_a_face`.
    """
    ours = {word: name for name, word in names(expressions).items()}
    ours |= {UNKNOWN: "unsure", NO_FACE: "not_a_face"}
    merged = pd.DataFrame(0, counts.index, [*expressions, *NO_EXPRESSION])
    for column in answers(counts):
        merged[ours.get(column, "unsure")] += counts[column]
    lacking = {name: int(counts[name].sum()) for name in answers(counts) if name not in ours}
    return merged, {name: votes for name, votes in lacking.items() if votes}


def deal(votes: pd.DataFrame, prefix: str = "ferplus") -> pd.DataFrame:
    """Return the counts, a row a face, as single votes of anonymous voters: face_id, voter, vote.

    Votes are dealt out in the order of the columns; the first vote on a face goes to voter 1. Only
    the sums are true, not the votes of one voter or the agreement of two.
    """
    numbers = votes.to_numpy(dtype=np.int64)
    per_face = numbers.sum(axis=1)
    seat = np.arange(per_face.sum()) - np.repeat(per_face.cumsum() - per_face, per_face)
    vote = np.repeat(np.tile(votes.columns.to_numpy(), len(votes)), numbers.ravel())
    return pd.DataFrame(
        {
            "face_id": np.repeat(votes.index.to_numpy(), per_face),
            "voter": [f"{prefix}-{number}" for number in seat + 1],
            "vote": vote,
        },
        dtype="string",
    )


def count_votes(
    ballots: pd.DataFrame,
    faces: pd.DataFrame,
    expressions: Sequence[str],
    splits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the counts of round one, a row a face with votes, in the index's order.

    `ballots` are a poll's. `unknown` counts unsure, `NF` not_a_face and artificial. Without a table
    of splits every face is in Training; with one, faces without a split are left out.
    """
    first = ballots[ballots["round"] == "label"]
    tally = pd.crosstab(first["face_id"], first["vote"])
    tally = tally.reindex(columns=[*expressions, *NO_EXPRESSION], fill_value=0)
    usage = pd.Series("Training", index=tally.index)
    if splits is not None:
        usage = tally.index.to_series().map(splits.set_index("face_id")["split"].map(USAGES))
    ids = faces.loc[faces["face_id"].isin(usage.dropna().index), "face_id"]
    tally, usage = tally.loc[ids], usage.loc[ids]
    counts = tally[list(expressions)].rename(columns=names(expressions))
    counts.insert(0, USAGE, usage)
    counts.insert(1, IMAGE, [f"{face}.png" for face in ids])
    gone = tally["not_a_face"] + tally["artificial"]
    return counts.assign(**{UNKNOWN: tally["unsure"], NO_FACE: gone}).reset_index(drop=True)


def _check_counts(counts: pd.DataFrame, taggers: int, where: Where) -> None:
    columns = answers(counts)
    for name in columns:
        for row in np.flatnonzero(counts[name] < 0).tolist():
            raise TableError(
                f"{where(row)}: {name} is {counts[name].iloc[row]}; it must be 0 or more"
            )
    total = counts[columns].sum(axis=1)
    for row in np.flatnonzero((total < 1) | (total > taggers)).tolist():
        raise TableError(
            f"{where(row)}: {total.iloc[row]} votes; there must be 1 to {taggers} (--taggers)"
        )
