"""How far voters agree."""

import numpy as np
import pandas as pd


def krippendorff_alpha(votes: pd.DataFrame) -> float | None:
    """Return Krippendorff's alpha of nominal votes: a row a face, a column a voter.

    None when nothing can be compared. Source: Krippendorff (2011), Computing Krippendorff's
    Alpha-Reliability, section C.
    """
    counts = votes.apply(lambda row: row.value_counts(), axis=1).fillna(0).to_numpy(float)
    counts = counts[counts.sum(axis=1) > 1] if counts.size else np.empty((0, 1))
    if not counts.size:
        return None
    cast, totals = counts.sum(axis=1), counts.sum(axis=0)
    expected = totals.sum() ** 2 - (totals**2).sum()
    observed = ((cast**2 - (counts**2).sum(axis=1)) / (cast - 1)).sum()
    return float(1 - (totals.sum() - 1) * observed / expected) if expected else None
