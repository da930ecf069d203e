"""The world around drawn faces: actors, a cluttered room, and a camera's blur and noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mien.acquire.drawing.muscles import Muscles
from mien.acquire.drawing.paint import Floats
from mien.acquire.drawing.person import Person
from mien.acquire.drawing.portrait import draw_body, draw_portrait
from mien.acquire.drawing.sitting import Pose

WIDTH, HEIGHT = 640, 480
CREAM = (225, 238, 242)


@dataclass(frozen=True)
class Actor:
    """One person in a scene: what they show, how their face does it, and where they are."""

    person: Person
    expression: str
    strength: float
    muscles: Muscles
    pose: Pose


def compose(behind: Floats, actors: Sequence[Actor]) -> Floats:
    """Return the backdrop with the actors before it, the lower ones in front."""
    pixels = behind.copy()
    ordered = sorted(actors, key=lambda actor: actor.pose.y)
    for actor in ordered:
        draw_body(pixels, actor.person, actor.pose)
    for actor in ordered:
        draw_portrait(pixels, actor.person, actor.muscles, actor.pose)
    return pixels


def backdrop(rng: Generator) -> Floats:
    """Return a wall, unevenly lit and a little out of focus, with clutter on it."""
    light = rng.uniform(0.6, 1.3, (int(rng.integers(2, 4)), int(rng.integers(2, 5))))
    spread = cv2.resize(light.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    pixels: Floats = spread[..., None] * np.array(_colour(rng, 50, 200), np.float32)
    for _ in range(int(rng.integers(5, 11))):
        x, y = int(rng.integers(-20, WIDTH - 40)), int(rng.integers(-10, HEIGHT - 60))
        clutter = (draw_picture, draw_books, draw_plant, draw_bunting, draw_balloons)
        clutter[rng.integers(len(clutter))](rng, pixels, x, y)
    blurred: Floats = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.9, 2.4))
    return blurred


def draw_picture(rng: Generator, pixels: Floats, x: int, y: int) -> None:
    """Paint a framed landscape: sky, ground and a sun."""
    width, height = int(rng.integers(60, 150)), int(rng.integers(50, 130))
    horizon = y + int(height * rng.uniform(0.4, 0.7))
    cv2.rectangle(pixels, (x, y), (x + width, y + height), _colour(rng, 120, 220), -1)
    cv2.rectangle(pixels, (x, horizon), (x + width, y + height), _colour(rng, 60, 180), -1)
    cv2.circle(pixels, (x + width // 3, horizon - height // 5), height // 9, CREAM, -1)
    cv2.rectangle(pixels, (x, y), (x + width, y + height), _colour(rng, 20, 110), 5)


def draw_books(rng: Generator, pixels: Floats, x: int, y: int) -> None:
    """Paint a shelf of books."""
    shelf, left = y + 90, x
    for _ in range(int(rng.integers(5, 11))):
        thick, tall = int(rng.integers(9, 22)), int(rng.integers(50, 88))
        cv2.rectangle(
            pixels, (left, shelf - tall), (left + thick, shelf), _colour(rng, 30, 210), -1
        )
        left += thick + 1
    cv2.rectangle(pixels, (x - 12, shelf), (left + 12, shelf + 8), _colour(rng, 30, 130), -1)


def draw_plant(rng: Generator, pixels: Floats, x: int, y: int) -> None:
    """Paint a plant in a pot."""
    pot, leaf = _colour(rng, 60, 200), (50, rng.uniform(90, 160), rng.uniform(50, 100))
    for angle in rng.uniform(-160, -20, int(rng.integers(5, 11))):
        way = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
        centre = np.array([x + 40, y + 80]) + way * rng.uniform(25, 55)
        middle = int(centre[0]), int(centre[1])
        shade = [channel * rng.uniform(0.8, 1.2) for channel in leaf]
        cv2.ellipse(pixels, middle, (28, 9), float(angle), 0, 360, shade, -1)
    corners = [(x + 14, y + 80), (x + 66, y + 80), (x + 58, y + 130), (x + 22, y + 130)]
    cv2.fillPoly(pixels, [np.array(corners)], pot)


def draw_bunting(rng: Generator, pixels: Floats, x: int, y: int) -> None:
    """Paint a line of little flags."""
    size, slope = int(rng.integers(18, 34)), rng.uniform(-0.2, 0.2)
    count = int(rng.integers(4, 9))
    end = x + count * (size + 6), int(y + count * slope * size)
    cv2.line(pixels, (x - 12, y - int(12 * slope)), end, CREAM, 3)
    for number in range(count):
        left, top = x + number * (size + 6), int(y + number * slope * size)
        corners = [(left, top), (left + size, top), (left + size // 2, top + size)]
        cv2.fillPoly(pixels, [np.array(corners)], _colour(rng, 50, 220))


def draw_balloons(rng: Generator, pixels: Floats, x: int, y: int) -> None:
    """Paint a few balloons on their strings."""
    for _ in range(int(rng.integers(1, 5))):
        centre = x + int(rng.integers(0, 110)), y + int(rng.integers(0, 80))
        size = int(rng.integers(13, 26))
        cv2.line(pixels, centre, (x + 55, y + 190), (90, 90, 90), 1)
        cv2.ellipse(pixels, centre, (size, int(size * 1.2)), 0, 0, 360, _colour(rng, 50, 220), -1)
        cv2.circle(pixels, (centre[0] - size // 3, centre[1] - size // 2), size // 3, CREAM, -1)


def expose(rng: Generator, pixels: Floats) -> NDArray[np.uint8]:
    """Return the pixels as a camera would: a little blur, a little noise."""
    seen = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.8))
    noise = rng.standard_normal(seen.shape, dtype=np.float32)
    image: NDArray[np.uint8] = np.clip(seen + noise * rng.uniform(1.5, 6), 0, 255).astype(np.uint8)
    return image


def _colour(rng: Generator, darkest: float, lightest: float) -> tuple[float, float, float]:
    """Return a colour that is not too loud."""
    grey, hue = rng.uniform(darkest, lightest), rng.uniform(darkest, lightest, 3)
    blue, green, red = (0.45 * grey + 0.55 * hue).tolist()
    return blue, green, red
