"""Probabilities over time, and when the shown expression changes."""

import math

import numpy as np
import pytest

from mien.live.smooth import Shown, average, shown

HAPPY, ANGRY = np.array([0.9, 0.1]), np.array([0.1, 0.9])


def test_a_first_frame_counts_alone():
    assert average(None, HAPPY, 0.0, 0.5).mean == pytest.approx(HAPPY)


def test_what_was_before_counts_e_times_less_after_the_smoothing_time():
    mean = average(average(None, HAPPY, 0.0, 0.5), ANGRY, 0.5, 0.5).mean
    weights = np.array([math.exp(-1), 1.0])
    assert mean == pytest.approx((weights @ [HAPPY, ANGRY]) / weights.sum())


def test_how_many_frames_a_second_there_are_hardly_matters():
    def after_a_change(fps: int) -> float:
        now = None
        for _ in range(3 * fps):
            now = average(now, HAPPY, 1 / fps, 0.3)
        for _ in range(fps // 2):
            now = average(now, ANGRY, 1 / fps, 0.3)
        return now.mean[1]

    assert after_a_change(10) == pytest.approx(after_a_change(60), abs=0.005)


def test_without_smoothing_only_the_last_frame_counts():
    assert average(average(None, HAPPY, 0.0, 0.0), ANGRY, 0.04, 0.0).mean == pytest.approx(ANGRY)


@pytest.mark.parametrize(
    ("before", "mean", "after"),
    [
        (None, [0.70, 0.30], Shown(0, True)),  # sure enough
        (None, [0.55, 0.45], Shown(0, False)),  # not yet
        (Shown(0, False), [0.55, 0.45], Shown(0, False)),  # nor now
        (Shown(0, True), [0.55, 0.45], Shown(0, True)),  # below the threshold, not by the lead
        (Shown(0, True), [0.49, 0.45], Shown(0, False)),  # below it by the lead
        (Shown(0, True), [0.45, 0.53], Shown(0, True)),  # the other leads by too little
        (Shown(0, True), [0.42, 0.58], Shown(1, True)),  # the other leads by enough
        (Shown(0, False), [0.47, 0.53], Shown(1, False)),  # a guess is the likeliest
        (Shown(0, False), [0.28, 0.61], Shown(1, True)),
    ],
)
def test_what_is_shown_changes_when_another_leads_or_nothing_is_sure(before, mean, after):
    assert shown(before, np.array(mean), 0.6, 0.1) == after


def test_what_becomes_sure_is_the_likeliest():
    assert shown(Shown(0, False), np.array([0.4, 0.6]), 0.6, 0.9) == Shown(1, True)


def test_unsure_comes_back_also_where_the_threshold_is_lower_than_the_lead():
    assert shown(Shown(0, True), np.array([0.14] * 7), 0.3, 0.4) == Shown(0, False)


def test_without_a_threshold_nothing_is_sure_and_with_one_of_0_everything_is():
    assert shown(None, np.array([1.0, 0.0]), None, 0.1) == Shown(0, False)
    assert shown(None, np.array([0.26, 0.25, 0.25, 0.24]), 0.0, 0.1) == Shown(0, True)
