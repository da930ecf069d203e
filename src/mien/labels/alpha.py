"""Two figures of agreement, without heavy libraries, since the voting page shows them."""

import numpy as np
import pandas as pd


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


def unanimous(votes: pd.DataFrame) -> float | None:
    """Return the share of faces whose votes are all equal, among faces with two votes or more."""
    shared = votes[votes.notna().sum(axis=1) > 1]
    return float((shared.nunique(axis=1) == 1).mean()) if len(shared) else None
