"""The agreement of voters, and the faces they dispute."""

from collections.abc import Sequence
from itertools import combinations

import pandas as pd
from scipy.stats import entropy
from sklearn.metrics import cohen_kappa_score

from mien.labels.alpha import krippendorff_alpha, unanimous
from mien.labels.ballots import latest, match_to_faces
from mien.labels.consensus import counted_reviews
from mien.labels.files import Agreement, Disputed, Round, VoterPair
from mien.labels.reliability import voters
from mien.labels.tables import ROUNDS
from mien.labels.voters import is_dealt

MOST_DISPUTED = 24


def agreement(
    cast: pd.DataFrame, faces: pd.DataFrame, labels: pd.DataFrame, expressions: Sequence[str]
) -> Agreement:
    """Return the figures of rounds, voters and pairs of voters, and the disputed faces.

    `cast` has all rows of the voters' files; the latest ones on today's kept faces count, and of
    reviews those of today's first labels. Votes dealt out from sums are left out, since nobody
    knows who cast them. A figure is None if there is nothing to compare. Voters are a list, which
    `dvc exp show` ignores.
    """
    cast = cast[~cast["voter"].map(is_dealt).astype(bool)]
    current, _ = latest(cast)
    initial = labels.set_index("face_id")["initial"]
    first = comparable(current[current["repeat"] == 0], faces, initial)
    again = comparable(current[current["repeat"] > 0], faces, initial)
    label = labels.dropna(subset="label").set_index("face_id")["label"]
    named = first[first["round"] == "label"]
    rounds = {name: by_voter(first[first["round"] == name]) for name in ROUNDS}
    return Agreement(
        rounds={
            name: Round(
                alpha=krippendorff_alpha(votes),
                unanimous=unanimous(votes),
                votes=int(votes.notna().sum().sum()),
                faces=len(votes),
            )
            for name, votes in rounds.items()
        },
        voters=voters(first, again, label, expressions),
        pairs=kappas(rounds["label"]),
        disputed=disputed(named),
    )


def comparable(ballots: pd.DataFrame, faces: pd.DataFrame, initial: pd.Series) -> pd.DataFrame:
    """Return the ballots on today's kept faces, with reviews of today's first labels only.

    A yes and a no about two expressions are no disagreement.
    """
    matched = match_to_faces(ballots, faces).ballots
    today = matched.index.isin(counted_reviews(matched, initial).index)
    return matched[(matched["round"] == "label") | today]


def by_voter(ballots: pd.DataFrame) -> pd.DataFrame:
    """Return the votes of one round, a row a face and a column a voter."""
    return ballots.pivot(index="face_id", columns="voter", values="vote")


def kappas(votes: pd.DataFrame) -> list[VoterPair]:
    """Return Cohen's kappa of every two voters on the faces that both voted on."""
    pairs = []
    for one, other in combinations(votes.columns, 2):
        both = votes[[one, other]].dropna().astype(str)
        kappa = float(cohen_kappa_score(both[one], both[other])) if varies(both) else None
        pairs.append(VoterPair([str(one), str(other)], len(both), kappa))
    return pairs


def varies(votes: pd.DataFrame) -> bool:
    """Return whether there are two different votes; else kappa would be 0 divided by 0."""
    return len(pd.unique(votes.to_numpy().ravel())) > 1


def disputed(votes: pd.DataFrame) -> list[Disputed]:
    """Return the faces whose votes in round one differ most, by entropy (bits), then by id."""
    counts = pd.crosstab(votes["face_id"], votes["vote"])
    if counts.empty:
        return []
    bits = pd.Series(entropy(counts.to_numpy(), base=2, axis=1), index=counts.index).round(6)
    order = bits[bits > 0].sort_index().sort_values(ascending=False, kind="stable")
    given = counts.to_dict("index")
    return [
        Disputed(
            face_id=str(face),
            entropy=float(value),
            votes={str(vote): int(number) for vote, number in given[face].items() if number},
        )
        for face, value in order.head(MOST_DISPUTED).to_dict().items()
    ]
