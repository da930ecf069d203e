"""Which round is open: `data/rounds.csv` names those that were closed."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from mien.errors import ParamsError
from mien.labels.tables import ROUNDS
from mien.labels.vote.times import stamp
from mien.tables import Column, Table, read_csv, write_csv

CLOSED = Table(
    "the table of closed rounds",
    {"round": Column(allowed=ROUNDS), "closed_at": Column()},
    key=("round",),
)


def closed_rounds(path: Path) -> dict[str, str]:
    """Return when each closed round was closed; a missing file closes none."""
    if not path.exists():
        return {}
    table = read_csv(path, CLOSED)
    return dict(zip(table["round"], table["closed_at"], strict=True))


def open_round(closed: dict[str, str]) -> str | None:
    """Return the first round that is not closed; none when all are."""
    return next((name for name in ROUNDS if name not in closed), None)


def close_round(path: Path, name: str, now: datetime) -> str | None:
    """Add the round to the file and return the one that is open then.

    Raises ParamsError when it is not the open one.
    """
    closed = closed_rounds(path)
    current = open_round(closed)
    if name != current:
        state = f"the round {current} is open" if current else "all rounds are closed"
        raise ParamsError(f"the round {name!r} cannot be closed: {state}")
    closed[name] = stamp(now)
    write_csv(path, pd.DataFrame({"round": list(closed), "closed_at": closed.values()}), CLOSED)
    return open_round(closed)
