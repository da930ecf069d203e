"""Drawn scenes: casts of drawn persons in front of clutter, with the truth about every face.

All is a pure function of the target: scene 7 of `happy-1` is the same however many are asked for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mien.acquire.drawing.film import Film, actors_at, make_film
from mien.acquire.drawing.muscles import EXPRESSIONS, draw_strength, express
from mien.acquire.drawing.person import draw_person, generator
from mien.acquire.drawing.scenery import HEIGHT, WIDTH, Actor, backdrop, compose, expose
from mien.acquire.drawing.sitting import Pose, box_of
from mien.acquire.scenes import Item, scene_row
from mien.errors import SourceError
from mien.images import encode_jpeg
from mien.shards import Row
from mien.video.film import write_mp4

COLUMNS, ROWS = 3, 2
CAST_SIZE = 6
SCENES_PER_CAST = 2
HOPED_FOR_SHARE = 0.85
LICENCE = "CC0-1.0"
QUALITY = 92


@dataclass(frozen=True)
class DrawnFace:
    """The truth about one face; the box is what a detector would give, in scene pixels."""

    x: int
    y: int
    width: int
    height: int
    expression: str
    strength: float
    person: str
    tags: str | None


@dataclass(frozen=True)
class DrawnScene:
    """One drawn photo or video frame; all frames of a video share its id and its one cast."""

    image: NDArray[np.uint8]
    faces: tuple[DrawnFace, ...]
    item_id: str
    author: str
    time_s: float | None


def draw_source(target: str, limit: int) -> Iterator[DrawnScene]:
    """Yield the first `limit` scenes of a target such as `happy-1`, `mixed-1` or `video-1`."""
    wanted = re.fullmatch(rf"({'|'.join(EXPRESSIONS)}|mixed|video)-\d+", target)
    if wanted is None:
        raise SourceError(
            f"drawn target is {target!r}; it must be {', '.join(EXPRESSIONS)}, mixed or video, "
            "then a dash and a number, as in happy-1"
        )
    if wanted[1] == "video":
        film = make_film(target)
        return (_frame(film, float(second)) for second in range(limit))
    return (_photo(target, wanted[1], number) for number in range(limit))


def draw_video(
    path: Path, seed: int, duration_s: float, fps: int
) -> list[tuple[float, tuple[DrawnFace, ...]]]:
    """Write the film that `video-<seed>` shows as an MP4; return each frame's time and truth."""
    film = make_film(f"video-{seed}")
    truth = []
    with write_mp4(path, Fraction(1, fps), {"threads": "1"}) as video:
        for number in range(round(duration_s * fps)):
            scene = _frame(film, number / fps)
            video.add(scene.image, number)
            truth.append((number / fps, scene.faces))
    return truth


def drawn_rows(scenes: Iterable[DrawnScene], source_id: str, truth: list[Row]) -> Iterator[Row]:
    """Yield drawn scenes as rows of a shard, as JPEG; add their faces to `truth`."""
    for position, scene in enumerate(scenes):
        item = Item(
            scene.item_id,
            encode_jpeg(scene.image, QUALITY),
            author=scene.author,
            time_s=scene.time_s,
            licence=LICENCE,
        )
        height, width = scene.image.shape[:2]
        row = scene_row(item, source_id, position, max_megapixels=width * height / 1e6)
        truth.extend({"scene_id": row["scene_id"], **asdict(face)} for face in scene.faces)
        yield row


def _photo(target: str, wanted: str, number: int) -> DrawnScene:
    """Return one photo: some of a cast, each with an expression of their own."""
    author = f"cast-{target}-{number // SCENES_PER_CAST:03d}"
    rng = generator(target, "scene", number)
    count = int(rng.integers(2, 6))
    members = rng.choice(CAST_SIZE, count, replace=False)
    slots = rng.choice(COLUMNS * ROWS, count, replace=False)
    light, brightness = rng.uniform(-1, 1), rng.uniform(0.8, 1.1)
    actors = []
    for member, slot in zip(members, slots, strict=True):
        expression = _choose_expression(rng, wanted)
        strength = draw_strength(rng)
        actors.append(
            Actor(
                person=draw_person(generator(author, "person", int(member)), f"{author}-{member}"),
                expression=expression,
                strength=strength,
                muscles=express(rng, expression, strength),
                pose=_place(rng, int(slot), light, brightness),
            )
        )
    image = expose(rng, compose(backdrop(rng), actors))
    return DrawnScene(image, _truth(actors), f"{target}-{number:04d}", author, None)


def _frame(film: Film, time_s: float) -> DrawnScene:
    """Return one moment of a film."""
    actors = actors_at(film, time_s)
    rng = generator(film.name, "camera", round(time_s * 1000))
    image = expose(rng, compose(film.backdrop, actors))
    return DrawnScene(image, _truth(actors), film.name, f"cast-{film.name}", time_s)


def _choose_expression(rng: Generator, wanted: str) -> str:
    if wanted == "mixed":
        return EXPRESSIONS[rng.integers(len(EXPRESSIONS))]
    others = [expression for expression in EXPRESSIONS if expression != wanted]
    return wanted if rng.random() < HOPED_FOR_SHARE else others[rng.integers(len(others))]


def _place(rng: Generator, slot: int, light: float, brightness: float) -> Pose:
    """Return a pose in one of the scene's slots, of which no head leaves its own."""
    slot_width, slot_height = WIDTH / COLUMNS, HEIGHT / ROWS
    width = float(np.exp(rng.uniform(np.log(60), np.log(128))))
    spare_x, spare_y = slot_width - 1.25 * width, slot_height - 1.6 * width
    return Pose(
        x=(slot % COLUMNS + 0.5) * slot_width + rng.uniform(-0.5, 0.5) * spare_x,
        y=(slot // COLUMNS + 0.5) * slot_height + rng.uniform(-0.5, 0.5) * spare_y + 0.1 * width,
        width=width,
        tilt_deg=rng.normal(0, 5.5),
        turn=float(np.clip(rng.normal(0, 5), -10, 10)),
        light=light,
        brightness=brightness * rng.uniform(0.94, 1.06),
    )


def _truth(actors: Sequence[Actor]) -> tuple[DrawnFace, ...]:
    return tuple(
        DrawnFace(
            *box_of(actor.pose),
            expression=actor.expression,
            strength=actor.strength,
            person=actor.person.name,
            tags=None if actor.person.glasses is None else "glasses",
        )
        for actor in actors
    )
