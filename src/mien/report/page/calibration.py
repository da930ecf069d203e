"""How far a variant's probabilities can be trusted, and from which threshold it may answer."""

from collections.abc import Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from mien.evaluate.files import Bin, Metrics
from mien.live.sureness import sureness
from mien.report.page.figures import coverage, reliability
from mien.report.page.templates import Row

BIN = ["low", "faces", "confidence", "accuracy"]


def calibration_section(runs: Mapping[str, Metrics]) -> Row:
    """Return the drawings of calibration and coverage, and what a temperature makes of each run."""
    metrics = list(runs.values())
    before = pooled_bins([run.calibration_bins for run in metrics])
    after = pooled_bins([run.scaled.calibration_bins for run in metrics])
    curves = [pd.DataFrame(run.answered) for run in metrics]
    target = metrics[0].abstain.target
    return {
        "reliability": Markup(reliability(before, after, "calibration")),
        "coverage": Markup(coverage(curves, target, "coverage")),
        "target": target,
        "runs": [
            vars(run)
            | {"name": name, "answers": run.answers}
            | {"sureness": sureness(run.abstain.threshold, run.answers)}
            for name, run in runs.items()
        ],
    }


def pooled_bins(runs: Sequence[Sequence[Bin]]) -> pd.DataFrame:
    """Return the bins of a reliability diagram of several runs together, without empty ones.

    Confidence and accuracy of a bin are the means over its faces.
    """
    filled = [one for run in runs for one in run if one.faces]
    bins = pd.DataFrame(filled, columns=BIN).astype("float64")
    for name in ("confidence", "accuracy"):
        bins[name] *= bins["faces"]
    sums = bins.groupby("low")[BIN[1:]].sum()
    means = sums[["confidence", "accuracy"]].div(sums["faces"], axis=0)
    return means.assign(faces=sums["faces"].astype("int64")).reset_index()
