"""Flipping the signs of groups, against scipy's permutation test and known limits."""

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from mien.evaluate.bootstrap import Difference, paired_difference
from mien.params import EvaluateParams

SUMS = np.array([3, -1, 2, 0, 4, 1, -2, 2, 5, 1.0])  # right by a less right by b, of each group
SIZES = np.array([5, 3, 4, 2, 9, 3, 4, 5, 6, 3.0])


def params(samples: int = 20_000, confidence: float = 0.95) -> EvaluateParams:
    return EvaluateParams.model_construct(bootstrap_samples=samples, confidence=confidence, seed=0)


def single(won: int, lost: int, even: int, step: float = 0) -> Difference:
    """Return the difference of so many faces, each a group of its own."""
    sums = np.repeat([1.0, -1.0, 0.0], [won, lost, even])
    return paired_difference(sums, np.ones(len(sums)), params(), step)


def test_the_p_value_is_that_of_all_flips() -> None:
    exact = permutation_test(
        (SUMS, np.zeros(10)),
        lambda a, b, axis: (a - b).sum(axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    found = paired_difference(SUMS, SIZES, params())
    assert found.difference == pytest.approx(15 / 44)
    assert found.p_value == pytest.approx(exact.pvalue, abs=0.005)


def test_the_interval_holds_what_all_flips_do_not_reject() -> None:
    signs = np.array(list(itertools.product([-1, 1], repeat=10)))

    def rejected(difference: float) -> bool:
        rest = SUMS - difference * SIZES
        return bool(np.mean(np.abs(signs @ rest) >= abs(rest.sum()) - 1e-9) <= 0.1)

    held = [value for value in np.linspace(-1, 1.5, 2501) if not rejected(value)]
    found = paired_difference(SUMS, SIZES, params(confidence=0.9))
    assert (found.low, found.high) == pytest.approx((min(held), max(held)), abs=0.006)


def test_with_one_face_a_group_it_is_the_exact_test_of_mcnemar() -> None:
    assert single(10, 2, 88).p_value == pytest.approx(binomtest(2, 12).pvalue, abs=0.005)


def test_one_face_more_for_either_side_makes_the_test_more_careful() -> None:
    found = single(10, 2, 88, step=1)
    assert found.p_value == pytest.approx(binomtest(3, 14).pvalue, abs=0.01)
    assert found.difference == pytest.approx(0.08)


@pytest.mark.parametrize("sums", [SUMS, np.array([2.0, -3, 1, 0, 0, -1, 1]), np.zeros(6)])
def test_the_other_way_round_the_interval_is_mirrored(sums: np.ndarray) -> None:
    sizes = np.full(len(sums), 4.0)
    one, other = (paired_difference(side * sums, sizes, params(399), step=1) for side in (1, -1))
    assert (other.difference, other.low, other.high) == (-one.difference, -one.high, -one.low)
    assert other.p_value == one.p_value


def test_p_value_and_interval_agree_whether_there_is_a_difference() -> None:
    draw = np.random.default_rng(0)
    for _ in range(200):
        sizes = draw.integers(1, 8, 25).astype(float)
        sums = draw.binomial(sizes.astype(int), 0.3) - draw.binomial(sizes.astype(int), 0.15) * 1.0
        found = paired_difference(sums, sizes, params(399), step=1)
        assert found.low <= found.difference <= found.high
        assert (found.p_value <= 0.05) == (not found.low <= 0 <= found.high)


def test_two_that_never_disagree_may_still_differ_a_little() -> None:
    found = single(0, 0, 100, step=1)
    assert (found.difference, found.p_value) == (0, 1)
    assert found.low == pytest.approx(-0.02, abs=0.006)
    assert found.high == pytest.approx(0.02, abs=0.006)


def test_two_or_three_groups_tell_nothing() -> None:
    found = paired_difference(np.ones(3), np.ones(3), params())
    assert np.isnan([found.low, found.high]).all()
    bounded = paired_difference(np.full(3, 2.0), np.full(3, 4.0), params(), step=1)
    assert (bounded.low, bounded.high) == (-1, 1)
    alone = paired_difference(np.ones(1), np.ones(1), params())
    assert np.isnan([alone.low, alone.high, alone.p_value]).all()


def test_seeds_that_differ_widen_interval_and_test_and_equal_ones_do_not() -> None:
    def found(*seeds: list[float]) -> Difference:
        return paired_difference(SUMS, SIZES, params(), seeds=[np.array(s) for s in seeds])

    alone, equal = found(), found([0.7, 0.7, 0.7], [0.4, 0.4, 0.4])
    apart = found([0.5, 0.7, 0.9], [0.4, 0.4, 0.4])
    assert vars(equal) == pytest.approx(vars(alone))
    assert apart.low < alone.low
    assert apart.high > alone.high
    assert apart.p_value > alone.p_value


@pytest.mark.parametrize(("groups", "largest"), [(20, 5), (40, 74), (60, 5)])
def test_equal_variants_seldom_seem_to_differ(groups: int, largest: int) -> None:
    """Errors come in groups, some of them shared. Of 500 data sets 5 %, and three standard errors
    more, are 7.9 %."""
    draw, alarms = np.random.default_rng(0), 0
    for _ in range(500):
        sizes = np.append(largest, draw.integers(1, 6, groups - 1))
        chance = draw.beta(2.7, 0.3, groups)
        a, b = (draw.binomial(sizes, chance * draw.beta(4.5, 0.5, groups)) for _ in "ab")
        alarms += paired_difference(a - b * 1.0, sizes * 1.0, params(399), step=1).p_value <= 0.05
    assert alarms / 500 <= 0.079
