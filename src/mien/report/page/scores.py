"""What the report page says of the variants, as plain values for the template."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from mien.report.page import words
from mien.report.page.figures import curve, reliability
from mien.report.page.gallery import Choice
from mien.report.page.inputs import Inputs, Json, Run

Row = dict[str, Any]
AXIS_STEP = 0.05


def ranked_variants(summary: Json) -> list[Row]:
    """Return the rows of the summary, the highest accuracy first."""
    return sorted(summary["variants"], key=lambda row: -row["accuracy"])


def headline(inputs: Inputs, ranked: Sequence[Row]) -> Row:
    """Return what stands on top: the best variant in one sentence, and the words of caution."""
    best = ranked[0]
    checkpoint = getattr(inputs.params.variants[best["variant"]], "checkpoint", None)
    support = pooled_confusion(inputs.runs[best["variant"]]).sum(axis=1)
    return {
        "best": best,
        "groups": words.count(best["groups"], words.groups_noun(inputs.sources)),
        "interval": words.interval(
            best["accuracy_low"], best["accuracy_high"], inputs.params.report.confidence
        ),
        "commonest": {"name": support.idxmax(), "share": support.max() / support.sum()},
        "rivals": words.rivals(best["variant"], inputs.summary["pairs"]),
        "cautions": words.cautions(best, checkpoint, inputs.sources),
    }


def accuracy_axis(ranked: Sequence[Row]) -> Row:
    """Return the common axis of all accuracies: its ends, and where each variant stands on it.

    Places are in per cent of the axis from its left end; a variant without an interval has no
    `low` and `high`.
    """
    values = [
        row[name]
        for row in ranked
        for name in ("accuracy", "accuracy_low", "accuracy_high")
        if pd.notna(row[name])
    ]
    low = max(0.0, math.floor(min(values) / AXIS_STEP - 0.5) * AXIS_STEP)
    high = min(1.0, math.ceil(max(values) / AXIS_STEP + 0.5) * AXIS_STEP)

    def place(value: Any) -> float | None:
        return None if pd.isna(value) else round(100 * (value - low) / (high - low), 2)

    marks = {
        row["variant"]: {
            "at": place(row["accuracy"]),
            "low": place(row["accuracy_low"]),
            "high": place(row["accuracy_high"]),
        }
        for row in ranked
    }
    return {"low": low, "high": high, "marks": marks}


def pooled_confusion(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the confusion counts of all runs together: truth down, prediction across."""
    classes = runs[0].metrics["classes"]
    counts = np.sum([np.asarray(run.metrics["confusion"]) for run in runs], axis=0)
    return pd.DataFrame(counts, index=classes, columns=classes)


def pooled_bins(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the filled calibration bins of all runs together."""
    rows = [row for run in runs for row in run.metrics["calibration_bins"]]
    bins = pd.DataFrame(rows, columns=["low", "faces", "confidence", "accuracy"])
    bins = bins[bins["faces"] > 0].astype("float64")
    sums = bins.assign(
        confidence=bins["confidence"] * bins["faces"], accuracy=bins["accuracy"] * bins["faces"]
    )
    pooled = sums.groupby("low").sum()
    return pooled.assign(
        confidence=pooled["confidence"] / pooled["faces"],
        accuracy=pooled["accuracy"] / pooled["faces"],
    )


def per_class(confusion: pd.DataFrame) -> pd.DataFrame:
    """Return precision, recall and support of every class; NaN where a class was never there."""
    right = np.diag(confusion).astype(float)
    return pd.DataFrame(
        {
            "precision": _ratio(right, confusion.sum(axis=0).to_numpy()),
            "recall": _ratio(right, confusion.sum(axis=1).to_numpy()),
            "support": confusion.sum(axis=1).to_numpy(),
        },
        index=confusion.index,
    )


def variant_section(inputs: Inputs, name: str, choice: Choice, prefix: str) -> Row:
    """Return curves, confusion, classes and worst errors of one variant."""
    runs = inputs.runs[name]
    confusion = pooled_confusion(runs)
    return {
        "id": prefix,
        "name": name,
        "runs": [run.name for run in runs],
        "params": inputs.params.variants[name],
        "drawings": drawings(runs, prefix),
        "trained_accuracy": any(run.history["train_accuracy"].notna().any() for run in runs),
        "confusion": confusion,
        "shares": _row_shares(confusion),
        "classes": per_class(confusion),
        "errors": choice.errors[name].to_dict("records"),
    }


def drawings(runs: Sequence[Run], prefix: str) -> dict[str, Markup]:
    """Return the SVGs of a variant by name: loss, accuracy, calibration."""
    histories = [run.history for run in runs]
    calibration = f"{prefix}-calibration"
    return {
        "loss": Markup(curve(histories, "loss", f"{prefix}-loss")),
        "accuracy": Markup(curve(histories, "accuracy", f"{prefix}-accuracy")),
        "calibration": Markup(reliability(pooled_bins(runs), calibration)),
    }


def _row_shares(confusion: pd.DataFrame) -> pd.DataFrame:
    sums = confusion.sum(axis=1)
    return confusion.div(sums.where(sums > 0), axis=0).fillna(0.0)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
