"""Where a variant errs: its error rate on slices of the faces, as the small or the blurred ones."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mien import layout
from mien.evaluate.intervals import Numbers, interval
from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.params import EvaluateParams
from mien.shards import read_shard
from mien.tables import read_csv

FEWEST = 10  # faces: of fewer, a single one moves the rate by more than a tenth
WORST_GROUPS = 20
COLUMNS = ["slice", "value", "faces", "groups", "errors", "error_rate", "low", "high"]


def read_sliced(asked: Collection[str], expressions: list[str]) -> pd.DataFrame:
    """Return the rows of the index of the faces asked about, with their sharpness and tags."""
    known = read_csv(layout.INDEX, FACES)
    rows = known[known["face_id"].isin(list(asked))]
    sharp = pd.concat(
        read_shard(layout.crops_of(source), ["face_id", "sharpness"]).assign(source_id=source)
        for source in rows["source_id"].unique()
    )
    tagged = read_csv(layout.LABELS, label_table(expressions))[["face_id", "tags"]]
    return rows.merge(sharp, on=["source_id", "face_id"]).merge(tagged, on="face_id", how="left")


def slices_of(faces: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each face and each slice that it is in: face_id, slice and value.

    `faces` have a width and a height in pixels, sharpness, source_id, group_id and tags. They are
    all that any variant predicted, so that every variant is cut alike. Values come in their order:
    from small to large, or by name.
    """
    known = faces.set_index("face_id")
    parts = {
        "size": _quarters(known[["width", "height"]].max(axis=1), " px"),
        "sharpness": _quarters(known["sharpness"], ""),
        "source": known["source_id"].sort_values(),
        "tag": known["tags"].str.split().explode().dropna().sort_values(),
        "group": known["group_id"].sort_values(),
    }
    rows: pd.DataFrame = pd.concat(parts, names=["slice"]).rename("value").reset_index()
    return rows


def errors_of(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return each face of a variant, its `actual` class and the share of the runs that are `wrong`.

    Each run of `runs` predicted it, or the run of its fold with each seed.
    """
    wrong = [
        run.assign(wrong=(run["actual"] != run["predicted"]).astype("float64")) for run in runs
    ]
    by_face = pd.concat(wrong).groupby("face_id", sort=False)
    return by_face.agg({"actual": "first", "wrong": "mean"}).reset_index()


def rates_by_variant(
    errors: Mapping[str, pd.DataFrame], faces: pd.DataFrame, params: EvaluateParams
) -> tuple[pd.DataFrame, dict[str, Counter[str]]]:
    """Return the error rates of all variants, and by variant and slice how many had too few faces.

    `errors` are those of each variant, `faces` all that any of them predicted.
    """
    cut, groups = slices_of(faces), faces.set_index("face_id")["group_id"]
    found = {name: error_rates(wrong, cut, groups, params) for name, wrong in errors.items()}
    rates = pd.concat([rows.assign(variant=name) for name, (rows, _) in found.items()])
    return rates, {name: few for name, (_, few) in found.items()}


def error_rates(
    errors: pd.DataFrame, slices: pd.DataFrame, groups: pd.Series, params: EvaluateParams
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return a row for each value of each slice, and by slice how many values had too few faces.

    The actual expressions are a slice too. `groups` has the group of each face. Intervals allow
    for other groups, not for other seeds; for a single group they are NaN. Of the groups, those
    with the most errors have a row.
    """
    expressions = errors[["face_id", "actual"]].rename(columns={"actual": "value"})
    expressions = expressions.sort_values("value").assign(slice="expression")
    members = pd.concat([slices, expressions]).merge(errors, on="face_id")
    members["group_id"] = members["face_id"].map(groups)
    values = list(members.groupby(["slice", "value"], sort=False))
    few = Counter(str(name) for (name, _), part in values if len(part) < FEWEST)
    rows = [
        {"slice": name, "value": value, **_error_rate(part, params)}
        for (name, value), part in values
        if len(part) >= FEWEST
    ]
    return _worst(pd.DataFrame(rows, columns=COLUMNS)), few


def _error_rate(part: pd.DataFrame, params: EvaluateParams) -> dict[str, Any]:
    by_group = part.groupby("group_id")["wrong"].agg(["sum", "size"]).to_numpy(np.float64)

    def rate(drawn: Numbers) -> Numbers:
        errors, faces = (drawn @ by_group).T
        shares: Numbers = errors / faces
        return shares

    low, high = interval(rate, [len(by_group)], params)
    return {
        "faces": len(part),
        "groups": len(by_group),
        "errors": part["wrong"].sum(),
        "error_rate": part["wrong"].mean(),
        "low": low,
        "high": high,
    }


def _quarters(values: pd.Series, unit: str) -> pd.Series:
    """Return in which of about four equally full bins each value is; edges have two digits.

    A bin holds its lower edge and not its upper one.
    """
    ordered = values.astype("float64").sort_values()
    quartiles = ordered.quantile([0.25, 0.5, 0.75])
    edges = np.unique([float(f"{edge:.2g}") for edge in quartiles])
    names = [f"{edge:g}" for edge in edges]
    between = [f"{low} to {high}{unit}" for low, high in pairwise(names)]
    bins = [f"under {names[0]}{unit}", *between, f"{names[-1]}{unit} or more"]
    return pd.Series(np.array(bins, object)[np.digitize(ordered, edges)], ordered.index)


def _worst(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the worst groups alone, and these last, the worst one first."""
    is_group = rows["slice"] == "group"
    worst = rows[is_group].sort_values("error_rate", ascending=False, kind="stable")
    return pd.concat([rows[~is_group], worst.head(WORST_GROUPS)], ignore_index=True)
