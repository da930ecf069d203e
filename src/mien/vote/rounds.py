"""The open round: `data/rounds.csv` names the closed ones.

A second look may follow when all rounds are closed. After it the review is open again, since a face
with a new first label was never reviewed.
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pandas as pd

from mien.errors import ParamsError
from mien.labels.second_look import offer, offered
from mien.labels.tables import ROUNDS, SECOND_LOOK
from mien.labels.times import stamp
from mien.tables import read_csv, write_csv
from mien.vote.tables import CLOSED


def closed_rounds(path: Path) -> dict[str, str]:
    """Return when each closed round was closed; a missing file closes none."""
    if not path.exists():
        return {}
    table = read_csv(path, CLOSED)
    return dict(zip(table["round"], table["closed_at"], strict=True))


def open_round(closed: Collection[str], looked_at: Collection[str]) -> str | None:
    """Return the second look while there are faces in it, else the first round not closed."""
    if looked_at:
        return SECOND_LOOK
    return next((name for name in ROUNDS if name not in closed), None)


def close_round(path: Path, looks: Path, name: str, now: datetime) -> str | None:
    """Add the round to the file and return the one that is open then.

    `looks` is the table of second looks. Raises ParamsError when the round is not the open one.
    """
    closed, current = _state(path, looks)
    if name != current:
        state = f"the round {current} is open" if current else "all rounds are closed"
        raise ParamsError(f"the round {name!r} cannot be closed: {state}")
    closed[name] = stamp(now)
    if name == SECOND_LOOK:
        closed.pop("review", None)
    write_csv(path, pd.DataFrame({"round": list(closed), "closed_at": closed.values()}), CLOSED)
    return open_round(closed, ())


def begin_second_look(path: Path, looks: Path, suspected: pd.DataFrame, now: datetime) -> int:
    """Offer the suspected faces for a second look; return how many are new.

    A second look that is open already is extended. Raises ParamsError while another round is open:
    its last votes would come too late.
    """
    _, current = _state(path, looks)
    if current not in (None, SECOND_LOOK):
        raise ParamsError(
            f"the round {current} is open, and a second look follows when all are closed; "
            f"close it first: mien vote close {current}"
        )
    return offer(looks, suspected, now)


def _state(path: Path, looks: Path) -> tuple[dict[str, str], str | None]:
    """Return when each round was closed, and which is open."""
    closed = closed_rounds(path)
    return closed, open_round(closed, offered(looks, closed.get(SECOND_LOOK)))
