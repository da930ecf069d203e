"""The second look: faces with doubtful labels, which are offered to the voters once more.

`data/second_look.csv` has every offer and its time; rows are only ever appended. A look is open
while it has faces that were offered after the last look was closed. A face is offered only once
with the same label, so that a confirmed label is not questioned again.
"""

import os
from datetime import datetime
from pathlib import Path

import pandas as pd

from mien.labels.tables import LOOKED
from mien.labels.times import stamp
from mien.tables import check, read_csv


def looked_at(path: Path) -> pd.DataFrame:
    """Return every row of the file; none if the file is missing."""
    if not path.exists():
        return check(pd.DataFrame(columns=list(LOOKED.columns)), LOOKED, path)
    return read_csv(path, LOOKED)


def offered(path: Path, closed_at: str | None) -> dict[str, str]:
    """Return the faces of the open look, in the file's order, with the time of each offer."""
    rows = looked_at(path)
    since = rows[rows["offered_at"] > (closed_at or "")]
    return dict(zip(since["face_id"], since["offered_at"], strict=True))


def offer(path: Path, suspected: pd.DataFrame, now: datetime) -> int:
    """Append the faces that were not offered with this label before; return their number.

    `suspected` has face_id, label, suggested and quality. Rows are on the disk on return.
    """
    before = pd.MultiIndex.from_frame(looked_at(path)[["face_id", "label"]])
    is_new = ~pd.MultiIndex.from_frame(suspected[["face_id", "label"]]).isin(before)
    fresh = suspected[is_new].assign(offered_at=stamp(now))[list(LOOKED.columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        content = file.read()
        start = b"" if not content or content.endswith(b"\n") else b"\n"
        rows = fresh.to_csv(index=False, header=not content, lineterminator="\n").encode()
        file.write(start + rows)
        file.flush()
        os.fsync(file.fileno())
    return len(fresh)
