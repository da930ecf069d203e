"""One drawn face: a person with moved muscles, painted part by part from the back to the front.

Face units: the origin is the middle of the face, x grows to the right, y downwards, and a face
is about 150 units wide.
"""

from dataclasses import dataclass

import numpy as np

from mien.acquire.paint import Canvas, Floats, Points, Stencil, band, ellipse
from mien.acquire.person import Muscles, Person

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
    tilt_deg: float = 0.0
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


def draw_portrait(pixels: Floats, person: Person, muscles: Muscles, pose: Pose) -> None:
    """Paint one head onto the scene's pixels."""
    canvas = _canvas(pixels, person, pose, pose.tilt_deg)
    sitting = Sitting(canvas, person, muscles, pose)
    draw_back_hair(sitting)
    draw_neck_and_ears(sitting)
    face = draw_face(sitting)
    draw_beard(sitting, face)
    draw_nose(sitting)
    for side in SIDES:
        draw_eye(sitting, side)
        draw_brow(sitting, side)
    draw_frown(sitting)
    draw_mouth(sitting)
    draw_front_hair(sitting)
    if person.glasses is not None:
        draw_glasses(sitting, person.glasses)


def _canvas(pixels: Floats, person: Person, pose: Pose, tilt_deg: float) -> Canvas:
    """Return a canvas on which the head takes its share of the face box's width."""
    scale = pose.width / (BOX_SHARE * 2 * person.half_width)
    return Canvas(pixels, pose.x, pose.y, scale, tilt_deg)


def draw_body(pixels: Floats, person: Person, pose: Pose) -> None:
    """Paint shoulders and clothes; all bodies of a scene come before its heads."""
    canvas = _canvas(pixels, person, pose, pose.tilt_deg / 3)
    floor = (len(pixels) - pose.y) / canvas.scale + 30
    shape = [(-50, 112), (50, 112), (108, 142), (134, 184), (146, floor), (-146, floor)]
    shape += [(-134, 184), (-108, 142)]
    shoulders = canvas.stencil(shape, soft=1)
    canvas.paint(shoulders, person.clothes * pose.brightness)
    if person.striped:
        for y in range(172, int(floor), 44):
            stripe = [(-150, y), (150, y), (150, y + 16), (-150, y + 16)]
            canvas.fill(stripe, person.collar * pose.brightness, 0.8, 1, shoulders)
    arc = np.linspace(-1, 1, 11)
    collar = np.stack([52 * arc, 144 - 30 * arc**2], axis=1)
    canvas.fill(band(collar, 11), person.collar * pose.brightness, soft=1)


def head_outline(person: Person, grow: float = 0.0) -> Points:
    """Return the outline of the face: an ellipse above, the person's own jaw below."""
    angle = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    below = sine > 0
    power = np.where(below, 2 / person.jaw, 1.0)
    middle = -18.0
    height = np.where(below, person.chin - middle, middle - CROWN_Y) + grow
    x = (person.half_width + grow) * np.sign(cosine) * np.abs(cosine) ** np.where(below, 0.9, 1.0)
    narrow = 1 - 0.09 * np.where(below, np.abs(sine) ** power, 0)
    return np.stack([x * narrow, middle + height * np.sign(sine) * np.abs(sine) ** power], axis=1)


def draw_back_hair(sitting: Sitting) -> None:
    """Paint the hair that lies behind the head."""
    person, canvas = sitting.person, sitting.canvas
    width = person.half_width
    if person.hair_style == "bun":
        _hair(sitting, ellipse(0, CROWN_Y - 16, 26, 22), 0.9)
    if person.hair_style == "curly":
        _hair(sitting, _scalloped(ellipse(0, -36, width + 20, 92)), 0.8)
    elif person.hair_style in ("long", "fringe"):
        hem = 128 if person.hair_style == "long" else 66
        shape = [
            (-width - 10, -50),
            (0, -114),
            (width + 10, -50),
            (width + 17, hem - 20),
            (width, hem),
            (-width, hem),
            (-width - 17, hem - 20),
        ]
        canvas.fill(shape, sitting.hair(0.7), soft=3)
        _hair(sitting, ellipse(0, -34, width + 12, 84), 0.8)
    elif person.hair_style != "bald":
        _hair(sitting, ellipse(0, -40, width + 6, 74), 0.8)


