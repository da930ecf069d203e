import numpy as np

from mien.faces.detections import Detection, inside, without_overlaps


def test_of_two_overlapping_detections_the_more_confident_stays():
    weak, strong = Detection(0, 0, 40, 40, 0.6), Detection(4, 4, 40, 40, 0.9)
    assert without_overlaps([weak, strong]) == [strong]


def test_the_same_box_twice_is_one_detection():
    face = Detection(3, 4, 50, 50, 1.0)
    assert without_overlaps([face, face]) == [face]


def test_of_two_equally_confident_ones_the_larger_stays():
    small, large = Detection(2, 2, 40, 40, 1.0), Detection(0, 0, 50, 50, 1.0)
    assert without_overlaps([small, large]) == [large]


def test_faces_that_share_less_than_half_both_stay_in_the_order_of_their_boxes():
    right, left = Detection(20, 0, 40, 40, 0.9), Detection(0, 5, 40, 40, 0.6)
    assert without_overlaps([right, left]) == [left, right]


def test_boxes_are_cut_at_the_edges_of_the_scene():
    scene = np.zeros((100, 200, 3), np.uint8)
    found = inside(scene, [(-5.2, 90.4, 30.6, 120, 0.5, None), (210, 10, 230, 30, 0.9, None)])
    assert found == [Detection(0, 90, 31, 10, 0.5)]


def test_a_box_that_is_nowhere_is_left_out():
    scene = np.zeros((3, 900, 3), np.uint8)
    rows = [(2.4e13, -np.inf, 2.4e13, np.nan, 1.0, None), (1.0, 0.0, 4.0, 3.0, 0.9, None)]
    assert [(d.x, d.y, d.width, d.height) for d in inside(scene, rows)] == [(1, 0, 3, 3)]
