"""Intervals from whole groups, against published examples, scipy and simulated truths."""

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_ind

from mien.evaluate.intervals import (
    Jackknifed,
    difference_interval,
    interval,
    jackknife,
    pooled_freedom,
    positive_interval,
    wilson,
)
from mien.params import EvaluateParams

PARAMS = EvaluateParams.model_construct(bootstrap_samples=2000, confidence=0.95, seed=0)
Z = 1.959964


def accuracy(right: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    return interval(lambda w: (w @ right) / (w @ sizes), [len(sizes)], PARAMS)


def estimate(point: float, without: np.ndarray) -> Jackknifed:
    """Return an estimate whose variance is all of its groups."""
    return Jackknifed(point, without, (len(without) - 1) * float(np.var(without)), len(without) - 1)


def test_the_jackknife_of_the_law_schools_of_efron_and_tibshirani() -> None:
    """ "An Introduction to the Bootstrap", 1993: the standard error of the correlation is 0.1425."""
    lsat = np.array([576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594])
    gpa = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]

    def correlation(weights: np.ndarray) -> np.ndarray:
        return np.array([np.corrcoef(lsat[w > 0], np.array(gpa)[w > 0])[0, 1] for w in weights])

    found = jackknife(correlation, [15])
    assert found.point == pytest.approx(0.776, abs=5e-4)
    assert np.sqrt(found.variance) == pytest.approx(0.1425, abs=5e-5)


def test_more_groups_than_are_weighed_at_once_are_all_left_out_once() -> None:
    values = np.arange(600.0)
    found = jackknife(lambda w: (w @ values) / w.sum(axis=1), [600])
    assert found.variance == pytest.approx(values.var(ddof=1) / 600)


def test_wilson_is_that_of_scipy() -> None:
    exact = binomtest(17, 20).proportion_ci(0.95, "wilson")
    assert wilson(0.85, 20, Z) == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_the_degrees_of_freedom_of_two_variances_are_those_of_welch() -> None:
    one, two = np.array([3.1, 2.4, 5.5, 4.0]), np.array([1.0, 9.0, 4.0, 2.5, 8.0, 0.5])
    variances = [sample.var(ddof=1) / len(sample) for sample in (one, two)]
    expected = ttest_ind(one, two, equal_var=False).df
    assert pooled_freedom(variances, [3, 5]) == pytest.approx(expected)


def test_newcombe_s_interval_of_56_of_70_less_48_of_80() -> None:
    """Table II, example (a), method 10: 0.0524 to 0.3339."""
    apart = [estimate(48 / 80, np.zeros(2)), estimate(56 / 70, np.zeros(2))]
    found = difference_interval(apart, [wilson(48 / 80, 80, Z), wilson(56 / 70, 70, Z)])
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_two_that_rise_and_fall_together_differ_with_more_certainty() -> None:
    groups = np.array([0.78, 0.80, 0.82, 0.80])
    ends = [(0.7, 0.9), (0.6, 0.8)]
    same = difference_interval([estimate(0.8, groups), estimate(0.7, groups - 0.1)], ends)
    opposite = difference_interval([estimate(0.8, groups), estimate(0.7, 1.5 - groups)], ends)
    assert same == pytest.approx((-0.1, -0.1))
    assert opposite == pytest.approx((-0.3, 0.1))


def test_the_interval_of_a_loss_is_a_factor_on_either_side() -> None:
    """t(0.975, 10) is 2.228, so with a relative error of 0.1 the factor is exp(0.2228)."""
    low, high = positive_interval(Jackknifed(2.0, np.zeros(11), 0.04, 10), PARAMS)
    assert (low, high) == pytest.approx((2 / np.exp(0.2228), 2 * np.exp(0.2228)), abs=1e-4)


@pytest.mark.parametrize("groups", [2, 5, 20, 300])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_right_is_an_interval_and_not_a_point(groups: int, share: float) -> None:
    low, high = accuracy(np.full(groups, share * 3), np.full(groups, 3.0))
    assert low <= share <= high
    assert 0 <= low < high <= 1
    assert 3 / groups < high - low or groups < 5


def test_the_point_is_always_inside() -> None:
    draw = np.random.default_rng(0)
    for _ in range(300):
        sizes = draw.integers(1, 30, draw.integers(2, 25)).astype(float)
        right = draw.binomial(sizes.astype(int), draw.beta(0.9, 0.1, len(sizes)))
        low, high = accuracy(right, sizes)
        assert 0 <= low <= right.sum() / sizes.sum() <= high <= 1


def test_a_second_seed_that_differs_widens_the_interval_and_one_that_does_not_leaves_it() -> None:
    draw = np.random.default_rng(1)
    one = draw.binomial(2, 0.9, 100).astype(float)
    sums = {"equal": np.stack([one, one], 1), "apart": np.stack([one, np.maximum(one - 0.4, 0)], 1)}

    def width(name: str) -> float:
        def mean(w: np.ndarray, seeds: np.ndarray) -> np.ndarray:
            return (w @ sums[name] * seeds).sum(axis=1) / seeds.sum(axis=1) / (2 * w.sum(axis=1))

        low, high = interval(mean, [100, 2], PARAMS)
        return high - low

    low, high = accuracy(one, np.full(100, 2.0))
    assert width("equal") == pytest.approx(high - low, rel=0.02)
    assert width("apart") > 2 * (high - low)


@pytest.mark.parametrize(("mean", "largest"), [(0.7, 5), (0.9, 5), (0.9, 74), (0.97, 5)])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(mean: float, largest: int) -> None:
    """600 data sets of 60 groups that have 1 to 5 faces, but one; two errors of a group correlate
    by 0.3. Of so many, between 92.3 and 97.7 % is where three standard errors around 95 % end.
    """
    draw = np.random.default_rng(0)
    scale = 0.7 / 0.3
    covered = 0
    for _ in range(600):
        sizes = np.append(largest, draw.integers(1, 6, 59))
        right = draw.binomial(sizes, draw.beta(mean * scale, (1 - mean) * scale, 60))
        low, high = accuracy(right, sizes)
        covered += low <= mean <= high
    assert 0.923 <= covered / 600 <= 0.977
