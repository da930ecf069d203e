"""How far a variant's probabilities can be believed, all of its runs together."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mien.report.page.inputs import Json

Row = dict[str, Any]


def pooled_bins(runs: Sequence[Sequence[Json]]) -> pd.DataFrame:
    """Return the bins of a reliability diagram of several runs together, without empty ones.

    Confidence and accuracy of a bin are the means over its faces.
    """
    bins = pd.DataFrame([one for run in runs for one in run if one["faces"]])
    for name in ("confidence", "accuracy"):
        bins[name] *= bins["faces"]
    sums = bins.groupby("low")[["faces", "confidence", "accuracy"]].sum()
    means = sums[["confidence", "accuracy"]].div(sums["faces"], axis=0)
    return means.assign(faces=sums["faces"]).reset_index()
