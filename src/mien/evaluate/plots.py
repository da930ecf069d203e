"""The tables that `dvc plots` draws: all runs of all variants under one another."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mien.evaluate.files import VariantRow
from mien.evaluate.scored import classes_in


def confusions(predictions: Mapping[Path, pd.DataFrame]) -> pd.DataFrame:
    """Return a row for each run and each pair of classes: how many faces were taken so.

    Runs are named <variant>/<run>. Pairs without a face have a row too.
    """
    counted = []
    for run, table in predictions.items():
        classes = classes_in(table)
        pairs = pd.MultiIndex.from_product([classes, classes], names=["actual", "predicted"])
        faces = table.value_counts(["actual", "predicted"]).reindex(pairs, fill_value=0)
        counted.append(_named(run, faces.rename("faces").reset_index()))
    return pd.concat(counted, ignore_index=True)


def learning(histories: Mapping[Path, pd.DataFrame]) -> pd.DataFrame:
    """Return the histories of all runs, named <variant>/<run>, under one another."""
    named = [_named(run, history) for run, history in histories.items()]
    return pd.concat(named, ignore_index=True)


def headline(rows: Sequence[VariantRow]) -> dict[str, dict[str, Any]]:
    """Return by metric and variant what `dvc metrics` and `dvc exp show` put side by side."""
    return {
        "accuracy": {row.variant: round(row.accuracy, 4) for row in rows},
        "interval": {
            row.variant: f"{row.accuracy_low:.3f} to {row.accuracy_high:.3f}"
            for row in rows
            if pd.notna(row.accuracy_low)
        },
        "macro_f1": {row.variant: round(row.macro_f1, 4) for row in rows},
    }


def _named(run: Path, rows: pd.DataFrame) -> pd.DataFrame:
    names = {"variant": run.parent.name, "run": run.name}
    return rows.assign(**names)[[*names, *rows.columns]]
