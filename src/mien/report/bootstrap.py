"""Intervals by bootstrap over groups: faces of one person or video are not independent.

The percentiles are moved outwards for few groups, as Hesterberg 2015 expands them ("What Teachers
Should Know About the Bootstrap", The American Statistician 69, 371-386). In simulations at an
accuracy of 0.8 a 95 % interval from 60 groups then covers 92 to 96 %, the less the more unequal
the groups are; near an accuracy of 1, or under 20 groups, it covers less than it says.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from mien.params import ReportParams

RELIABLE_GROUPS = 20
SAMPLES_AT_ONCE = 250

Numbers = NDArray[np.float64]


def interval(
    statistic: Callable[..., Numbers], units: Sequence[int], params: ReportParams
) -> tuple[float, float]:
    """Return the ends of a statistic's bootstrap interval, NaN where there is but one group.

    `units` says how many groups there are and, after it, how many of whatever else is drawn anew.
    `statistic` takes one array (samples, units) for each, of how often every unit was drawn, and
    gives one number a sample. Where no sample differs, as when every face is right, the interval
    is that one number.
    """
    groups = units[0]
    if groups < 2:
        return math.nan, math.nan
    generator = np.random.default_rng(params.seed)
    values = []
    for start in range(0, params.bootstrap_samples, SAMPLES_AT_ONCE):
        samples = min(SAMPLES_AT_ONCE, params.bootstrap_samples - start)
        draws = [generator.multinomial(n, np.full(n, 1 / n), samples) for n in units]
        values.append(statistic(*(drawn.astype(np.float64) for drawn in draws)))
    level = expanded_level((1 - params.confidence) / 2, groups)
    low, high = np.quantile(np.concatenate(values), [level, 1 - level])
    return float(low), float(high)


def expanded_level(level: float, groups: int) -> float:
    """Return the percentile to take instead of `level` so that few groups give wide intervals."""
    return float(norm.cdf(np.sqrt(groups / (groups - 1)) * t.ppf(level, groups - 1)))