def draw_neck_and_ears(sitting: Sitting) -> None:
    """Paint the neck, in the chin's shadow, and the ears."""
    canvas, person = sitting.canvas, sitting.person
    canvas.fill(
        [(-34, 40), (34, 40), (36, 106), (52, 116), (0, 142), (-52, 116), (-36, 106)],
        sitting.skin(0.72),
        soft=1.5,
    )
    canvas.fill(ellipse(0, person.chin + 6, 44, 14), sitting.skin(0.5), 0.6, soft=5)
    for side in SIDES:
        x = side * (person.half_width + 1)
        canvas.fill(ellipse(x, -14, 9, 18), sitting.skin(0.84), soft=1)
        canvas.fill(ellipse(x + side, -13, 4, 10), sitting.skin(0.6), 0.6, soft=2)


def draw_face(sitting: Sitting) -> Stencil:
    """Paint the bare face with its light and shade; return where it is."""
    canvas, person, turn = sitting.canvas, sitting.person, sitting.pose.turn
    face = canvas.stencil(head_outline(person), soft=1)
    canvas.paint(face, sitting.skin(0.96))
    lit = sitting.pose.light
    for side in SIDES:
        depth = 0.55 - 0.3 * lit * side
        canvas.fill(
            ellipse(side * (person.half_width + 4), 10, 24, 90), sitting.skin(0.62), depth, 13, face
        )
    canvas.fill(ellipse(0, person.chin + 8, 60, 18), sitting.skin(0.66), 0.55, 8, face)
    canvas.fill(ellipse(turn, -72, 42, 17), sitting.skin(1.16), 0.7, 9, face)
    canvas.fill(ellipse(turn, person.chin - 16, 13, 8), sitting.skin(1.1), 0.4, 5, face)
    cheek = max(sitting.muscles.smile, 0)
    for side in SIDES:
        x = turn + side * 40
        canvas.fill(ellipse(x, 10 - 5 * cheek, 19, 15), sitting.skin(1.15), 0.65, 7, face)
        blush = sitting.skin(0.95) * np.array([0.86, 0.86, 1.04], np.float32)
        canvas.fill(
            ellipse(x + side * 6, 16 - 5 * cheek, 15, 10), blush, 0.3 + 0.2 * cheek, 6, face
        )
    return face


def draw_nose(sitting: Sitting) -> None:
    """Paint the bridge, the wings, the tip and the nostrils."""
    canvas, person, turn = sitting.canvas, sitting.person, sitting.pose.turn
    tip, width, shift = EYE_Y + person.nose_length, person.nose_width, turn * 1.3
    canvas.fill(
        [(turn - 6, -50), (turn + 6, -50), (shift + 8, tip - 4), (shift - 8, tip - 4)],
        sitting.skin(1.18),
        0.75,
        3.5,
    )
    for side in SIDES:
        wing = [
            (turn + side * 9, EYE_Y + 6),
            (shift + side * (width - 3), tip - 7),
            (shift + side * width, tip),
        ]
        canvas.fill(band(wing, 3.5), sitting.skin(0.62), 0.5, 2.2)
        canvas.fill(ellipse(shift + side * 6, tip + 3, 4, 2.6), sitting.skin(0.3), 0.85, 1)
    canvas.fill(ellipse(shift, tip - 5, 6, 5), sitting.skin(1.25), 0.5, 3)
    canvas.fill(ellipse(shift, tip + 9, width + 2, 3.5), sitting.skin(0.62), 0.5, 2.5)


def draw_eye(sitting: Sitting, side: int) -> None:
    """Paint the socket, the eyeball and the lids."""
    canvas, person = sitting.canvas, sitting.person
    x, width = sitting.pose.turn + side * person.eye_spacing, person.eye_width
    height = person.eye_height * max(1 + 0.6 * sitting.muscles.eyes, 0.25)
    canvas.fill(ellipse(x, EYE_Y - 1, 25, 14), sitting.skin(0.48), 0.72, 6)
    arc = np.linspace(0, np.pi, 15)
    upper = np.stack([x - width * np.cos(arc), EYE_Y - height * np.sin(arc) ** 0.8], axis=1)
    lower = np.stack([x - width * np.cos(arc), EYE_Y + 0.85 * height * np.sin(arc)], axis=1)
    ball = canvas.stencil(np.concatenate([upper, lower[::-1]]), soft=0.6)
    canvas.paint(ball, sitting.white(105 + 0.48 * person.skin.mean()))
    canvas.fill(ellipse(x, EYE_Y - height, width, 5), sitting.skin(0.45), 0.6, 2, ball)
    canvas.fill(ellipse(x, EYE_Y - 0.5, 8, 8), person.iris * sitting.pose.brightness, 1, 0.5, ball)
    canvas.fill(ellipse(x, EYE_Y - 0.5, 4.2, 4.2), (12, 12, 14), 1, 0.4, ball)
    canvas.fill(ellipse(x - 2.5, EYE_Y - 3, 1.7, 1.7), sitting.white(250), 0.9, 0.4, ball)
    canvas.fill(band(upper, 4.2), sitting.skin(0.14), 0.95, 0.6)
    canvas.fill(band(lower, 2), sitting.skin(0.42), 0.6, 0.8)


