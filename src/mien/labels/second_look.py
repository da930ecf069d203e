"""The second look: faces whose labels are doubted, offered to the voters once more.

`data/second_look.csv` remembers what was offered and when; it is only ever appended to. The look is
open while it has faces that were offered after the last one was closed. A face is offered once for
each label it comes to have: who confirmed a label is not asked about it for ever.
"""

import os
from datetime import datetime
from pathlib import Path

import pandas as pd

from mien.labels.tables import LOOKED
from mien.labels.times import stamp
from mien.tables import check, read_csv


def looked_at(path: Path) -> pd.DataFrame:
    """Return every row of the file; none when it is missing."""
    if not path.exists():
        return check(pd.DataFrame(columns=list(LOOKED.columns)), LOOKED, path)
    return read_csv(path, LOOKED)


def offered(path: Path, closed_at: str | None) -> dict[str, str]:
    """Return the faces of the open look in the file's order, and when each was offered."""
    rows = looked_at(path)
    since = rows[rows["offered_at"] > (closed_at or "")]
    return dict(zip(since["face_id"], since["offered_at"], strict=True))


def offer(path: Path, suspected: pd.DataFrame, now: datetime) -> int:
    """Append the faces that were not offered with this label before; return how many.

    `suspected` has face_id, label, suggested and quality. The rows are on the disk on return.
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
