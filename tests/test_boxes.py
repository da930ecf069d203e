"""Intersection over union, against counts by hand."""

import pytest

from mien.boxes import iou


def test_two_boxes_that_share_a_third_overlap_by_a_third():
    assert iou((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(50 / 150)


def test_boxes_apart_on_either_axis_do_not_overlap():
    assert iou((0, 0, 10, 10), [(20, 0, 10, 10), (20, 30, 10, 10)]).tolist() == [[0, 0]]


def test_every_box_meets_every_other():
    assert iou([(0, 0, 2, 2), (0, 0, 4, 2)], [(0, 0, 2, 2)]).tolist() == [[1], [0.5]]
    assert iou((0, 0, 2, 2), []).shape == (1, 0)
