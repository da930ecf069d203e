"""Faces followed by where they are."""

import numpy as np
import pytest

from mien.live.look import Face
from mien.live.smooth import Shown
from mien.live.track import Tracks, apart
from mien.params import LiveParams

PARAMS = LiveParams(smoothing_s=0.3, lead=0.1, forget_s=1.0)


def face(x, y=100, size=80):
    return Face((round(x), round(y), size, size), 0.9, np.array([0.8, 0.2]))


def numbers(tracks, time_s, *faces):
    return [seen.track for seen in tracks.follow(time_s, faces)]


def test_two_faces_that_move_keep_their_numbers_in_any_order():
    tracks = Tracks(PARAMS, None)
    assert numbers(tracks, 0.0, face(0), face(300)) == [1, 2]
    for step in range(1, 20):
        assert numbers(tracks, step / 25, face(300 - 5 * step), face(5 * step)) == [2, 1]


def test_a_face_that_comes_back_soon_has_its_number_and_one_that_comes_late_a_new_one():
    tracks = Tracks(PARAMS, None)
    numbers(tracks, 0.0, face(0))
    assert numbers(tracks, 0.5) == []
    assert numbers(tracks, 0.9, face(10)) == [1]
    assert numbers(tracks, 1.0) == []
    assert numbers(tracks, 2.0, face(10)) == [2]


def test_while_no_frame_comes_nobody_is_away():
    tracks = Tracks(PARAMS, None)
    numbers(tracks, 0.0, face(0))
    assert numbers(tracks, 60.0, face(5)) == [1]


def test_the_nearer_of_two_goes_on():
    tracks = Tracks(PARAMS, None)
    numbers(tracks, 0.0, face(0))
    assert numbers(tracks, 0.1, face(40), face(10)) == [2, 1]


def test_a_small_face_in_the_place_of_a_large_one_is_another():
    tracks = Tracks(PARAMS, None)
    numbers(tracks, 0.0, face(0, 0, 200))
    assert numbers(tracks, 0.1, face(60, 60, 80)) == [2]


def test_each_track_has_probabilities_of_its_own():
    tracks = Tracks(PARAMS, 0.0)
    happy, angry = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    for step in range(3):
        seen = tracks.follow(
            step / 25, [Face((0, 0, 80, 80), 1.0, happy), Face((300, 0, 80, 80), 1.0, angry)]
        )
    assert [one.shown for one in seen] == [Shown(0, True), Shown(1, True)]
    assert seen[0].smoothed == pytest.approx(happy)


def test_distance_is_in_sizes_of_the_face():
    assert apart((0, 0, 100, 100), (50, 0, 100, 100)) == pytest.approx(0.5)
    assert apart((0, 0, 100, 100), (0, 0, 200, 200)) == float("inf")
