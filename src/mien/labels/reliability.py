"""How far each voter agrees with the labels and with themselves, and how often they are right."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mien.labels.dawid_skene import dawid_skene
from mien.labels.tables import NO_EXPRESSION

Json = dict[str, Any]
Z = 1.96  # of a 95 % interval
BEHIND = 0.1  # an unreliable voter's accuracy is surely so far below that of the others
FEWEST = 20  # of fewer votes, most may be wrong by chance


def voters(
    first: pd.DataFrame, again: pd.DataFrame, label: pd.Series, expressions: Sequence[str]
) -> list[Json]:
    """Return the figures of every voter, by name.

    `first` are the ballots that count and `again` those on faces that were asked about again, of
    both rounds; `label` is the label of each face that has one.
    """
    named = first[first["round"] == "label"]
    shared = named[named.duplicated("face_id", keep=False)]  # one vote alone tells nothing
    right = chances_of_right(shared, [*expressions, *NO_EXPRESSION])
    rows = [
        {
            "name": str(voter),
            "votes": len(ballots),
            **against_labels(named[named["voter"] == voter], label, expressions),
            **against_oneself(ballots, again[again["voter"] == voter]),
            **accuracy(right[shared["voter"] == voter]),
        }
        for voter, ballots in first.groupby("voter")
    ]
    return [
        row | {"unreliable": is_unreliable(row, [other for other in rows if other is not row])}
        for row in rows
    ]


def chances_of_right(votes: pd.DataFrame, answers: Sequence[str]) -> pd.Series:
    """Return for every vote the probability by Dawid and Skene that the face shows it."""
    chances = dawid_skene(votes, answers).posteriors
    rows = chances.index.get_indexer(pd.Index(votes["face_id"]))
    columns = chances.columns.get_indexer(pd.Index(votes["vote"]))
    return pd.Series(chances.to_numpy()[rows, columns], index=votes.index)


def accuracy(right: pd.Series) -> Json:
    """Return the expected share of a voter's votes that are right, with its Wilson interval.

    `judged` is how many votes it rests on: those of round one on faces that others voted on too.
    Source of the interval: Wilson (1927), Probable Inference, the Law of Succession, and
    Statistical Inference.
    """
    count = len(right)
    if not count:
        return {"judged": 0, "accuracy": None, "accuracy_low": None, "accuracy_high": None}
    share = float(right.mean())
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    interval = {"accuracy_low": middle - half, "accuracy_high": middle + half}
    return {"judged": count, "accuracy": share, **interval}


def is_unreliable(voter: Json, others: Sequence[Json]) -> bool:
    """Return whether a voter is surely worse than the others.

    The upper end of the interval of their accuracy is more than 0.1 below the median accuracy of
    the others. It rests on 20 votes at least, and there are two others at least: of two voters
    nobody knows who errs.
    """
    known = [other["accuracy"] for other in others if other["accuracy"] is not None]
    if voter["judged"] < FEWEST or len(known) < 2:
        return False
    return bool(voter["accuracy_high"] < np.median(known) - BEHIND)


def against_labels(votes: pd.DataFrame, label: pd.Series, expressions: Sequence[str]) -> Json:
    """Return how often a voter's votes are the labels, and how much oftener each is said.

    `bias` of an expression is how often the voter says it on labelled faces, divided by how often
    it is their label.
    """
    truth = votes["face_id"].map(label)
    known = truth.notna()
    said = votes.loc[known, "vote"].value_counts().to_dict()
    true = truth[known].value_counts().to_dict()
    bias = {name: said.get(name, 0) / true[name] if name in true else None for name in expressions}
    share = float((votes["vote"] == truth)[known].mean()) if known.any() else None
    return {"consensus": share, "bias": bias}


def against_oneself(first: pd.DataFrame, again: pd.DataFrame) -> Json:
    """Return on how many faces a voter was asked again, and how often the answer was the same."""
    pairs = again.merge(first, on=["face_id", "round"], suffixes=("_again", ""))
    share = float((pairs["vote"] == pairs["vote_again"]).mean()) if len(pairs) else None
    return {"repeats": len(pairs), "itself": share}
