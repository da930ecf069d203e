"""One drawn face: a person with moved muscles, painted part by part from the back to the front."""

import numpy as np

from mien.acquire.drawing.features import draw_brow, draw_eye, draw_frown, draw_glasses, draw_nose
from mien.acquire.drawing.hair import draw_back_hair, draw_beard, draw_front_hair, draw_hat
from mien.acquire.drawing.mouth import draw_mouth
from mien.acquire.drawing.muscles import Muscles
from mien.acquire.drawing.paint import (
    Canvas,
    Floats,
    Points,
    Stencil,
    band,
    ellipse,
    path,
    symmetric,
)
from mien.acquire.drawing.person import Person
from mien.acquire.drawing.sitting import BOX_SHARE, CROWN_Y, SIDES, Pose, Sitting


def draw_portrait(pixels: Floats, person: Person, muscles: Muscles, pose: Pose) -> None:
    """Paint one head onto the scene's pixels."""
    sitting = Sitting(_canvas(pixels, person, pose, pose.tilt_deg), person, muscles, pose)
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
    if person.hat is not None:
        draw_hat(sitting, person.hat)
    if person.glasses is not None:
        draw_glasses(sitting, person.glasses)


def draw_body(pixels: Floats, person: Person, pose: Pose) -> None:
    """Paint shoulders and clothes; all bodies of a scene come before its heads."""
    canvas = _canvas(pixels, person, pose, pose.tilt_deg / 3)
    clothes, trim = person.clothes * pose.brightness, person.collar * pose.brightness
    floor = (len(pixels) - pose.y) / canvas.scale + 30
    outline = symmetric([(50, 112), (108, 142), (134, 184), (146, floor)])
    shape = canvas.stencil(outline, soft=1)
    canvas.paint(shape, clothes)
    if person.striped:
        for y in range(172, int(floor), 44):
            canvas.fill(symmetric([(150, y), (150, y + 16)]), trim, 0.8, soft=1, within=shape)
    for side in SIDES:
        canvas.fill(band([(side * 94, 210), (side * 98, floor)], 4), clothes * 0.7, 0.7, soft=2)
    arc = np.linspace(-1, 1, 11)
    canvas.fill(band(path(52 * arc, 144 - 30 * arc**2), 11), trim, soft=1)


def draw_neck_and_ears(sitting: Sitting) -> None:
    """Paint the neck, in the chin's shadow, and the ears."""
    canvas, person = sitting.canvas, sitting.person
    neck = symmetric([(34, 40), (36, 106), (52, 116), (0, 142)])
    canvas.fill(neck, sitting.skin(0.72), soft=1.5)
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
    draw_shade(sitting, face)
    canvas.fill(ellipse(turn, -72, 42, 17), sitting.skin(1.16), 0.7, soft=9, within=face)
    chin = ellipse(turn, person.chin - 16, 13, 8)
    canvas.fill(chin, sitting.skin(1.1), 0.4, soft=5, within=face)
    raised = max(sitting.muscles.smile, 0)  # a smile lifts the cheeks
    blush = sitting.skin(0.95) * np.array([0.86, 0.86, 1.04], np.float32)
    for side in SIDES:
        x, y = turn + side * 40, 10 - 5 * raised
        canvas.fill(ellipse(x, y, 19, 15), sitting.skin(1.15), 0.65, soft=7, within=face)
        apple = ellipse(x + side * 6, y + 6, 15, 10)
        canvas.fill(apple, blush, 0.3 + 0.2 * raised, soft=6, within=face)
    return face


def draw_shade(sitting: Sitting, face: Stencil) -> None:
    """Paint the shade on the side away from the light, along the edges and under the chin."""
    canvas, person, light = sitting.canvas, sitting.person, sitting.pose.light
    for side in SIDES:
        edge = ellipse(side * (person.half_width + 4), 10, 24, 90)
        canvas.fill(edge, sitting.skin(0.62), 0.55 - 0.3 * light * side, soft=13, within=face)
    far = ellipse(-38 * float(np.sign(light)), 0, 46, 96)
    canvas.fill(far, sitting.skin(0.6), 0.6 * abs(light), soft=14, within=face)
    under = ellipse(0, person.chin + 8, 60, 18)
    canvas.fill(under, sitting.skin(0.66), 0.55, soft=8, within=face)


def head_outline(person: Person) -> Points:
    """Return the outline of the face: an ellipse above, the person's own jaw below."""
    middle = -18.0
    angle = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    below = sine > 0
    depth = np.abs(sine) ** np.where(below, 2 / person.jaw, 1)
    width = np.abs(cosine) ** np.where(below, 0.9, 1) * np.where(below, 1 - 0.09 * depth, 1)
    height = np.where(below, person.chin - middle, middle - CROWN_Y)
    return path(
        person.half_width * width * np.sign(cosine), middle + height * depth * np.sign(sine)
    )


def _canvas(pixels: Floats, person: Person, pose: Pose, tilt_deg: float) -> Canvas:
    """Return a canvas on which the head takes its share of the face box's width."""
    scale = pose.width / (BOX_SHARE * 2 * person.half_width)
    return Canvas(pixels, pose.x, pose.y, scale, tilt_deg)
