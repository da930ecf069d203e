"""Checks of ballots beyond columns and types; each raises an error for the first fault."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from mien.errors import ParamsError, TableError, quoted, suggestion
from mien.labels.tables import NO_EXPRESSION, TAKEN_BACK
from mien.labels.voters import is_dealt
from mien.params import CountedLabels, LabelsParams
from mien.tables import Where


def check_rounds(frame: pd.DataFrame, where: Where) -> None:
    """Raise TableError for the first vote that does not answer its round's question."""
    review = frame["round"] == "review"
    answer = frame["vote"].isin(["yes", "no"])
    neutral = frame["vote"].isin([*NO_EXPRESSION, TAKEN_BACK])
    for row in _rows(~review & answer):
        raise TableError(
            f"{where(row)}: vote is {frame['vote'].iloc[row]!r} in round label; "
            "yes and no answer round review"
        )
    for row in _rows(review & ~answer & ~neutral):
        raise TableError(
            f"{where(row)}: vote is {frame['vote'].iloc[row]!r} in round review; "
            f"it must be one of yes, no, {', '.join(NO_EXPRESSION)}"
        )
    for row in _rows(review & frame["asked"].isna()):
        raise TableError(
            f"{where(row)}: asked is empty; in round review it is the expression asked about"
        )


def check_values(frame: pd.DataFrame, voter: str, where: Where) -> None:
    """Raise TableError for the first wrong voter, box, repeat, second expression or time."""
    for row in _rows(frame["voter"] != voter):
        raise TableError(
            f"{where(row)}: voter is {quoted(frame['voter'].iloc[row])}, but the file is named "
            f"after {voter!r}; each voter has one file"
        )
    for name, least in (("width", 1), ("height", 1), ("repeat", 0)):
        for row in _rows(frame[name] < least):
            value = frame[name].iloc[row]
            raise TableError(f"{where(row)}: {name} is {value}; it must be {least} or more")
    for row in _rows(frame["also"].notna() & (frame["also"] == frame["vote"])):
        raise TableError(
            f"{where(row)}: also is {frame['also'].iloc[row]!r}, as is vote; "
            "leave it empty or name a second expression"
        )
    for row, text in enumerate(frame["cast_at"]):
        try:
            moment(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise TableError(
                f"{where(row)}: cast_at is {quoted(text)}; it must be an ISO time "
                "such as 2024-05-17T14:03:00+00:00"
            ) from None


def check_hopes(faces: pd.DataFrame, params: LabelsParams, index: Path) -> None:
    """Raise TableError for the first face whose source names an unknown expression."""
    hopes, known = faces["expression"], params.expressions
    for row in _rows(hopes.notna() & ~hopes.isin(known)):
        way = suggestion(hopes.iloc[row], known) or f"; there are {', '.join(known)}"
        raise TableError(
            f"{Where(index)(row)}: source {faces['source_id'].iloc[row]} names the expression "
            f"{quoted(hopes.iloc[row])}, which is not in labels.expressions{way}"
        )


def check_rule(ballots: pd.DataFrame, params: LabelsParams, path: Path) -> None:
    """Raise ParamsError when the rule weighs voters, but nobody knows who cast which vote."""
    dealt = next((name for name in ballots["voter"].unique() if is_dealt(name)), None)
    if params.rule == "dawid-skene" and dealt is not None:
        raise ParamsError(
            f"{path}: labels.rule is dawid-skene, which weighs every voter, but the votes of "
            f"{dealt!r} were dealt out from sums; take strict or majority"
        )


def check_voters(reviews: pd.DataFrame, params: CountedLabels, path: Path) -> None:
    """Raise ParamsError when more people reviewed a face than the settings count.

    In round label more may vote, to break a tie.
    """
    counts = reviews.groupby("face_id")["voter"].nunique()
    for face in counts.index[counts > params.voters]:
        voters = sorted(reviews.loc[reviews["face_id"] == face, "voter"].unique())
        raise ParamsError(
            f"{path}: labels.voters is {params.voters}, but {len(voters)} voted on face {face}: "
            f"{', '.join(voters)}; set it to how many vote on a face, or to null"
        )


def moment(text: str) -> datetime:
    """Return the time in the text; the default zone is UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _rows(flags: pd.Series) -> Sequence[int]:
    """Return the positions of the rows that are flagged."""
    return [int(row) for row in flags.fillna(False).to_numpy(dtype=bool).nonzero()[0]]
