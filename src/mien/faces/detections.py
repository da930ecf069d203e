"""Detections: boxes and points in scene pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mien.boxes import iou
from mien.images import Box, Picture

POINTS = 5
OVERLAP = 0.5


@dataclass(frozen=True)
class Detection:
    """A box inside the scene, and x and y of five points: eyes, nose, corners of the mouth.

    Of eyes and corners, the left one in the picture comes first.
    """

    x: int
    y: int
    width: int
    height: int
    confidence: float
    landmarks: tuple[float, ...] | None = None


def inside(scene: Picture, rows: Sequence[tuple[Any, ...]]) -> list[Detection]:
    """Return detections from left, top, right, bottom, confidence and points, cut at the edges.

    Boxes that are wholly outside the scene, or not finite, are left out.
    """
    high, wide = scene.shape[:2]
    found = []
    for left, top, right, bottom, confidence, points in rows:
        if not all(math.isfinite(edge) for edge in (left, top, right, bottom)):
            continue  # YuNet gives such boxes for a scene a few pixels high
        x, y = max(0, round(float(left))), max(0, round(float(top)))
        width, height = min(wide, round(float(right))) - x, min(high, round(float(bottom))) - y
        if width > 0 and height > 0:
            landmarks = None if points is None else tuple(round(float(p), 2) for p in points)
            found.append(Detection(x, y, width, height, round(float(confidence), 6), landmarks))
    return found


def without_overlaps(detections: Sequence[Detection]) -> list[Detection]:
    """Return one detection a face, in the order of boxes.

    If two overlap by more than half (IoU), the more confident one stays, then the larger one.
    """
    kept: list[Detection] = []
    for one in sorted(detections, key=lambda d: (-d.confidence, -d.width * d.height, box_of(d))):
        if (iou(box_of(one), [box_of(other) for other in kept]) <= OVERLAP).all():
            kept.append(one)
    return sorted(kept, key=box_of)


def box_of(detection: Detection) -> Box:
    """Return x, y, width and height."""
    return detection.x, detection.y, detection.width, detection.height
