"""The world around drawn faces: actors, a cluttered backdrop, and a camera's blur and noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mien.acquire.paint import Floats
from mien.acquire.person import Muscles, Person
from mien.acquire.portrait import Pose, draw_body, draw_portrait

WIDTH, HEIGHT = 640, 480


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
    """Return a blurred wall with clutter on it."""
    wall = rng.uniform(40, 215, (int(rng.integers(2, 5)), int(rng.integers(2, 6)), 3))
    pixels = cv2.resize(wall.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(12, 32))):
        _draw_clutter(rng, pixels)
    blurred: Floats = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.8, 2.2))
    return blurred


def _draw_clutter(rng: Generator, pixels: Floats) -> None:
    colour = rng.uniform(15, 235, 3).tolist()
    x, y = int(rng.integers(-40, WIDTH)), int(rng.integers(-40, HEIGHT))
    width, height = int(rng.integers(15, 170)), int(rng.integers(15, 200))
    thickness = -1 if rng.random() < 0.6 else 3
    match rng.integers(4):
        case 0:
            cv2.rectangle(pixels, (x, y), (x + width, y + height), colour, thickness)
        case 1:
            cv2.circle(pixels, (x, y), width // 3, colour, thickness)
        case 2:
            cv2.line(pixels, (x, y), (x + 3 * width - 250, y + 3 * height - 300), colour, 4)
        case _:
            letters = "".join(chr(code) for code in rng.integers(65, 91, 6))
            cv2.putText(pixels, letters, (x, y), 0, width / 80, colour, 2)


def expose(rng: Generator, pixels: Floats) -> NDArray[np.uint8]:
    """Return the pixels as a camera would: a little blur, a little noise."""
    seen = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.8))
    noise = rng.standard_normal(seen.shape, dtype=np.float32)
    image: NDArray[np.uint8] = np.clip(seen + noise * rng.uniform(1.5, 6), 0, 255).astype(np.uint8)
    return image