def draw_brow(sitting: Sitting, side: int) -> None:
    """Paint one brow; a frown lowers its inner end, surprise lifts and arches it."""
    canvas, person, muscles = sitting.canvas, sitting.person, sitting.muscles
    along = np.linspace(-1, 1, 13)  # from the nose outwards
    frown = muscles.frown
    inset = 3.5 * max(frown, 0)
    x = sitting.pose.turn + side * (person.eye_spacing - inset + along * (person.eye_width + 6))
    arch = (6 + 3 * max(muscles.brow_raise, 0)) * (1 - along**2) * (0.5 if frown > 0.5 else 1)
    y = (
        EYE_Y
        - 19.5
        + 1.5 * along
        - 12 * muscles.brow_raise
        - arch
        - frown * 6.5 * along
        + 2.5 * frown
    )
    thickness = person.brow_width * (1 - 0.45 * np.maximum(along, 0) ** 2)
    colour = np.minimum(sitting.hair(0.8), sitting.skin(0.4))
    canvas.fill(band(np.stack([x, y], axis=1), thickness), colour, 0.95, 0.8)


def draw_frown(sitting: Sitting) -> None:
    """Paint the two creases above the nose that a frown makes."""
    frown = float(np.clip(sitting.muscles.frown - 0.3, 0, 1))
    for side in SIDES:
        crease = [(sitting.pose.turn + side * 6, -58), (sitting.pose.turn + side * 3.5, -43)]
        sitting.canvas.fill(band(crease, 2), sitting.skin(0.5), 0.6 * frown, 1)


def draw_mouth(sitting: Sitting) -> None:
    """Paint lips, the open mouth with its teeth, and the folds a smile makes."""
    canvas, person, muscles = sitting.canvas, sitting.person, sitting.muscles
    opened = 24 * max(muscles.jaw, 0)
    y = EYE_Y + person.nose_length + 29 + 0.2 * opened
    x = sitting.pose.turn * 1.15
    width = person.mouth_width * (1 - 0.34 * muscles.pucker)
    along = np.linspace(-1, 1, 25)
    dome = np.sqrt(np.clip(1 - along**2, 0, 1))
    line = y - 12.5 * muscles.smile * (along**2 - 0.4)
    lip = person.lips * (1 - 0.55 * float(np.clip(muscles.press, 0, 1)))
    upper = line - 0.4 * opened * dome
    lower = line + 0.75 * opened * dome
    outer_upper = upper - 5 * lip * dome * (1 - 0.25 * np.exp(-((along / 0.16) ** 2)))
    outer_lower = lower + 6.5 * lip * dome
    places = x + along * width
    draw_smile_folds(sitting, x, y, width)
    lips = sitting.skin(0.78) * np.array([0.78, 0.7, 1.0], np.float32)
    canvas.fill(_between(places, outer_upper, outer_lower), lips, 0.95, 0.8)
    inside = x + along * width * 0.88
    if opened > 2.5:
        hole = canvas.stencil(_between(inside, upper, lower), 0.6)
        canvas.paint(hole, (34, 24, 52))
        canvas.fill(
            ellipse(x, y + 0.75 * opened, width * 0.5, 0.3 * opened), (78, 70, 150), 0.8, 2, hole
        )
        bite = upper + (lower - upper) * 0.5 * np.clip(muscles.teeth, 0, 1)
        canvas.fill(
            _between(inside, upper - 1, bite),
            sitting.white(232),
            min(muscles.teeth * 1.5, 1),
            0.6,
            hole,
        )
    else:
        canvas.fill(
            band(np.stack([places, line], axis=1), 3.2 - 1.2 * np.abs(along)),
            sitting.skin(0.22),
            0.9,
            0.8,
        )
    canvas.fill(ellipse(x, y + 0.75 * opened + 14, 15, 3.5), sitting.skin(0.6), 0.4, 3)


def draw_smile_folds(sitting: Sitting, x: float, y: float, width: float) -> None:
    """Paint the folds from the nose to the corners of a smiling mouth."""
    smile = float(np.clip(sitting.muscles.smile - 0.2, 0, 1))
    for side in SIDES:
        fold = [
            (x + side * (sitting.person.nose_width + 4), y - 30),
            (x + side * (width + 5), y - 17),
            (x + side * (width + 8), y - 3),
        ]
        sitting.canvas.fill(band(fold, 3), sitting.skin(0.55), 0.5 * smile, 1.5)


