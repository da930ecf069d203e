"""Each voter's agreement with the labels and with themselves, and their accuracy."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from mien.labels.dawid_skene import dawid_skene
from mien.labels.files import Figure, Voter
from mien.labels.tables import NO_EXPRESSION
from mien.wilson import wilson

Z = 1.96  # of a 95 % interval
BEHIND = 0.1  # an unreliable voter's accuracy is at least this far below the others' median
FEWEST = 20  # most of fewer votes may be wrong by chance


def voters(
    first: pd.DataFrame, again: pd.DataFrame, label: pd.Series, expressions: Sequence[str]
) -> list[Voter]:
    """Return the figures of every voter, sorted by name.

    `first` are the ballots that count and `again` the repeated ones, of both rounds; `label` has
    the label of each labelled face.
    """
    named = first[first["round"] == "label"]
    shared = named[named.duplicated("face_id", keep=False)]  # a single vote cannot be compared
    right = chances_of_right(shared, [*expressions, *NO_EXPRESSION])
    rows = []
    for name, ballots in first.groupby("voter"):
        share, bias = against_labels(named[named["voter"] == name], label, expressions)
        repeats, itself = against_oneself(ballots, again[again["voter"] == name])
        judged = accuracy(right[shared["voter"] == name])
        seen = (str(name), len(ballots), share, bias, repeats, itself)
        rows.append(Voter(*seen, *judged, unreliable=False))
    return [
        replace(row, unreliable=is_unreliable(row, [other for other in rows if other is not row]))
        for row in rows
    ]


def chances_of_right(votes: pd.DataFrame, answers: Sequence[str]) -> pd.Series:
    """Return for every vote the probability by Dawid and Skene that the face shows it."""
    chances = dawid_skene(votes, answers).posteriors
    rows = chances.index.get_indexer(pd.Index(votes["face_id"]))
    columns = chances.columns.get_indexer(pd.Index(votes["vote"]))
    return pd.Series(chances.to_numpy()[rows, columns], index=votes.index)


def accuracy(right: pd.Series) -> tuple[int, Figure, Figure, Figure]:
    """Return the number of judged votes, the expected share that is right, and its interval.

    Judged are the votes of round one on faces that others voted on too.
    """
    if right.empty:
        return 0, None, None, None
    share = float(right.mean())
    return len(right), share, *wilson(share, len(right), Z)


def is_unreliable(voter: Voter, others: Sequence[Voter]) -> bool:
    """Return whether a voter is significantly worse than the others.

    That is, the upper end of the accuracy's interval is more than 0.1 below the median accuracy of
    the others. It takes 20 judged votes and two other voters: of two voters either may be wrong.
    """
    known = [other.accuracy for other in others if other.accuracy is not None]
    if voter.accuracy_high is None or voter.judged < FEWEST or len(known) < 2:
        return False
    return bool(voter.accuracy_high < np.median(known) - BEHIND)


def against_labels(
    votes: pd.DataFrame, label: pd.Series, expressions: Sequence[str]
) -> tuple[Figure, dict[str, Figure]]:
    """Return the share of a voter's votes that equal the label, and the bias of each expression.

    The bias is how often the voter names the expression on labelled faces, divided by how often it
    is their label.
    """
    truth = votes["face_id"].map(label)
    known = truth.notna()
    said = votes.loc[known, "vote"].value_counts().to_dict()
    true = truth[known].value_counts().to_dict()
    bias = {name: said.get(name, 0) / true[name] if name in true else None for name in expressions}
    share = float((votes["vote"] == truth)[known].mean()) if known.any() else None
    return share, bias


def against_oneself(first: pd.DataFrame, again: pd.DataFrame) -> tuple[int, Figure]:
    """Return how many questions a voter was asked again, and the share of equal answers."""
    pairs = again.merge(first, on=["face_id", "round"], suffixes=("_again", ""))
    share = float((pairs["vote"] == pairs["vote_again"]).mean()) if len(pairs) else None
    return len(pairs), share
