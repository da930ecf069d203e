"""What a face is known by above the mouth: nose, eyes, brows, glasses."""

import numpy as np

from mien.acquire.drawing.paint import Points, band, ellipse, path
from mien.acquire.drawing.sitting import EYE_Y, SIDES, Sitting

BLACK = (12, 12, 14)


def draw_nose(sitting: Sitting) -> None:
    """Paint the bridge, the wings, the tip and the nostrils."""
    canvas, person, turn = sitting.canvas, sitting.person, sitting.pose.turn
    tip, width, shift = EYE_Y + person.nose_length, person.nose_width, turn * 1.3
    bridge = [(turn - 6, -50), (turn + 6, -50), (shift + 8, tip - 4), (shift - 8, tip - 4)]
    canvas.fill(bridge, sitting.skin(1.18), 0.75, soft=3.5)
    for side in SIDES:
        wing = path(
            (turn + side * 9, shift + side * (width - 3), shift + side * width),
            (EYE_Y + 6, tip - 7, tip),
        )
        nostril = ellipse(shift + side * 6, tip + 3, 4, 2.6)
        canvas.fill(band(wing, 3.5), sitting.skin(0.62), 0.5, soft=2.2)
        canvas.fill(nostril, sitting.skin(0.3), 0.85, soft=1)
    canvas.fill(ellipse(shift, tip - 5, 6, 5), sitting.skin(1.25), 0.5, soft=3)
    canvas.fill(ellipse(shift, tip + 9, width + 2, 3.5), sitting.skin(0.62), 0.5, soft=2.5)


def draw_eye(sitting: Sitting, side: int) -> None:
    """Paint the socket, the eyeball and the lids."""
    canvas, person = sitting.canvas, sitting.person
    x, width = sitting.pose.turn + side * person.eye_spacing, person.eye_width
    height = person.eye_height * max(1 + 0.6 * sitting.muscles.eyes, 0.25)
    arc = np.linspace(0, np.pi, 15)
    upper = path(x - width * np.cos(arc), EYE_Y - height * np.sin(arc) ** 0.8)
    lower = path(x - width * np.cos(arc), EYE_Y + 0.85 * height * np.sin(arc))
    canvas.fill(ellipse(x, EYE_Y - 1, 25, 14), sitting.skin(0.48), 0.72, soft=6)
    ball = canvas.stencil(np.concatenate([upper, lower[::-1]]), soft=0.6)
    canvas.paint(ball, sitting.white(105 + 0.48 * person.skin.mean()))
    lid_shadow, pupil_y = ellipse(x, EYE_Y - height, width, 5), EYE_Y - 0.5
    canvas.fill(lid_shadow, sitting.skin(0.45), 0.6, soft=2, within=ball)
    iris = person.iris * sitting.pose.brightness
    canvas.fill(ellipse(x, pupil_y, 8, 8), iris, soft=0.5, within=ball)
    canvas.fill(ellipse(x, pupil_y, 4.2, 4.2), BLACK, soft=0.4, within=ball)
    canvas.fill(ellipse(x - 2.5, EYE_Y - 3, 1.7, 1.7), sitting.white(250), 0.9, 0.4, ball)
    canvas.fill(band(upper, 4.2), sitting.skin(0.14), 0.95, soft=0.6)
    canvas.fill(band(lower, 2), sitting.skin(0.42), 0.6, soft=0.8)


def draw_brow(sitting: Sitting, side: int) -> None:
    """Paint one brow; a frown lowers its inner end, surprise lifts and arches it."""
    person, muscles = sitting.person, sitting.muscles
    frown, lift = muscles.frown, muscles.brow_raise
    along = np.linspace(-1, 1, 13)  # from the nose outwards
    inset = 3.5 * max(frown, 0)
    x = sitting.pose.turn + side * (person.eye_spacing - inset + along * (person.eye_width + 6))
    arch = (6 + 3 * max(lift, 0)) * (0.5 if frown > 0.5 else 1)
    slope = 1.5 - 6.5 * frown
    y = EYE_Y - 19.5 - 12 * lift + 2.5 * frown + slope * along - arch * (1 - along**2)
    thickness = person.brow_width * (1 - 0.45 * np.maximum(along, 0) ** 2)
    colour = np.minimum(sitting.hair(0.8), sitting.skin(0.4))
    sitting.canvas.fill(band(path(x, y), thickness), colour, 0.95, soft=0.8)


def draw_frown(sitting: Sitting) -> None:
    """Paint the two creases above the nose that a frown makes."""
    frown = float(np.clip(sitting.muscles.frown - 0.3, 0, 1))
    for side in SIDES:
        crease = [(sitting.pose.turn + side * 6, -58), (sitting.pose.turn + side * 3.5, -43)]
        sitting.canvas.fill(band(crease, 2), sitting.skin(0.5), 0.6 * frown, soft=1)


def draw_glasses(sitting: Sitting, frame: Points) -> None:
    """Paint round glasses of a frame's colour."""
    person, turn = sitting.person, sitting.pose.turn
    angle = np.linspace(0, 2 * np.pi, 29)
    gap = person.eye_spacing - 23
    lines = [path((turn - gap, turn, turn + gap), (EYE_Y - 2, EYE_Y - 5, EYE_Y - 2))]
    for side in SIDES:
        x = turn + side * person.eye_spacing
        lines.append(path(x + 24 * np.cos(angle), EYE_Y + 1 + 18 * np.sin(angle)))
        lines.append(path((x + side * 23, side * person.half_width), (EYE_Y - 2, EYE_Y - 4)))
    for line in lines:
        sitting.canvas.fill(band(line, 3), frame, 0.9, soft=0.5)
