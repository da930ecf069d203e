"""What each section of the report page shows, as plain values for the template."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from mien.report import words
from mien.report.figures import curve, reliability
from mien.report.gallery import Choice
from mien.report.inputs import Inputs, Json, Run
from mien.report.yields import (
    DROPPED,
    skip_reasons,
    totals,
    unlabelled_reasons,
    yield_per_class,
    yield_per_source,
)

Row = dict[str, Any]
AXIS_STEP = 0.05
BALLOT_COUNTS = (
    *("voters", "ballots", "counted", "corrections", "repeats", "moved", "orphans"),
    *("on_dropped_faces", "stale_reviews", "torn_lines", "absent"),
)


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
        "errors": _records(choice.errors[name]),
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


def scene_figures(inputs: Inputs, choice: Choice) -> dict[str, list[Row]]:
    """Return for every source its example scenes, each with the boxes of its faces."""
    faces = inputs.faces[inputs.faces["scene_id"].isin(choice.scene_ids())]
    found = {str(scene): rows for scene, rows in faces.groupby("scene_id")}
    figures: dict[str, list[Row]] = {}
    for source, scenes in choice.scenes.items():
        figures[source] = [
            scene | {"boxes": _records(found.get(scene["scene_id"])), "link": _link(scene)}
            for scene in _records(scenes)
        ]
    return figures


def counts_section(inputs: Inputs, ranked: Sequence[Row]) -> Row:
    """Return the yield: per source, per class, all together, and why things were left out."""
    name = f"{ranked[0]['labels']}-{ranked[0]['scheme']}"
    split = inputs.splits[name]
    truth = "initial" if name.startswith("initial-") else "label"
    left_out = inputs.labels[inputs.labels["label"].isna()]
    per_source = yield_per_source(
        inputs.sources,
        inputs.scenes,
        inputs.skipped,
        inputs.crops,
        inputs.faces,
        inputs.labels,
        split,
    )
    total = totals(per_source)
    expressions = inputs.params.labels.expressions
    classes = yield_per_class(expressions, per_source, inputs.labels, split, truth)
    return {
        "split": name,
        "sources": _records(per_source.fillna({"expression": ""})),
        "classes": _records(classes),
        "total": total.to_dict(),
        "dropped": ", ".join(
            f"{words.count(total[step])} {words.spaced(step)}" for step in DROPPED
        ),
        "labelled": inputs.labels["label"].value_counts().to_dict(),
        "left_out": left_out["initial"].fillna("").value_counts().to_dict(),
        "skipped": _records(skip_reasons(inputs.skipped)),
        "unlabelled": _records(unlabelled_reasons(inputs.labels)),
        "ballots": _in_order(inputs.ballots),
    }


def method_section(inputs: Inputs, names: Sequence[str]) -> list[Row]:
    """Return one row per variant: how it was trained, and from which weights."""
    variants = inputs.params.variants
    return [
        {
            "name": name,
            "variant": variants[name],
            "weights": words.weights_sentence(variants[name], inputs.params.acquire),
            "settings": words.settings_text(variants[name]),
        }
        for name in names
    ]


def licence_rows(scenes: pd.DataFrame) -> list[Row]:
    """Return how many scenes and authors stand under each licence, the commonest first."""
    groups = scenes.groupby("licence")
    rows = groups.agg(scenes=("scene_id", "size"), authors=("author", "nunique")).reset_index()
    return _records(rows.sort_values(["scenes", "licence"], ascending=[False, True]))


def credit_rows(inputs: Inputs, choice: Choice) -> list[Row]:
    """Return who made the scenes and faces that the page shows: one row an item."""
    shown = set(inputs.faces.loc[inputs.faces["face_id"].isin(choice.face_ids()), "scene_id"])
    scenes = inputs.scenes[inputs.scenes["scene_id"].isin(shown | choice.scene_ids())]
    items = scenes.drop_duplicates(["item_id", "author", "licence", "page_url"])
    return [item | {"link": _link(item)} for item in _records(items)]


def _link(scene: Mapping[str, Any]) -> str | None:
    """Return the scene's page where it is one of the web, so that no other link can be clicked."""
    url = str(scene["page_url"])
    return url if urlsplit(url).scheme in ("http", "https") else None


def _records(frame: pd.DataFrame | None) -> list[Row]:
    if frame is None:
        return []
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _in_order(ballots: Json) -> list[tuple[str, int]]:
    """Return the counts of ballots: those known in their order, then others by name."""
    names = [name for name in BALLOT_COUNTS if name in ballots]
    others = [name for name in sorted(ballots) if name not in BALLOT_COUNTS]
    return [(name, ballots[name]) for name in (*names, *others)]


def _row_shares(confusion: pd.DataFrame) -> pd.DataFrame:
    sums = confusion.sum(axis=1)
    return confusion.div(sums.where(sums > 0), axis=0).fillna(0.0)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
