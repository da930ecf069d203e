"""A drawn film: a few persons who drift about and change expression, at any moment asked for."""

from dataclasses import dataclass, replace

import numpy as np

from mien.acquire.drawing.muscles import EXPRESSIONS, Muscles, blend, draw_strength, express
from mien.acquire.drawing.paint import Floats
from mien.acquire.drawing.person import Person, draw_person, generator
from mien.acquire.drawing.scenery import HEIGHT, WIDTH, Actor, backdrop
from mien.acquire.drawing.sitting import Pose

CHANGE_S = 1.0  # how long a face takes from one expression to the next


@dataclass(frozen=True)
class Player:
    """One person of a film, and how they move: a middle, swings around it, and a rhythm."""

    person: Person
    middle: Pose
    swing: tuple[float, float]  # scene pixels
    period_s: float  # of the swings
    hold_s: float  # from one expression to the next
    phase: float


@dataclass(frozen=True)
class Film:
    name: str
    backdrop: Floats
    players: tuple[Player, ...]


def make_film(name: str) -> Film:
    """Return the film of this name, with two or three persons."""
    rng = generator(name, "film")
    count = int(rng.integers(2, 4))
    light, brightness = rng.uniform(-1, 1), rng.uniform(0.85, 1.1)
    players = []
    for number in range(count):
        width = rng.uniform(78, 122)
        middle = Pose(
            x=(number + 0.5) * WIDTH / count,
            y=HEIGHT * rng.uniform(0.36, 0.5),
            width=width,
            light=light,
            brightness=brightness,
        )
        players.append(
            Player(
                person=draw_person(generator(name, "person", number), f"cast-{name}-{number}"),
                middle=middle,
                swing=((WIDTH / count - 1.6 * width) / 2, rng.uniform(10, 40)),
                period_s=rng.uniform(14, 22),
                hold_s=rng.uniform(3, 5),
                phase=rng.uniform(0, 1),
            )
        )
    return Film(name, backdrop(rng), tuple(players))


def actors_at(film: Film, time_s: float) -> list[Actor]:
    """Return what every player does at a moment."""
    return [_act(film.name, player, time_s) for player in film.players]


def _act(film_name: str, player: Player, time_s: float) -> Actor:
    """Return what one player does; on the way between two expressions the stronger one is named."""
    scene, passed = divmod(time_s / player.hold_s + player.phase, 1)
    share = float(np.clip(passed * player.hold_s / CHANGE_S, 0, 1))
    share = share * share * (3 - 2 * share)
    last, last_strength, last_muscles = _expression(film_name, player, int(scene) - 1)
    following, strength, muscles = _expression(film_name, player, int(scene))
    fading, growing = (1 - share) * last_strength, share * strength
    return Actor(
        person=player.person,
        expression=following if growing >= fading else last,
        strength=max(fading, growing),
        muscles=blend(last_muscles, muscles, share),
        pose=_pose(player, time_s),
    )


def _expression(film_name: str, player: Player, scene: int) -> tuple[str, float, Muscles]:
    """Return what a player shows in a scene; every four scenes show all four expressions."""
    order = generator(film_name, player.person.name, "order", scene // 4).permutation(EXPRESSIONS)
    rng = generator(film_name, player.person.name, "scene", scene)
    expression, strength = str(order[scene % 4]), draw_strength(rng)
    return expression, strength, express(rng, expression, strength)


def _pose(player: Player, time_s: float) -> Pose:
    turn = 2 * np.pi * (time_s / player.period_s + player.phase)
    return replace(
        player.middle,
        x=player.middle.x + player.swing[0] * float(np.sin(turn)),
        y=player.middle.y + player.swing[1] * float(np.sin(1.7 * turn)),
        tilt_deg=5 * float(np.sin(1.3 * turn + 1)),
        turn=5 * float(np.cos(turn)),
    )
