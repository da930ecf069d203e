"""How one person sits for one portrait: the pose, the light, and the colours they give.

Face units: the origin is the middle of the face, x grows to the right, y downwards, and a face
is about 150 units wide.
"""

from dataclasses import dataclass

import numpy as np

from mien.acquire.drawing.muscles import Muscles
from mien.acquire.drawing.paint import Canvas, Floats
from mien.acquire.drawing.person import Person

EYE_Y = -32.0
CROWN_Y = -106.0
SIDES = (-1, 1)
BOX_SHARE = 1.12  # detectors draw their box this much wider than the face


@dataclass(frozen=True)
class Pose:
    """Where a face is in the scene and how it is held and lit."""

    x: float  # the face's middle, scene pixels
    y: float
    width: float  # of the face box, scene pixels
    tilt_deg: float = 0.0  # with the clock
    turn: float = 0.0  # units by which the features move sideways on the head
    light: float = 0.0  # from -1, lit from the left, to 1
    brightness: float = 1.0


@dataclass(frozen=True)
class Sitting:
    """All that the parts of one portrait share."""

    canvas: Canvas
    person: Person
    muscles: Muscles
    pose: Pose

    def skin(self, shade: float) -> Floats:
        """Return the skin's colour in shade (below 1) or light (above 1); shade is warm."""
        warmth = np.array([1.2, 1.05, 0.85]) if shade < 1 else np.array([1.1, 1.0, 0.9])
        glow = 45 * max(shade - 1, 0)  # a highlight shows on deep skin too
        lit = (self.person.skin * shade**warmth + glow) * self.pose.brightness
        return np.clip(lit, 4, 250).astype(np.float32)

    def hair(self, shade: float = 1.0) -> Floats:
        return np.clip(self.person.hair * shade * self.pose.brightness, 4, 245).astype(np.float32)

    def white(self, level: float) -> Floats:
        return np.full(3, min(level * self.pose.brightness, 250), np.float32)


def box_of(pose: Pose) -> tuple[int, int, int, int]:
    """Return the face box (x, y, width, height) that a detector would give."""
    side = round(pose.width)
    left, top = round(pose.x - pose.width / 2), round(pose.y - 0.56 * pose.width)
    return left, top, side, side
