"""What second looks at doubted labels have changed."""

import numpy as np
import pandas as pd

from mien.evaluate.files import SecondLook
from mien.labels.ballots import latest
from mien.labels.checks import moment
from mien.labels.times import stamp

OUTCOMES = ("confirmed", "suggested", "other", "unlabelled", "unanswered", "gone")


def second_look(looked: pd.DataFrame, labels: pd.Series, cast: pd.DataFrame) -> SecondLook:
    """Return how many doubted labels were `offered`, their `outcomes`, and those of each class.

    `looked` are the rows of data/second_look.csv, `labels` has today's label of every kept face by
    its id, `cast` are all rows of the voters' files. A label was confirmed, or became the one the
    models suggested, or another, or the face lost it. Unanswered: nobody voted on the face since it
    was offered. Gone: it is not among the kept faces any more. A face that was offered again with
    another label had that one after its earlier look. Classes go by the label that was doubted.
    """
    in_time = looked.sort_values("offered_at", kind="stable")
    following = in_time.groupby("face_id")["label"].shift(-1).reindex(looked.index)
    after = following.fillna(looked["face_id"].map(labels))
    conditions = [
        following.isna() & ~looked["face_id"].isin(labels.index),
        following.isna() & ~_answered(looked, cast),
        after.isna(),
        after == looked["label"],
        after == looked["suggested"],
    ]
    names = ["gone", "unanswered", "unlabelled", "confirmed", "suggested"]
    flags = [condition.fillna(False).to_numpy(dtype=bool) for condition in conditions]
    outcome = pd.Series(np.select(flags, names, "other"), index=looked.index, dtype="string")
    by_class = outcome.groupby(looked["label"], sort=True)
    return SecondLook(
        offered=len(looked),
        outcomes=_counts(outcome),
        classes={str(name): _counts(rows) for name, rows in by_class},
    )


def _answered(looked: pd.DataFrame, cast: pd.DataFrame) -> pd.Series:
    """Return whether a vote of round one stands that was cast after the face was offered."""
    standing, _ = latest(cast[(cast["round"] == "label") & (cast["repeat"] == 0)])
    times = standing["cast_at"].map(lambda text: stamp(moment(text))).astype("string")
    last = times.groupby(standing["face_id"]).max()
    return looked["face_id"].map(last).fillna("") > looked["offered_at"]


def _counts(outcome: pd.Series) -> dict[str, int]:
    counts = outcome.value_counts()
    return {name: int(counts.get(name, 0)) for name in OUTCOMES}
