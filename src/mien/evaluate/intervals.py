"""Intervals from whole groups: faces of one person or video are not independent.

What is estimated is a figure over the population of faces that come in such groups and, where a
variant has several seeds, over its seeds. Variances are the jackknife's, which leaves out one group
(or seed) at a time: of the estimators for clusters the one that is not too small where few groups
hold most faces (Bell and McCaffrey 2002, "Bias Reduction in Standard Errors for Linear Regression
with Multi-Stage Samples", Survey Methodology 28, 169-181). docs/statistics.md says why these
intervals, and how often they cover.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from mien.params import EvaluateParams
from mien.wilson import wilson

RELIABLE_GROUPS = 20
ROWS_AT_ONCE = 250
DOUBT = 0.5  # groups: chosen by simulation, as docs/statistics.md says

Numbers = NDArray[np.float64]
Statistic = Callable[..., Numbers]


@dataclass(frozen=True)
class Jackknifed:
    """A statistic, what it is without each group, its variance and that variance's freedom."""

    point: float
    without: Numbers
    variance: float
    freedom: float


def interval(
    statistic: Statistic, units: Sequence[int], params: EvaluateParams
) -> tuple[float, float]:
    """Return the ends of the interval of a share, 0 to 1; NaN where there is but one group.

    `units` says how many groups there are and, after it, how many of whatever else varies.
    `statistic` takes one array (rows, units) for each, of how much every unit weighs, and gives
    one number a row. The point is never outside, and the ends are apart even where no face is
    wrong: there the lower end is about 1 less 4 over the number of groups.
    """
    return share_interval(jackknife(statistic, units), units[0], params)


def share_interval(
    estimate: Jackknifed, groups: int, params: EvaluateParams
) -> tuple[float, float]:
    """Return Wilson's interval of a share among as many single faces as its variance amounts to.

    With an effective size and Student's t, as modified for surveys of clusters: Dean and Pagano
    2015, "Evaluating Confidence Interval Methods for Binomial Proportions in Clustered Surveys",
    Journal of Survey Statistics and Methodology 3, 484-503. The size is drawn towards the number of
    groups by half a group's worth, since few errors say little about how errors cluster.
    """
    if groups < 2:
        return math.nan, math.nan
    point, doubt = estimate.point, DOUBT / groups
    effective = (point * (1 - point) + doubt) / (estimate.variance + doubt / groups)
    return wilson(point, effective, quantile(estimate.freedom, params))


def positive_interval(estimate: Jackknifed, params: EvaluateParams) -> tuple[float, float]:
    """Return Student's interval on the scale of logarithms, for what has no upper bound."""
    if not estimate.point > 0:
        return math.nan, math.nan
    relative = math.sqrt(estimate.variance) / estimate.point
    factor = math.exp(quantile(estimate.freedom, params) * relative)
    return estimate.point / factor, estimate.point * factor


def difference_interval(
    estimates: Sequence[Jackknifed], ends: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the interval of the second of two estimates less the first, from the ends of each.

    As in Newcombe 1998, "Interval Estimation for the Difference Between Independent Proportions"
    (Statistics in Medicine 17, 873-890), method 10, with a correlation where groups are shared: the
    two must be `without` the same groups in the same order.
    """
    (first, second), ((low_1, high_1), (low_2, high_2)) = estimates, ends
    difference, r = second.point - first.point, _correlation(first, second)
    below = _joint(second.point - low_2, high_1 - first.point, r)
    above = _joint(high_2 - second.point, first.point - low_1, r)
    return difference - below, difference + above


def jackknife(statistic: Statistic, units: Sequence[int]) -> Jackknifed:
    """Return the estimate; its variance is the sum of those of all units, groups and others."""
    even = [np.ones((1, count)) for count in units]
    point = float(statistic(*even)[0])
    without = [_without(statistic, units, place) for place in range(len(units))]
    spread = [(len(values) - 1) * float(np.var(values)) for values in without]
    freedoms = [max(count - 1, 1) for count in units]
    return Jackknifed(point, without[0], sum(spread), pooled_freedom(spread, freedoms))


def pooled_freedom(variances: Sequence[float], freedoms: Sequence[float]) -> float:
    """Return the degrees of freedom of a sum of variances, as Satterthwaite 1946 has it."""
    parts = sum(v * v / f for v, f in zip(variances, freedoms, strict=True))
    return sum(variances) ** 2 / parts if parts > 0 else freedoms[0]


def quantile(freedom: float, params: EvaluateParams) -> float:
    """Return Student's t of both ends of an interval."""
    return float(t.ppf((1 + params.confidence) / 2, freedom))


def _without(statistic: Statistic, units: Sequence[int], place: int) -> Numbers:
    """Return the statistic without each unit of one kind in turn."""
    count = units[place]
    if count < 2:
        return np.zeros(1)
    values = []
    for start in range(0, count, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, count - start)
        weights = [np.ones((rows, number)) for number in units]
        weights[place][np.arange(rows), np.arange(start, start + rows)] = 0
        values.append(statistic(*weights))
    return np.concatenate(values)


def _joint(x: float, y: float, correlation: float) -> float:
    """Return the half width of a difference of two whose half widths are `x` and `y`."""
    return math.sqrt(max(x * x + y * y - 2 * correlation * x * y, 0))


def _correlation(first: Jackknifed, second: Jackknifed) -> float:
    shared = (len(first.without) - 1) * float(np.cov(first.without, second.without, ddof=0)[0, 1])
    scale = math.sqrt(first.variance * second.variance)
    return min(max(shared / scale, -1.0), 1.0) if scale > 0 else 0.0
