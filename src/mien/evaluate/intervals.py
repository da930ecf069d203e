"""Confidence intervals from whole groups: faces of one person or video are not independent.

The estimate is for the population of faces that come in such groups and, where a variant has
several seeds, for its seeds. The variance is the jackknife's, which leaves out one group (or seed)
at a time. It is the cluster estimator that is not too small where few groups hold most faces (Bell
and McCaffrey 2002, "Bias Reduction in Standard Errors for Linear Regression with Multi-Stage
Samples", Survey Methodology 28, 169-181). docs/statistics.md says why these intervals are used, and
how often they cover.
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
    """Return the interval of a share, 0 to 1; NaN where there is only one group.

    `units` has the number of groups and, after it, the numbers of whatever else varies. `statistic`
    takes one array (rows, units) for each, the weight of every unit, and returns one number a row.
    The estimate always lies inside. The interval has a width even where no face is wrong: its lower
    end is then about 1 minus 4 over the number of groups.
    """
    return share_interval(jackknife(statistic, units), units[0], params)


def share_interval(
    estimate: Jackknifed, groups: int, params: EvaluateParams
) -> tuple[float, float]:
    """Return Wilson's interval of a share, with the effective sample size that its variance
    implies.

    With Student's t, as modified for cluster surveys: Dean and Pagano 2015, "Evaluating Confidence
    Interval Methods for Binomial Proportions in Clustered Surveys", Journal of Survey Statistics
    and Methodology 3, 484-503. The size is drawn towards the number of groups by half a group's
    weight, since few errors say little about how errors cluster.
    """
    if groups < 2:
        return math.nan, math.nan
    point, doubt = estimate.point, DOUBT / groups
    effective = (point * (1 - point) + doubt) / (estimate.variance + doubt / groups)
    return wilson(point, effective, quantile(estimate.freedom, params))


def positive_interval(estimate: Jackknifed, params: EvaluateParams) -> tuple[float, float]:
    """Return Student's interval on the log scale, for a value without an upper bound."""
    if not estimate.point > 0:
        return math.nan, math.nan
    relative = math.sqrt(estimate.variance) / estimate.point
    factor = math.exp(quantile(estimate.freedom, params) * relative)
    return estimate.point / factor, estimate.point * factor


def difference_interval(
    estimates: Sequence[Jackknifed], ends: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the interval of the second estimate minus the first, from the interval of each.

    As in Newcombe 1998, "Interval Estimation for the Difference Between Independent Proportions"
    (Statistics in Medicine 17, 873-890), method 10, with a correlation where groups are shared.
    Both must leave out the same groups in the same order in `without`.
    """
    (first, second), ((low_1, high_1), (low_2, high_2)) = estimates, ends
    difference, r = second.point - first.point, _correlation(first, second)
    below = _joint(second.point - low_2, high_1 - first.point, r)
    above = _joint(high_2 - second.point, first.point - low_1, r)
    return difference - below, difference + above


def jackknife(statistic: Statistic, units: Sequence[int]) -> Jackknifed:
    """Return the estimate with its variance, the sum of the variances of all kinds of units."""
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
    """Return the quantile of Student's t for both ends of an interval."""
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
    """Return the half width of the difference of two estimates with half widths `x` and `y`."""
    return math.sqrt(max(x * x + y * y - 2 * correlation * x * y, 0))


def _correlation(first: Jackknifed, second: Jackknifed) -> float:
    shared = (len(first.without) - 1) * float(np.cov(first.without, second.without, ddof=0)[0, 1])
    scale = math.sqrt(first.variance * second.variance)
    return min(max(shared / scale, -1.0), 1.0) if scale > 0 else 0.0