def draw_beard(sitting: Sitting, face: Stencil) -> None:
    """Paint a beard along the jaw and a moustache, where the person has them."""
    person, canvas, turn = sitting.person, sitting.canvas, sitting.pose.turn
    tip = EYE_Y + person.nose_length
    beard = 0.75 * sitting.hair() + 0.25 * sitting.skin(0.8)
    if person.beard:
        width = person.half_width + 8
        shape = [
            (-width, -4),
            (-width + 20, 18),
            (turn - 34, tip + 22),
            (turn, tip + 40),
            (turn + 34, tip + 22),
            (width - 20, 18),
            (width, -4),
            (width, 120),
            (-width, 120),
        ]
        canvas.fill(shape, beard, 0.6, 4, face)
    if person.beard or person.moustache:
        spine = [
            (turn - 28, tip + 24),
            (turn - 13, tip + 16),
            (turn, tip + 15),
            (turn + 13, tip + 16),
            (turn + 28, tip + 24),
        ]
        canvas.fill(band(spine, [3, 8, 7, 8, 3]), beard, 0.75, 1.2)


def draw_front_hair(sitting: Sitting) -> None:
    """Paint the hair that falls over the forehead."""
    person = sitting.person
    if person.hair_style == "bald":
        return
    across = np.linspace(-1, 1, 21)
    width = person.half_width + 6
    crown = -40 - (74 if person.hair_style != "curly" else 86) * np.sqrt(
        np.clip(1 - across**2, 0, 1)
    )
    hairline = _hairline(person, across)
    outline = np.concatenate(
        [
            np.stack([across * width, crown], axis=1),
            np.stack([across * width, np.maximum(hairline, crown)], axis=1)[::-1],
        ]
    )
    _hair(sitting, outline, 1.0)


def _hairline(person: Person, across: Points) -> Points:
    """Return the height of the hairline at places across the forehead."""
    if person.hair_style == "fringe":
        return -66 + 30 * np.abs(across) ** 4
    if person.hair_style in ("parted", "long"):
        return -88 + 46 * np.abs(across - person.parting / 74) ** 1.6
    if person.hair_style == "curly":
        return -74 + 36 * across**4 + 3 * np.sin(across * 16)
    lift = 0 if person.hair_style == "short" else -10
    return -78 + lift + 46 * across**4


def draw_glasses(sitting: Sitting, frame: Points) -> None:
    """Paint round glasses of a frame's colour."""
    canvas, person, turn = sitting.canvas, sitting.person, sitting.pose.turn
    for side in SIDES:
        ring = np.concatenate([ellipse(turn + side * person.eye_spacing, EYE_Y + 1, 24, 18)] * 2)[
            :30
        ]
        canvas.fill(band(ring, 3), frame, 0.9, 0.5)
        arm = [
            (turn + side * (person.eye_spacing + 23), EYE_Y - 2),
            (side * person.half_width, EYE_Y - 4),
        ]
        canvas.fill(band(arm, 3), frame, 0.8, 0.5)
    gap = person.eye_spacing - 23
    canvas.fill(
        band([(turn - gap, EYE_Y - 2), (turn, EYE_Y - 5), (turn + gap, EYE_Y - 2)], 3),
        frame,
        0.9,
        0.5,
    )


def _hair(sitting: Sitting, outline: Points, shade: float) -> None:
    """Paint a mass of hair with its strands."""
    stencil = sitting.canvas.stencil(outline, soft=1.5)
    sitting.canvas.paint(stencil, sitting.hair(shade))
    sitting.canvas.grain(stencil, sitting.person.hair_grain, 9 * sitting.pose.brightness)


def _scalloped(outline: Points) -> Points:
    """Return an outline with bulges, as of curls."""
    centre = outline.mean(axis=0)
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    smooth = np.stack(
        [
            np.interp(
                angle,
                np.linspace(0, 2 * np.pi, len(outline), endpoint=False),
                side,
                period=2 * np.pi,
            )
            for side in outline.T
        ],
        axis=1,
    )
    return centre + (smooth - centre) * (1 + 0.05 * np.abs(np.sin(9 * angle)))[:, None]


def _between(places: Points, top: Points, bottom: Points) -> Points:
    """Return the outline between two curves over the same places."""
    return np.concatenate(
        [np.stack([places, top], axis=1), np.stack([places, bottom], axis=1)[::-1]]
    )
