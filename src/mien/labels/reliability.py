"""How far each voter agrees with the labels and with themselves, and how often they are right."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from mien.labels.dawid_skene import dawid_skene
from mien.labels.files import Figure, Voter
from mien.labels.tables import NO_EXPRESSION
from mien.wilson import wilson

Z = 1.96  # of a 95 % interval
BEHIND = 0.1  # an unreliable voter's accuracy is surely so far below that of the others
FEWEST = 20  # of fewer votes, most may be wrong by chance


def voters(
    first: pd.DataFrame, again: pd.DataFrame, label: pd.Series, expressions: Sequence[str]
) -> list[Voter]:
    """Return the figures of every voter, by name.

    `first` are the ballots that count and `again` those on faces that were asked about again, of
    both rounds; `label` is the label of each face that has one.
    """
    named = first[first["round"] == "label"]
    shared = named[named.duplicated("face_id", keep=False)]  # one vote alone tells nothing
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
    """Return the expected share of a voter's votes that are right, and the ends of its interval.

    Before it stands how many votes it rests on: of round one, on faces that others voted on too.
    """
    if right.empty:
        return 0, None, None, None
    share = float(right.mean())
    return len(right), share, *wilson(share, len(right), Z)


def is_unreliable(voter: Voter, others: Sequence[Voter]) -> bool:
    """Return whether a voter is surely worse than the others.

    The upper end of the interval of their accuracy is more than 0.1 below the median accuracy of
    the others. It rests on 20 votes at least, and there are two others at least: of two voters
    nobody knows who errs.
    """
    known = [other.accuracy for other in others if other.accuracy is not None]
    if voter.accuracy_high is None or voter.judged < FEWEST or len(known) < 2:
        return False
    return bool(voter.accuracy_high < np.median(known) - BEHIND)


def against_labels(
    votes: pd.DataFrame, label: pd.Series, expressions: Sequence[str]
) -> tuple[Figure, dict[str, Figure]]:
    """Return how often a voter's votes are the labels, and how much oftener each is said.

    The latter is how often the voter says it on labelled faces, divided by how often
    it is their label.
    """
    truth = votes["face_id"].map(label)
    known = truth.notna()
    said = votes.loc[known, "vote"].value_counts().to_dict()
    true = truth[known].value_counts().to_dict()
    bias = {name: said.get(name, 0) / true[name] if name in true else None for name in expressions}
    share = float((votes["vote"] == truth)[known].mean()) if known.any() else None
    return share, bias


def against_oneself(first: pd.DataFrame, again: pd.DataFrame) -> tuple[int, Figure]:
    """Return on how many faces a voter was asked again, and how often the answer was the same."""
    pairs = again.merge(first, on=["face_id", "round"], suffixes=("_again", ""))
    share = float((pairs["vote"] == pairs["vote_again"]).mean()) if len(pairs) else None
    return len(pairs), share
