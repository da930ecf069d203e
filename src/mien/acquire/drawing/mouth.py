"""The mouth: lips that smile, droop, part or press, what shows between them, and its folds."""

from dataclasses import dataclass

import numpy as np

from mien.acquire.drawing.paint import Points, band, between, ellipse, path
from mien.acquire.drawing.sitting import EYE_Y, SIDES, Sitting

HOLLOW, TONGUE = (34, 24, 52), (78, 70, 150)


@dataclass(frozen=True)
class MouthShape:
    """The curves of a mouth, in face units; `upper` and `lower` are the lips' inner edges."""

    x: float
    y: float
    half_width: float
    opened: float
    places: Points
    line: Points
    upper: Points
    lower: Points
    dome: Points  # 0 in the corners, 1 in the middle


def draw_mouth(sitting: Sitting) -> None:
    """Paint the whole mouth."""
    shape = mouth_shape(sitting)
    draw_smile_folds(sitting, shape)
    draw_lips(sitting, shape)
    if shape.opened > 2.5:
        draw_open_mouth(sitting, shape)
    else:
        closed = band(path(shape.places, shape.line), 2.0 + 1.2 * shape.dome)
        sitting.canvas.fill(closed, sitting.skin(0.22), 0.9, soft=0.8)


def mouth_shape(sitting: Sitting) -> MouthShape:
    """Return the curves that the muscles give this person's mouth."""
    person, muscles = sitting.person, sitting.muscles
    opened = 24 * max(muscles.jaw, 0)
    x = sitting.pose.turn * 1.15
    y = EYE_Y + person.nose_length + 29 + 0.2 * opened
    half_width = person.mouth_width * (1 - 0.34 * muscles.pucker)
    along = np.linspace(-1, 1, 25)
    dome = np.sqrt(1 - along**2)
    line = y - 12.5 * muscles.smile * (along**2 - 0.4)
    return MouthShape(
        x=x,
        y=y,
        half_width=half_width,
        opened=opened,
        places=x + along * half_width,
        line=line,
        upper=line - 0.4 * opened * dome,
        lower=line + 0.75 * opened * dome,
        dome=dome,
    )


def draw_lips(sitting: Sitting, shape: MouthShape) -> None:
    """Paint both lips, the upper with its bow, and the shadow under them."""
    press = float(np.clip(sitting.muscles.press, 0, 1))
    full = sitting.person.lips * (1 - 0.55 * press)
    bow = 1 - 0.25 * np.exp(-(((shape.places - shape.x) / (0.16 * shape.half_width)) ** 2))
    top, bottom = shape.upper - 5 * full * shape.dome * bow, shape.lower + 6.5 * full * shape.dome
    colour = sitting.skin(0.78) * np.array([0.78, 0.7, 1.0], np.float32)
    sitting.canvas.fill(between(shape.places, top, bottom), colour, 0.95, soft=0.8)
    shadow = ellipse(shape.x, shape.y + 0.75 * shape.opened + 14, 15, 3.5)
    sitting.canvas.fill(shadow, sitting.skin(0.6), 0.4, soft=3)


def draw_open_mouth(sitting: Sitting, shape: MouthShape) -> None:
    """Paint the hollow between parted lips, the tongue and the upper teeth."""
    canvas, teeth = sitting.canvas, float(np.clip(sitting.muscles.teeth, 0, 1))
    places = shape.x + 0.88 * (shape.places - shape.x)
    hollow = canvas.stencil(between(places, shape.upper, shape.lower), soft=0.6)
    canvas.paint(hollow, HOLLOW)
    floor = shape.y + 0.75 * shape.opened
    tongue = ellipse(shape.x, floor, 0.5 * shape.half_width, 0.3 * shape.opened)
    canvas.fill(tongue, TONGUE, 0.8, soft=2, within=hollow)
    bite = shape.upper + 0.5 * teeth * (shape.lower - shape.upper)
    row = between(places, shape.upper - 1, bite)
    canvas.fill(row, sitting.white(232), min(1.5 * teeth, 1), soft=0.6, within=hollow)


def draw_smile_folds(sitting: Sitting, shape: MouthShape) -> None:
    """Paint the folds from the nose to the corners of a smiling mouth."""
    smile = float(np.clip(sitting.muscles.smile - 0.2, 0, 1))
    nose, corner = sitting.person.nose_width, shape.half_width
    for side in SIDES:
        across = shape.x + side * np.array([nose + 4, corner + 5, corner + 8])
        fold = path(across, shape.y - np.array([30, 17, 3]))
        sitting.canvas.fill(band(fold, 3), sitting.skin(0.55), 0.5 * smile, soft=1.5)
