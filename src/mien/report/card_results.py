"""The rows of a model card's tables of results."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mien.evaluate.files import Metrics, VariantRow
from mien.report.markdown import Rows
from mien.words import count, decimal, interval, percent, spaced

APART = ("group", "expression")  # said elsewhere, groups without names: they may be people's


def headline_rows(row: VariantRow, confidence: float) -> Rows:
    """Return the figures of a variant's row of the summary."""
    return [
        ["accuracy", percent(row.accuracy)],
        ["its interval", interval(row.accuracy_low, row.accuracy_high, confidence)],
        ["macro F1", decimal(row.macro_f1)],
        ["log loss", decimal(row.log_loss)],
        ["calibration error", decimal(row.calibration_error)],
    ]


def class_rows(metrics: Sequence[Metrics], seeds: int, slices: pd.DataFrame) -> Rows:
    """Return class, faces, precision, recall, its interval and F1; all runs counted together.

    Each seed predicts the same faces, each fold others.
    """
    confusion = np.sum([run.confusion for run in metrics], axis=0).astype(float)
    right, said, true = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        precision, recall, f1 = right / said, right / true, 2 * right / (said + true)
    missed = slices[slices["slice"] == "expression"].set_index("value")
    rows = []
    for place, name in enumerate(metrics[0].classes):
        ends = missed.loc[name, ["low", "high"]] if name in missed.index else [pd.NA, pd.NA]
        scores = [percent(precision[place]), percent(recall[place])]
        recalled = between(*(1 - end for end in reversed(list(ends))))
        faces = int(true[place]) // seeds
        rows.append([name, faces, *scores, recalled, decimal(f1[place])])
    return rows


def slice_rows(slices: pd.DataFrame) -> Rows:
    """Return slice, value, faces, groups, error rate and its interval."""
    return [
        [
            *(row["slice"], spaced(row["value"]), row["faces"], row["groups"]),
            *(percent(row["error_rate"]), between(row["low"], row["high"])),
        ]
        for row in slices[~slices["slice"].isin(APART)].to_dict("records")
    ]


def calibration_rows(names: Sequence[str], metrics: Sequence[Metrics]) -> Rows:
    """Return run, log loss, calibration error, the temperature, and both figures after scaling."""
    return [
        [
            *(name, decimal(run.log_loss), decimal(run.calibration_error)),
            decimal(run.temperature, 2),
            *(decimal(run.scaled.log_loss), decimal(run.scaled.calibration_error)),
        ]
        for name, run in zip(names, metrics, strict=True)
    ]


def abstain_rows(names: Sequence[str], metrics: Sequence[Metrics]) -> Rows:
    """Return run, threshold of confidence, share of faces answered and accuracy of those."""
    return [
        [name, _threshold(run), _coverage(run), percent(run.abstain.accuracy)]
        for name, run in zip(names, metrics, strict=True)
    ]


def opening_rows(openings: pd.DataFrame, variant: str, model_sha256: str) -> Rows:
    """Return when and for which model a test part was opened, and what it said."""
    return [
        [
            *(row["opening"], row["opened_at"], _whose(row, variant, model_sha256)),
            f"{count(row['faces'], 'faces')}, {count(row['groups'], 'groups')}",
            percent(row["accuracy"]) if pd.notna(row["accuracy"]) else "interrupted",
            between(row["accuracy_low"], row["accuracy_high"]),
            *(decimal(row["macro_f1"]), decimal(row["log_loss"])),
        ]
        for row in openings.to_dict("records")
    ]


def between(low: Any, high: Any) -> str:
    """Return an interval as `77.0 to 88.4 %`; a dash where there is none."""
    return percent(low) if pd.isna(low) or pd.isna(high) else f"{100 * low:.1f} to {percent(high)}"


def _threshold(run: Metrics) -> str:
    threshold = run.abstain.threshold
    return "none" if threshold is None else decimal(threshold)


def _coverage(run: Metrics) -> str:
    return f"{percent(run.abstain.coverage)} ({run.answers.answered:,} of {run.faces:,})"


def _whose(row: Mapping[Any, Any], variant: str, model_sha256: str) -> str:
    if row["variant"] != variant:
        return str(row["variant"])
    return "this model" if row["model_sha256"] == model_sha256 else "an earlier one of this variant"
