"""Hair behind and before a face, beards, and woollen hats."""

import numpy as np

from mien.acquire.drawing.paint import Points, Stencil, band, between, ellipse, path, symmetric
from mien.acquire.drawing.person import Person
from mien.acquire.drawing.sitting import CROWN_Y, EYE_Y, Sitting


def draw_back_hair(sitting: Sitting) -> None:
    """Paint the hair that lies behind the head."""
    person, style = sitting.person, sitting.person.hair_style
    width, volume = person.half_width, person.hair_volume
    if style == "bald":
        return
    if style == "curly":
        _hair(sitting, _scalloped(-38, width + 8 + volume, 84 + volume), 0.8)
        return
    if style == "bun":
        _hair(sitting, ellipse(0.4 * person.parting, CROWN_Y - 18, 22 + volume / 2, 24), 0.9)
    if style in ("long", "fringe"):
        hem = (118 if style == "long" else 58) + volume
        curtain = [(0, -114), (width + 10, -50), (width + 17, hem - 20), (width, hem)]
        sitting.canvas.fill(symmetric(curtain), sitting.hair(0.7), soft=3)
    _hair(sitting, ellipse(0, -36, width + 4 + 0.3 * volume, 72 + 0.85 * volume), 0.8)


def draw_front_hair(sitting: Sitting) -> None:
    """Paint the hair that falls over the forehead."""
    person = sitting.person
    if person.hair_style == "bald":
        return
    across = np.linspace(-1, 1, 21)
    height = 68 + (1.0 if person.hair_style == "curly" else 0.7) * person.hair_volume
    crown = -40 - height * np.sqrt(1 - across**2)
    hairline = np.maximum(person.hairline + hairline_of(person, across), crown)
    _hair(sitting, between(across * (person.half_width + 6), crown, hairline), 1.0)


def hairline_of(person: Person, across: Points) -> Points:
    """Return the height of a style's hairline at places across the forehead, from -1 to 1."""
    match person.hair_style:
        case "fringe":
            return -66 + 30 * across**4
        case "parted" | "long":
            return -88 + 34 * abs(across - person.parting / 74) ** 1.6
        case "curly":
            curls: Points = np.sin(across * 16)
            return -74 + 36 * across**4 + 3 * curls
        case "bun":
            return -88 + 46 * across**4
    return -78 + 46 * across**4


def draw_beard(sitting: Sitting, face: Stencil) -> None:
    """Paint a beard along the jaw and a moustache, where the person has them."""
    person, canvas, turn = sitting.person, sitting.canvas, sitting.pose.turn
    tip, width = EYE_Y + person.nose_length, person.half_width + 8
    colour = 0.75 * sitting.hair() + 0.25 * sitting.skin(0.8)
    if person.beard:
        edge = [(tip + 40, 0), (tip + 22, 34), (18, width - 20), (-4, width), (120, width)]
        jaw = symmetric([(x, y) for y, x in edge])
        canvas.fill(np.add(jaw, (0.6 * turn, 0)), colour, 0.6, soft=4, within=face)
    if person.beard or person.moustache:
        spine = path(turn + np.array([-28, -13, 0, 13, 28]), tip + np.array([24, 16, 15, 16, 24]))
        canvas.fill(band(spine, [3, 8, 7, 8, 3]), colour, 0.75, soft=1.2)


def draw_hat(sitting: Sitting, wool: Points) -> None:
    """Paint a woollen hat with a turned-up brim and a bobble."""
    canvas, width = sitting.canvas, sitting.person.half_width + 9
    colour = wool * sitting.pose.brightness
    across = np.linspace(-1, 1, 21)
    top, brim = -62 - 66 * np.sqrt(1 - across**2), -62 - 14 * (1 - across**2)
    canvas.fill(ellipse(0, -131, 14, 13), colour * 0.85, soft=2)
    crown = canvas.stencil(between(across * width, top, brim), soft=1)
    canvas.paint(crown, colour)
    canvas.grain(crown, sitting.person.hair_grain, 8)
    canvas.fill(band(path(across * (width + 2), brim), 20), colour * 0.75, soft=1)


def _hair(sitting: Sitting, outline: Points, shade: float) -> None:
    """Paint a mass of hair with its strands."""
    mass = sitting.canvas.stencil(outline, soft=1.5)
    sitting.canvas.paint(mass, sitting.hair(shade))
    sitting.canvas.grain(mass, sitting.person.hair_grain, 9 * sitting.pose.brightness)


def _scalloped(y: float, half_width: float, half_height: float) -> Points:
    """Return an ellipse with bulges, as of curls."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    bulge = 1 + 0.05 * np.abs(np.sin(9 * angle))
    return path(bulge * half_width * np.cos(angle), y + bulge * half_height * np.sin(angle))
