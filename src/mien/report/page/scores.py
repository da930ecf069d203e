"""What the report page says of the variants, as plain values for the template."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from mien.report.metrics import measure
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
    shares = pool(inputs.runs[best["variant"]])["actual"].value_counts(normalize=True)
    return {
        "best": best,
        "groups": words.count(best["groups"], words.groups_noun(inputs.sources)),
        "interval": words.interval(
            best["accuracy_low"], best["accuracy_high"], inputs.params.report.confidence
        ),
        "commonest": {"name": shares.index[0], "share": shares.iloc[0]},
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


def pool(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the predictions of all runs together."""
    return pd.concat([run.predictions for run in runs], ignore_index=True)


def variant_section(inputs: Inputs, name: str, choice: Choice, prefix: str) -> Row:
    """Return curves, confusion, classes and worst errors of one variant."""
    runs = inputs.runs[name]
    numbers = measure(pool(runs), inputs.params.report)
    classes = numbers["classes"]
    confusion = pd.DataFrame(numbers["confusion"], classes, classes)
    return {
        "id": prefix,
        "name": name,
        "runs": [run.name for run in runs],
        "params": inputs.params.variants[name],
        "drawings": drawings(runs, numbers["calibration_bins"], prefix),
        "trained_accuracy": any(run.history["train_accuracy"].notna().any() for run in runs),
        "confusion": confusion,
        "shares": confusion.div(confusion.sum(axis=1), axis=0).fillna(0.0),
        "classes": numbers["per_class"],
        "errors": choice.errors[name].to_dict("records"),
    }


def drawings(runs: Sequence[Run], bins: Sequence[Row], prefix: str) -> dict[str, Markup]:
    """Return the SVGs of a variant by name: loss, accuracy, calibration."""
    histories = [run.history for run in runs]
    filled = pd.DataFrame(bins).dropna()
    return {
        "loss": Markup(curve(histories, "loss", f"{prefix}-loss")),
        "accuracy": Markup(curve(histories, "accuracy", f"{prefix}-accuracy")),
        "calibration": Markup(reliability(filled, f"{prefix}-calibration")),
    }
