"""Who is drawn: persons whose looks stay the same from scene to scene."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

HAIR_STYLES = ("short", "parted", "long", "fringe", "curly", "bun", "bald")

# BGR, from fair to deep; a person's skin lies between two neighbours
SKINS = ((196, 214, 243), (165, 190, 232), (132, 168, 218), (98, 136, 192), (76, 108, 162))
HAIRS = (
    (26, 24, 28),
    (34, 46, 70),
    (52, 84, 130),
    (96, 158, 205),
    (152, 152, 158),
    (34, 62, 142),
)
IRISES = ((46, 60, 92), (30, 40, 62), (120, 92, 52), (70, 104, 62))  # two browns, then light ones
FRAMES = ((24, 22, 26), (40, 48, 92), (110, 60, 40))


@dataclass(frozen=True)
class Person:
    """A person's looks: lengths in face units (see sitting.py), colours BGR."""

    name: str
    skin: NDArray[np.float64]
    hair: NDArray[np.float64]
    iris: NDArray[np.float64]
    clothes: NDArray[np.float64]
    collar: NDArray[np.float64]
    striped: bool
    hair_style: str
    hair_grain: NDArray[np.float32]
    parting: float
    hair_volume: float
    hairline: float
    hat: NDArray[np.float64] | None
    half_width: float
    chin: float
    jaw: float
    eye_spacing: float
    eye_width: float
    eye_height: float
    brow_width: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lips: float
    beard: bool
    moustache: bool
    glasses: NDArray[np.float64] | None


def generator(*key: str | int) -> Generator:
    """Return a random generator of its own for each key."""
    digest = sha256("/".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16]))


def draw_person(rng: Generator, name: str) -> Person:
    """Return a person of random looks."""
    style = str(rng.choice(HAIR_STYLES, p=(0.2, 0.16, 0.16, 0.13, 0.13, 0.12, 0.1)))
    bearded = style in ("short", "parted", "curly", "bald")
    tone = rng.uniform(0, len(SKINS) - 1)
    return Person(
        name=name,
        skin=_between(SKINS, tone) + rng.normal(0, 3, 3),
        hair=np.array(HAIRS[rng.integers(_hair_choice(tone))]) * rng.uniform(0.8, 1.15),
        iris=np.array(IRISES[rng.integers(len(IRISES) if tone < 2 else 2)], np.float64),
        clothes=rng.uniform(40, 190) * rng.uniform(0.6, 1.25, 3),
        collar=rng.uniform(90, 235, 3),
        striped=bool(rng.random() < 0.3),
        hair_style=style,
        hair_grain=rng.standard_normal((7, 22)).astype(np.float32),
        parting=rng.uniform(-42, 42),
        hair_volume=rng.uniform(2, 20),
        hairline=rng.uniform(-10, 12),
        hat=rng.uniform(40, 215, 3) if rng.random() < 0.14 else None,
        half_width=rng.uniform(68, 81),
        chin=rng.uniform(77, 93),
        jaw=rng.uniform(2.0, 3.0),
        eye_spacing=rng.uniform(30, 35),
        eye_width=rng.uniform(16, 19),
        eye_height=rng.uniform(8, 10),
        brow_width=rng.uniform(4.5, 7.5),
        nose_length=rng.uniform(31, 39),
        nose_width=rng.uniform(11, 16),
        mouth_width=rng.uniform(24, 31),
        lips=rng.uniform(0.6, 1.0),
        beard=bool(bearded and rng.random() < 0.3),
        moustache=bool(bearded and rng.random() < 0.15),
        glasses=np.array(FRAMES[rng.integers(3)], np.float64) if rng.random() < 0.2 else None,
    )


def _between(colours: tuple[tuple[int, int, int], ...], place: float) -> NDArray[np.float64]:
    """Return the colour at a fractional place in a row of colours."""
    places = np.arange(len(colours))
    channels = np.array(colours, np.float64).T
    return np.array([np.interp(place, places, channel) for channel in channels])


def _hair_choice(tone: float) -> int:
    """Return how many of the hair colours go with a skin tone: deep skin has the dark ones."""
    return len(HAIRS) if tone < 2 else 3 if tone < 3 else 2
