"""How far a variant's probabilities can be believed, and from which on it may answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from mien.live.sureness import answers_of, sureness
from mien.report.page.figures import coverage, reliability
from mien.report.page.inputs import Json

Row = dict[str, Any]
BIN = ["low", "faces", "confidence", "accuracy"]


def calibration_section(runs: Mapping[str, Json]) -> Row:
    """Return the drawings of calibration and coverage, and what a temperature makes of each run."""
    metrics = list(runs.values())
    before = pooled_bins([run["calibration_bins"] for run in metrics])
    after = pooled_bins([run["scaled"]["calibration_bins"] for run in metrics])
    curves = [pd.DataFrame(run["answered"]) for run in metrics]
    target = metrics[0]["abstain"]["target"]
    return {
        "reliability": Markup(reliability(before, after, "calibration")),
        "coverage": Markup(coverage(curves, target, "coverage")),
        "target": target,
        "runs": [
            {"name": name, "answers": answers, "sureness": sureness(threshold, answers)} | run
            for name, run in runs.items()
            for answers in [answers_of(run["faces"], run["abstain"])]
            for threshold in [run["abstain"]["threshold"]]
        ],
    }


def pooled_bins(runs: Sequence[Sequence[Json]]) -> pd.DataFrame:
    """Return the bins of a reliability diagram of several runs together, without empty ones.

    Confidence and accuracy of a bin are the means over its faces.
    """
    filled = [one for run in runs for one in run if one["faces"]]
    bins = pd.DataFrame(filled, columns=BIN).astype("float64")
    for name in ("confidence", "accuracy"):
        bins[name] *= bins["faces"]
    sums = bins.groupby("low")[BIN[1:]].sum()
    means = sums[["confidence", "accuracy"]].div(sums["faces"], axis=0)
    return means.assign(faces=sums["faces"].astype("int64")).reset_index()
