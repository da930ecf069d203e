"""Joint estimation of what faces show and how reliable each voter is, from the votes alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ITERATIONS = 1000
TOLERANCE = 1e-8  # of the log-likelihood a vote


@dataclass(frozen=True)
class Estimate:
    """`posteriors` has a row a face and a column a class; `confusion` a row a voter and class."""

    posteriors: pd.DataFrame
    confusion: pd.DataFrame
    priors: pd.Series


def dawid_skene(votes: pd.DataFrame, classes: Sequence[str]) -> Estimate:
    """Return the probability of every class for every face, and each voter's confusion matrix.

    `votes` has face_id, voter and vote; every vote counts. Faces and voters are in the order of
    their first vote. An answer that nobody gave has probability 0. Source: Dawid and Skene (1979),
    Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, section 3,
    beginning with the shares of the votes.
    """
    face, faces = pd.factorize(votes["face_id"])
    voter, voters = pd.factorize(votes["voter"])
    vote = pd.Index(classes).get_indexer(pd.Index(votes["vote"]))
    chances = np.zeros((len(faces), len(classes)))
    np.add.at(chances, (face, vote), 1)
    chances /= chances.sum(axis=1, keepdims=True)
    before = -np.inf
    priors, confusion = _maximise(chances, face, voter, vote, len(voters))
    for _ in range(ITERATIONS):
        chances, likelihood = _expect(priors, confusion, face, voter, vote)
        priors, confusion = _maximise(chances, face, voter, vote, len(voters))
        if likelihood - before < TOLERANCE * len(votes):
            break
        before = likelihood
    rows = pd.MultiIndex.from_product([voters, classes], names=["voter", "class"])
    return Estimate(
        pd.DataFrame(chances, index=pd.Index(faces, name="face_id"), columns=list(classes)),
        pd.DataFrame(confusion.reshape(-1, len(classes)), index=rows, columns=list(classes)),
        pd.Series(priors, index=list(classes)),
    )


def _maximise(
    chances: NDArray[np.float64],
    face: NDArray[np.intp],
    voter: NDArray[np.intp],
    vote: NDArray[np.intp],
    voters: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the priors, and the voters' confusion (voter, class, vote), from the chances."""
    classes = chances.shape[1]
    counts = np.zeros((voters, classes, classes))
    np.add.at(counts.transpose(0, 2, 1), (voter, vote), chances[face])
    totals = counts.sum(axis=2, keepdims=True)
    confusion = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return chances.mean(axis=0) if len(chances) else np.full(classes, 1 / classes), confusion


def _expect(
    priors: NDArray[np.float64],
    confusion: NDArray[np.float64],
    face: NDArray[np.intp],
    voter: NDArray[np.intp],
    vote: NDArray[np.intp],
) -> tuple[NDArray[np.float64], float]:
    """Return the chances of every class for every face, and the log-likelihood of the votes."""
    faces = face.max(initial=-1) + 1
    with np.errstate(divide="ignore"):  # a floor would give answers that nobody gave a chance
        log_priors, log_confusion = np.log(priors), np.log(confusion)
    logs = np.tile(log_priors, (faces, 1))
    np.add.at(logs, face, log_confusion[voter, :, vote])
    top = logs.max(axis=1, keepdims=True, initial=-np.inf)
    chances = np.exp(logs - top)
    sums = chances.sum(axis=1, keepdims=True)
    return chances / sums, float((np.log(sums) + top).sum())
