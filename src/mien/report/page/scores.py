"""What the overview says of the variants, as plain values for the template."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from mien.report.page import words
from mien.report.page.inputs import Inputs, Json

Row = dict[str, Any]
AXIS_STEP = 0.05


def ranked_variants(summary: Json) -> list[Row]:
    """Return the rows of the summary, the highest accuracy first."""
    return sorted(summary["variants"], key=lambda row: -row["accuracy"])


def headline(inputs: Inputs, ranked: Sequence[Row]) -> Row:
    """Return what stands on top: the best variant in one sentence, and the words of caution."""
    choice = inputs.summary["best"]
    best = next(row for row in ranked if row["variant"] == choice["variant"])
    checkpoint = getattr(inputs.params.variants[best["variant"]], "checkpoint", None)
    outcomes = inputs.second_look["outcomes"]
    relabelled = sum(outcomes[name] for name in ("suggested", "other", "unlabelled"))
    return {
        "best": best,
        "groups": words.count(best["groups"], words.groups_noun(inputs.sources)),
        "interval": words.interval(
            best["accuracy_low"], best["accuracy_high"], inputs.params.report.confidence
        ),
        "commonest": commonest(inputs.metrics[best["variant"]]),
        "choice": choice,
        "rivals": words.rivals(choice["rivals"]),
        "cautions": words.cautions(best, checkpoint, inputs.sources, relabelled),
    }


def pair_sentences(summary: Json) -> Row:
    """Return the comparisons of the best variant with each other one, and all others, in words."""
    best, pairs = summary["best"]["variant"], summary["pairs"]
    has_best = [best in (pair["a"], pair["b"]) for pair in pairs]
    is_only_one = sum("reason" not in pair for pair in pairs) == 1
    spoken = [words.pair_sentence(pair, is_only_one) for pair in pairs]
    sentences = list(zip(has_best, spoken, strict=True))
    return {
        "is_only_one": is_only_one,
        "best": [sentence for with_best, sentence in sentences if with_best],
        "others": [sentence for with_best, sentence in sentences if not with_best],
    }


def commonest(runs: Sequence[Json]) -> Row:
    """Return the expression that most faces of the runs have, and its share of them."""
    faces = pd.DataFrame([run["per_class"] for run in runs]).map(lambda scores: scores["support"])
    shares = faces.sum() / faces.sum().sum()
    return {"name": shares.idxmax(), "share": shares.max()}


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
