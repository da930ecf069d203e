"""Faces as models see them: cut out of a scene, aligned, scaled and coloured as a view says."""

from collections.abc import Sequence

import cv2
import numpy as np

from mien.images import Box, Picture, Point, align, crop, resize, square_around
from mien.view import View


def seen(crop: Picture, points: Sequence[Point] | None, view: View) -> Picture:
    """Return a square crop as a model sees it.

    `points` are the face's five points in pixels of the crop, the eyes first. A face without points
    is not aligned.
    """
    if points is None or not view.needs_eyes:
        square = crop
    elif view.points is not None:
        square = align_to(crop, points, view.points, view.size_px or len(crop))
    else:
        square = align(crop, points[0], points[1])
    square = square if view.size_px is None else resize(square, view.size_px)
    return grey(square) if view.grey else square


def seen_in_scene(
    scene: Picture, box: Box, points: Sequence[float] | None, margin: float, view: View
) -> Picture:
    """Return the face of a scene as a model sees it.

    `points` are x1, y1, x2, y2 … in pixels of the scene, the eyes first.
    """
    square = crop(scene, box, margin)
    places = None if points is None else points_in_crop(box, points, margin, square.shape[0])
    return seen(square, places, view)


def points_in_crop(box: Box, points: Sequence[float], margin: float, crop_px: int) -> list[Point]:
    """Return points of a scene, x1, y1, x2, y2 …, in pixels of the crop of `crop_px` a side."""
    left, top, side = square_around(box, margin)
    scale = crop_px / side
    pairs = zip(points[::2], points[1::2], strict=True)
    return [((x - left) * scale, (y - top) * scale) for x, y in pairs]


def align_to(
    crop: Picture, points: Sequence[Point], wanted: Sequence[Point], size_px: int
) -> Picture:
    """Return a square of the crop, turned, moved and scaled so that its points lie as wanted.

    It is the similarity with the least squared distance between both (Umeyama 1991, "Least-squares
    estimation of transformation parameters between two point patterns"). Outside the crop its edge
    pixels are repeated. Points that all lie in one place leave the crop as it is, resized.
    """
    given, goal = (np.asarray(some, np.float64) @ [1, 1j] for some in (points, wanted))
    centred, aim = given - given.mean(), goal - goal.mean()
    spread = np.vdot(centred, centred).real
    if spread < 1:
        return resize(crop, size_px)
    turn = np.vdot(centred, aim) / spread  # a complex number turns and scales
    small = resize(crop, max(1, round(len(crop) * min(1.0, abs(turn)))))  # a warp has no areas
    ratio = len(crop) / len(small)
    shift = goal.mean() - turn * given.mean() + turn * (0.5 + 0.5j) * (ratio - 1)
    turn *= ratio
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    size, edge = (size_px, size_px), cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.warpAffine(small, matrix, size, flags=cv2.INTER_LINEAR, borderMode=edge), np.uint8
    )


def grey(picture: Picture) -> Picture:
    """Return the picture in grey, still with three channels (brightness as in Rec. 601)."""
    return np.asarray(
        cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
    )
