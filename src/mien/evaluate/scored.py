"""Predictions made ready to be counted: checked, and with the group of every face."""

from pathlib import Path

import numpy as np
import pandas as pd

from mien.errors import TableError
from mien.params import Scheme
from mien.tables import check_references

PREFIX = "p_"


def classes_in(predictions: pd.DataFrame) -> list[str]:
    """Return the classes in the order of their columns of probabilities."""
    return [name.removeprefix(PREFIX) for name in predictions.columns if name.startswith(PREFIX)]


def with_groups(predictions: pd.DataFrame, split: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the predictions with the group_id of every face.

    Raises TableError when there are none, a class is unknown, probabilities do not sum to 1, or
    a face is not in the split; `path` is where the predictions were read.
    """
    if predictions.empty:
        raise TableError(f"{path}: no face was predicted; delete the file and run snakemake")
    classes = classes_in(predictions)
    for name in ("actual", "predicted"):
        known = ", ".join(PREFIX + one for one in classes)
        check_references(predictions[name], classes, path, f"its classes ({known})")
    values = predictions[[PREFIX + name for name in classes]].to_numpy(np.float64)
    wrong = (values < 0).any(axis=1) | (np.abs(values.sum(axis=1) - 1) > 0.001)
    if wrong.any():
        raise TableError(
            f"{path}, line {int(wrong.argmax()) + 2}: the probabilities must be 0 or more and "
            "sum to 1"
        )
    check_references(predictions["face_id"], split["face_id"], path, "the table of splits")
    groups = split[["face_id", "group_id"]]
    return predictions.merge(groups, on="face_id", how="left", validate="one_to_one")


def refuse_leak(share: float, scheme: Scheme, split: Path, predictions: Path) -> None:
    """Raise TableError when faces leak although the scheme is grouped."""
    if share > 0 and scheme == "grouped":
        raise TableError(
            f"{predictions}: {100 * share:.1f} % of its faces are of groups that the run trained "
            f"on, and the scheme grouped allows none; delete {split} and run snakemake"
        )
