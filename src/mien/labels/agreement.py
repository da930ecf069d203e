"""How far voters agree: with each other, with the labels, and with themselves."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import entropy
from sklearn.metrics import cohen_kappa_score

from mien.labels.ballots import latest, match_to_faces
from mien.labels.consensus import counted_reviews
from mien.labels.dawid_skene import dawid_skene
from mien.labels.tables import NO_EXPRESSION, ROUNDS
from mien.labels.voters import is_dealt

Json = dict[str, Any]
Z = 1.96  # of a 95 % interval
BEHIND = 0.1  # an unreliable voter's accuracy is surely so far below that of the others
MOST_DISPUTED = 24


def agreement(
    cast: pd.DataFrame, faces: pd.DataFrame, labels: pd.DataFrame, expressions: Sequence[str]
) -> Json:
    """Return what `metrics/agreement.json` holds: alpha, voters, pairs of them, disputed faces.

    `cast` are all rows of the voters' files; those that stand count, on today's kept faces, and
    reviews of today's first labels. Votes that were dealt out from sums are left out, since nobody
    knows who cast them. Where there is nothing to compare, a figure is None.
    """
    cast = cast[~cast["voter"].map(is_dealt).astype(bool)]
    current, _ = latest(cast)
    initial = labels.set_index("face_id")["initial"]
    first = comparable(current[current["repeat"] == 0], faces, initial)
    again = comparable(current[current["repeat"] > 0], faces, initial)
    label = labels.dropna(subset="label").set_index("face_id")["label"]
    named = first[first["round"] == "label"]
    shared = named[named.duplicated("face_id", keep=False)]  # one vote alone tells nothing
    right = chances_of_right(shared, [*expressions, *NO_EXPRESSION])
    rounds = {name: by_voter(first[first["round"] == name]) for name in ROUNDS}
    voters = {
        str(voter): {
            "votes": len(rows),
            **against_labels(named[named["voter"] == voter], label, expressions),
            **against_oneself(rows, again[again["voter"] == voter]),
            **accuracy(right[shared["voter"] == voter]),
        }
        for voter, rows in first.groupby("voter")
    }
    for name, values in voters.items():
        others = [row["accuracy"] for other, row in voters.items() if other != name]
        values["unreliable"] = is_unreliable(values["accuracy_high"], others)
    return {
        "rounds": {
            name: {
                "alpha": krippendorff_alpha(votes),
                "votes": int(votes.notna().sum().sum()),
                "faces": len(votes),
            }
            for name, votes in rounds.items()
        },
        "voters": voters,
        "pairs": kappas(rounds["label"]),
        "disputed": disputed(named),
    }


def comparable(ballots: pd.DataFrame, faces: pd.DataFrame, initial: pd.Series) -> pd.DataFrame:
    """Return the ballots on today's kept faces whose question is today's.

    A yes and a no are no disagreement when they answer about two expressions, so a review counts
    only if it asked about the first label as it is now.
    """
    matched = match_to_faces(ballots, faces).ballots
    today = matched.index.isin(counted_reviews(matched, initial).index)
    return matched[(matched["round"] == "label") | today]


def by_voter(ballots: pd.DataFrame) -> pd.DataFrame:
    """Return the votes of one round, a row a face and a column a voter; empty where none."""
    return ballots.pivot(index="face_id", columns="voter", values="vote")


def krippendorff_alpha(votes: pd.DataFrame) -> float | None:
    """Return Krippendorff's alpha of nominal votes: a row a face, a column a voter.

    None when no two votes on one face can be compared, or all are the same. Source: Krippendorff
    (2011), Computing Krippendorff's Alpha-Reliability, section C.
    """
    codes, answers = pd.factorize(votes.to_numpy(object).ravel())
    counts = np.zeros((len(votes), len(answers)))
    rows = np.repeat(np.arange(len(votes)), votes.shape[1])
    np.add.at(counts, (rows[codes >= 0], codes[codes >= 0]), 1)
    counts = counts[counts.sum(axis=1) > 1]
    cast, totals = counts.sum(axis=1), counts.sum(axis=0)
    expected = totals.sum() ** 2 - (totals**2).sum()
    observed = ((cast**2 - (counts**2).sum(axis=1)) / (cast - 1)).sum()
    return float(1 - (totals.sum() - 1) * observed / expected) if expected else None


def chances_of_right(votes: pd.DataFrame, answers: Sequence[str]) -> pd.Series:
    """Return for every vote the probability by Dawid and Skene that the face shows it."""
    chances = dawid_skene(votes, answers).posteriors
    rows = chances.index.get_indexer(pd.Index(votes["face_id"]))
    columns = chances.columns.get_indexer(pd.Index(votes["vote"]))
    return pd.Series(chances.to_numpy()[rows, columns], index=votes.index)


def accuracy(right: pd.Series) -> Json:
    """Return the expected share of a voter's votes that are right, with its Wilson interval.

    Source of the interval: Wilson (1927), Probable Inference, the Law of Succession, and
    Statistical Inference.
    """
    count = len(right)
    if not count:
        return {"accuracy": None, "accuracy_low": None, "accuracy_high": None}
    share = float(right.mean())
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return {"accuracy": share, "accuracy_low": middle - half, "accuracy_high": middle + half}


def is_unreliable(high: float | None, others: Sequence[float | None]) -> bool:
    """Return whether a voter is surely worse than the others.

    The upper end of the interval of their accuracy is more than 0.1 below the median accuracy of
    the others, of whom there must be two at least: of two voters nobody knows who errs.
    """
    known = [value for value in others if value is not None]
    return high is not None and len(known) > 1 and high < float(np.median(known)) - BEHIND


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


def kappas(votes: pd.DataFrame) -> list[Json]:
    """Return Cohen's kappa of every two voters on the faces both voted on."""
    pairs = []
    for one, other in combinations(votes.columns, 2):
        both = votes[[one, other]].dropna().astype(str)
        kappa = float(cohen_kappa_score(both[one], both[other])) if varies(both) else None
        pairs.append({"voters": [str(one), str(other)], "faces": len(both), "kappa": kappa})
    return pairs


def varies(votes: pd.DataFrame) -> bool:
    """Return whether there are two different votes; without them kappa is 0 divided by 0."""
    return len(pd.unique(votes.to_numpy().ravel())) > 1


def disputed(votes: pd.DataFrame) -> list[Json]:
    """Return the faces whose votes in round one differ most, by entropy (bits), then by id."""
    counts = pd.crosstab(votes["face_id"], votes["vote"])
    if counts.empty:
        return []
    bits = pd.Series(entropy(counts.to_numpy(), base=2, axis=1), index=counts.index).round(6)
    order = bits[bits > 0].sort_index().sort_values(ascending=False, kind="stable")
    given = counts.to_dict("index")
    return [
        {
            "face_id": str(face),
            "entropy": float(value),
            "votes": {str(vote): int(number) for vote, number in given[face].items() if number},
        }
        for face, value in order.head(MOST_DISPUTED).to_dict().items()
    ]
