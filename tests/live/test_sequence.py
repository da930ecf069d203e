"""A whole track at once: smoothed over before and after."""

import numpy as np
import pytest

from mien.live.sequence import both_ways, shown_in, spans
from mien.live.smooth import Shown
from mien.params import LiveParams

TIMES = [n / 25 for n in range(100)]


def rows(changes_at=50, noise=0.0):
    """Return 100 frames that show the first class, then the second."""
    rng = np.random.default_rng(0)
    first = np.where(np.arange(100) < changes_at, 0.8, 0.2) + noise * rng.normal(size=100)
    first = np.clip(first, 0, 1)
    return [np.array([p, 1 - p]) for p in first]


def test_it_is_the_mean_weighted_by_the_distance_in_time():
    given = rows(noise=0.2)
    weights = np.exp(-np.abs(np.subtract.outer(TIMES, TIMES)) / 0.3)
    expected = weights @ np.stack(given) / weights.sum(axis=1, keepdims=True)
    assert both_ways(TIMES, given, 0.3) == pytest.approx(expected)


def test_frames_far_apart_hardly_count_for_each_other():
    far = [0.0, 10.0, 20.0]
    given = [np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0])]
    assert both_ways(far, given, 0.3) == pytest.approx(np.stack(given), abs=1e-9)


def test_a_change_happens_when_it_began_and_not_when_it_was_certain():
    smoothed = both_ways(TIMES, rows(changes_at=50), 0.3)
    for threshold, is_sure in ((0.0, True), (None, False)):
        first, then = Shown(0, is_sure), Shown(1, is_sure)
        assert shown_in(smoothed, 0.2, threshold) == [first] * 50 + [then] * 50


def test_noise_makes_no_spans_of_its_own():
    noisy = rows(changes_at=50, noise=0.25)
    flips = int((np.diff([row.argmax() for row in noisy]) != 0).sum())
    found = spans(TIMES, noisy, LiveParams(smoothing_s=0.3, lead=0.2, forget_s=1), 0)
    assert flips > 5
    assert [span.shown.place for span in found] == [0, 1]
    assert found[0].frames == pytest.approx(50, abs=2)


def test_spans_follow_each_other_without_a_gap():
    found = spans(TIMES, rows(), LiveParams(smoothing_s=0.3, lead=0.2, forget_s=1), None)
    assert [(s.start_s, s.end_s) for s in found] == [(0.0, TIMES[50]), (TIMES[50], TIMES[-1])]


def test_what_was_sure_stays_so_up_to_where_a_guess_begins():
    rising = [np.array([p, 1 - p]) for p in np.linspace(0.9, 0.3, 100)]
    params = LiveParams(smoothing_s=0, lead=0.1, forget_s=1)
    found = [(span.shown, span.frames) for span in spans(TIMES, rising, params, 0.8)]
    assert [what for what, _ in found] == [Shown(0, True), Shown(0, False), Shown(1, False)]
    assert sum(frames for _, frames in found[:2]) == 66  # as long as the first is the likelier


def test_what_is_below_the_threshold_is_unsure():
    level = [np.array([0.55, 0.45])] * 100
    [span] = spans(TIMES, level, LiveParams(smoothing_s=0.3, lead=0.2, forget_s=1), 0.8)
    assert span.shown == Shown(0, False)
    assert span.mean == pytest.approx([0.55, 0.45])
