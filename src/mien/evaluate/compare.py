"""Which variant is better, as far as the faces at hand can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from mien.evaluate.bootstrap import Difference, paired_difference
from mien.evaluate.files import NoPair, Pair
from mien.evaluate.intervals import RELIABLE_GROUPS, Numbers
from mien.evaluate.runs import Graded, Result, by_variant, grade, pool
from mien.params import EvaluateParams


def compare_pairs(results: Sequence[Result], params: EvaluateParams) -> list[Pair | NoPair]:
    """Return for every two variants the difference in accuracy, `a` minus `b`, and its interval.

    Both are judged on the faces that both predicted. `p_value` is the probability of a difference
    this large between equally good variants. Among 20 equal pairs one has a p-value under 0.05 by
    chance; `p_adjusted` allows for the number of pairs. Where two variants cannot be compared,
    `reason` says why in place of the numbers.
    """
    graded = {name: grade(pool(members)) for name, members in by_variant(results).items()}
    pairs = [_compare(a, b, graded, params) for a, b in combinations(graded, 2)]
    adjusted = iter(holm([pair.p_value for pair in pairs if isinstance(pair, Pair)]))
    return [
        replace(pair, p_adjusted=next(adjusted)) if isinstance(pair, Pair) else pair
        for pair in pairs
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted as in Holm 1979, which controls the family-wise error."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.asarray(p_values, float)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return [float(value) for value in adjusted]


def why_not(a: Graded, b: Graded) -> str | None:
    """Return why two variants cannot be compared, or None when they can."""
    shared = a.truth.index.intersection(b.truth.index)
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


def paired(
    a: pd.DataFrame,
    b: pd.DataFrame,
    groups: "pd.Series[str]",
    params: EvaluateParams,
    step: float = 0.0,
) -> Difference:
    """Return the mean of `a` minus `b`, both (faces, seeds), on the faces of `groups`.

    `step` is the largest difference that one face can make, 0 where there is no limit.
    """
    a, b = a.loc[groups.index], b.loc[groups.index]
    by_group = (a.mean(axis=1) - b.mean(axis=1)).groupby(groups)
    sums, sizes = by_group.agg(["sum", "size"]).to_numpy(np.float64).T
    seeds: list[Numbers] = [one.mean().to_numpy(np.float64) for one in (a, b)]
    return paired_difference(sums, sizes, params, step, seeds)


def shared_groups(a: Graded, b: Graded) -> "pd.Series[str]":
    """Return the group of every face that both predicted, sorted by face."""
    shared = a.truth.index.intersection(b.truth.index).sort_values()
    groups: pd.Series[str] = a.truth["group_id"].loc[shared]
    return groups


def counted(groups: "pd.Series[str]") -> tuple[int, int, bool]:
    """Return the faces and groups that a comparison rests on, and whether they are enough."""
    number = groups.nunique()
    return len(groups), number, number >= RELIABLE_GROUPS


def _compare(a: str, b: str, graded: Mapping[str, Graded], params: EvaluateParams) -> Pair | NoPair:
    """Return the numbers of one comparison, its p-value not adjusted, or why there are none."""
    one, other = graded[a], graded[b]
    reason = why_not(one, other)
    if reason is not None:
        return NoPair(a, b, reason)
    groups = shared_groups(one, other)
    found = paired(one.right, other.right, groups, params, step=1)
    ends = (found.difference, found.low, found.high)
    return Pair(a, b, *ends, found.p_value, found.p_value, *counted(groups))
