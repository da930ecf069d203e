"""Boxes in scene pixels: x, y, width, height, from the top left corner."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BOX = ("x", "y", "width", "height")


def iou(left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """Return the intersection over union of every box in `left` with every box in `right`."""
    one, other = (np.asarray(boxes, np.float64).reshape(-1, 4) for boxes in (left, right))
    start = np.maximum(one[:, None, :2], other[None, :, :2])
    end = np.minimum(one[:, None, :2] + one[:, None, 2:], other[None, :, :2] + other[None, :, 2:])
    shared = np.clip(end - start, 0, None).prod(axis=2)
    area = one[:, None, 2:].prod(axis=2) + other[None, :, 2:].prod(axis=2)
    overlap: NDArray[np.float64] = shared / (area - shared)
    return overlap
