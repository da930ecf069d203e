"""Two variants on the same faces: the wild bootstrap over groups, which flips signs.

Were two variants equally good, a group that speaks for one could as well speak for the other. So
the signs of whole groups are flipped at random, and `p_value` is how often the flipped groups
differ at least as much as those at hand. The interval holds the differences that the same test does
not reject. Flipping signs keeps its level with few and with very unequal groups, where Student's t
does not: Canay, Romano and Shaikh 2017, "Randomization Tests Under an Approximate Symmetry
Assumption", Econometrica 85, 1013-1030.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.evaluate.intervals import Numbers, pooled_freedom, quantile
from mien.params import EvaluateParams

TINY = 1e-9


@dataclass(frozen=True)
class Difference:
    """The mean difference of a face, its interval, and the p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def paired_difference(
    sums: Numbers,
    sizes: Numbers,
    params: EvaluateParams,
    step: float = 0.0,
    seeds: Sequence[Numbers] = (),
) -> Difference:
    """Return the mean of a difference whose `sums` over groups of so many `sizes` are given.

    `step` is the most that a face can differ, 0 where there is no most: one face more that speaks
    for either side is counted, as Bonett and Price 2012 add one to each discordant cell ("Adjusted
    Wald Confidence Interval for a Difference of Binomial Proportions Based on Paired Data", Journal
    of Educational and Behavioral Statistics 37, 479-488), so that variants that never disagree have
    an interval too. `seeds` has for each of the two its figure with every seed; several seeds
    widen interval and test. Where groups are too few to tell, the ends are those of `step`, or NaN.
    """
    difference = float(sums.sum() / sizes.sum())
    if len(sums) < 2:
        return Difference(difference, math.nan, math.nan, math.nan)
    if step:  # in an order that turns with the sides, so that the interval of `b` less `a` does too
        leading = next((value for value in (difference, *sums) if value), 1.0)
        more = np.copysign(step, [leading, -leading])
        sums, sizes = np.append(sums, more), np.append(sizes, [0, 0])
    above, below = _reaches(sums - difference * sizes, sizes, params)
    width = _width(sums - difference * sizes, sizes, seeds, params)
    tail = round((1 - params.confidence) * (params.bootstrap_samples + 1), 6)
    ends = [width * _upper(reach, int(tail)) for reach in (below, above)]
    low, high = difference - ends[0], difference + ends[1]
    if step:
        low, high = max(low, -step), min(high, step)
    beyond = width * (below if difference > 0 else above) >= abs(difference) - TINY
    low, high = (round(end, 12) + 0.0 if math.isfinite(end) else math.nan for end in (low, high))
    p_value = float((1 + beyond.sum()) / (1 + len(beyond)))
    return Difference(difference, low, high, p_value)


def _reaches(rests: Numbers, sizes: Numbers, params: EvaluateParams) -> tuple[Numbers, Numbers]:
    """Return for every flip how far above and below the estimate it would not reject.

    A flip s does not reject a difference d from the estimate if |sum s (rest - d size)| is at least
    |d| times the number of faces. Solved for d, this is a quotient.
    """
    generator = np.random.default_rng(params.seed)
    signs = 2.0 * generator.integers(0, 2, (params.bootstrap_samples, len(sizes))) - 1
    faces, flipped, turned = sizes.sum(), signs @ rests, signs @ sizes
    whole = (np.abs(flipped) < TINY) & (faces - np.abs(turned) < TINY)  # nothing was flipped
    turned = np.sign(flipped) * turned
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = (np.abs(flipped) / (faces + sign * turned) for sign in (1, -1))
    return np.where(whole, np.inf, above), np.where(whole, np.inf, below)


def _upper(reach: Numbers, rank: int) -> float:
    """Return the reach of that rank from above; infinite where the samples are too few."""
    return float(np.sort(reach)[len(reach) - rank]) if rank else math.inf


def _width(
    rests: Numbers, sizes: Numbers, seeds: Sequence[Numbers], params: EvaluateParams
) -> float:
    """Return by how much the interval widens because another seed gives other results."""
    several = [values for values in seeds if len(values) > 1]
    groups = float(np.sum((rests / (sizes.sum() - sizes)) ** 2))
    if not several or groups == 0:
        return 1.0
    variances = [groups, *(float(np.var(values, ddof=1)) / len(values) for values in several)]
    freedoms = [int(np.count_nonzero(sizes)) - 1, *(len(values) - 1 for values in several)]
    freedom, alone = pooled_freedom(variances, freedoms), freedoms[0]
    return math.sqrt(sum(variances) / groups) * quantile(freedom, params) / quantile(alone, params)
