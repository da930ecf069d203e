"""From a decoded frame to a picture with square pixels, turned and mirrored as the film says."""

import struct
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from av.sidedata.sidedata import Type

from mien.images import Picture

MOST_STRETCHED = 10  # a larger aspect of a pixel is a mistake in the file


def upright(frame: Any, pixel_aspect: Fraction | None = None) -> Picture:
    """Return the frame as a player shows it; `pixel_aspect` is a pixel's width by its height.

    The picture's width changes to make pixels square, before the picture is turned.
    """
    picture = _squared(frame.to_ndarray(format="bgr24"), pixel_aspect)
    matrix = frame.side_data.get(Type.DISPLAYMATRIX)
    return picture if matrix is None else turned(picture, struct.unpack("9i", bytes(matrix)))


def turned(picture: Picture, matrix: tuple[int, ...]) -> Picture:
    """Return the picture turned by a display matrix, to the nearest right angle.

    A point (x, y) goes to (a x + c y, b x + d y), where the matrix is a, b, _, c, d, _ …
    """
    a, b, _, c, d = matrix[:5]
    if abs(b) + abs(c) > abs(a) + abs(d):  # rows become columns
        picture, a, d = picture.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(picture[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def _squared(picture: Picture, pixel_aspect: Fraction | None) -> Picture:
    if not pixel_aspect or not 1 / MOST_STRETCHED <= pixel_aspect <= MOST_STRETCHED:
        return picture
    rows, columns = picture.shape[:2]
    width = max(1, round(columns * pixel_aspect))
    if width == columns:
        return picture
    smooth = cv2.INTER_AREA if width < columns else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, rows), interpolation=smooth), np.uint8)
