"""Which variant is better, as far as the faces at hand can tell."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from mien.params import AnyVariant, ReportParams
from mien.report.bootstrap import RELIABLE_GROUPS, Numbers, interval
from mien.report.metrics import point_metrics
from mien.report.runs import Graded, Result, by_variant, grade, pool


def summarise(
    results: Sequence[Result], variants: Mapping[str, AnyVariant], params: ReportParams
) -> pd.DataFrame:
    """Return one row a variant, sorted by name: its recipe in short, and how well it predicts.

    The folds of a seed are pooled; accuracy and all other metrics are the means over the seeds.
    The interval draws groups anew and, where there are several, seeds too. From a single seed it
    leaves out how much another seed would change.
    """
    rows = []
    for name, members in by_variant(results).items():
        seeds, variant = pool(members), variants[name]
        graded = grade(seeds)
        points = pd.DataFrame([point_metrics(frame) for frame in seeds.values()])
        low, high = _accuracy_interval(graded, params)
        groups = graded.truth["group_id"].nunique()
        rows.append(
            {
                "variant": name,
                "family": variant.family,
                "labels": variant.labels,
                "scheme": variant.scheme,
                "image_size_px": variant.image_size_px,
                "epochs": variant.epochs,
                "runs": len(members),
                "faces": len(graded.truth),
                "groups": groups,
                "leak": _mean_leak(members),
                "accuracy_low": low,
                "accuracy_high": high,
                "reliable": groups >= RELIABLE_GROUPS,
                **points.mean().to_dict(),
            }
        )
    return pd.DataFrame(rows)


def compare_pairs(results: Sequence[Result], params: ReportParams) -> list[dict[str, Any]]:
    """Return for every two variants the difference in accuracy, `a` less `b`, and its interval.

    It is taken on the faces both predicted, and every sample of groups (and of each variant's
    seeds) is the same for both. Where the two cannot be compared, `reason` says why in place of
    the numbers. Nothing allows for how many pairs there are: of 20 equal ones, one may look
    different.
    """
    graded = {name: grade(pool(members)) for name, members in by_variant(results).items()}
    return [
        {"a": a, "b": b, **_compare(graded[a], graded[b], params)}
        for a, b in combinations(graded, 2)
    ]


def _mean_leak(results: Sequence[Result]) -> float:
    """Return the share of all predicted faces that leak."""
    faces = [len(result.predictions) for result in results]
    return float(np.average([result.leak for result in results], weights=faces))


def _accuracy_interval(graded: Graded, params: ReportParams) -> tuple[float, float]:
    groups = graded.truth["group_id"]
    sums = _sums(graded.right, groups)
    sizes = groups.groupby(groups).size().to_numpy(np.float64)

    def accuracy(drawn: Numbers, seeds: Numbers) -> Numbers:
        return _right(sums, drawn, seeds) / (drawn @ sizes)

    return interval(accuracy, [len(sizes), sums.shape[1]], params)


def _compare(a: Graded, b: Graded, params: ReportParams) -> dict[str, Any]:
    """Return the numbers of one comparison, or the reason that there are none."""
    shared = a.truth.index.intersection(b.truth.index)
    groups = a.truth.loc[shared, "group_id"]
    reason = _reason(a, b, shared)
    if reason is not None:
        return {"reason": reason}
    right_a, right_b = a.right.loc[shared], b.right.loc[shared]
    sums_a, sums_b = _sums(right_a, groups), _sums(right_b, groups)
    sizes = groups.groupby(groups).size().to_numpy(np.float64)

    def difference(drawn: Numbers, seeds_a: Numbers, seeds_b: Numbers) -> Numbers:
        more = _right(sums_a, drawn, seeds_a) - _right(sums_b, drawn, seeds_b)
        shares: Numbers = more / (drawn @ sizes)
        return shares

    units = [len(sizes), sums_a.shape[1], sums_b.shape[1]]
    low, high = interval(difference, units, params)
    return {
        "difference": float(right_a.to_numpy().mean() - right_b.to_numpy().mean()),
        "low": low,
        "high": high,
        "faces": len(shared),
        "groups": len(sizes),
        "reliable": len(sizes) >= RELIABLE_GROUPS,
    }


def _reason(a: Graded, b: Graded, shared: pd.Index) -> str | None:
    """Return why two variants cannot be compared, or None when they can."""
    if set(a.classes) != set(b.classes):
        return f"their classes differ: {', '.join(a.classes)} against {', '.join(b.classes)}"
    if shared.empty:
        return "no face was predicted by both"
    differ = int((a.truth.loc[shared, "actual"] != b.truth.loc[shared, "actual"]).sum())
    if differ:
        return f"the truth differs for {differ} of the {len(shared)} faces both predicted"
    if a.truth.loc[shared, "group_id"].nunique() == 1:
        return "the faces both predicted are of a single group"
    return None


def _sums(right: pd.DataFrame, groups: pd.Series) -> Numbers:
    """Return how many faces are right of each group with each seed (groups, seeds)."""
    return right.groupby(groups).sum().to_numpy(np.float64)


def _right(sums: Numbers, drawn: Numbers, seeds: Numbers) -> Numbers:
    """Return how many faces are right in each sample, as the mean of the seeds drawn."""
    right: Numbers = (drawn @ sums * seeds).sum(axis=1) / seeds.sum(axis=1)
    return right
