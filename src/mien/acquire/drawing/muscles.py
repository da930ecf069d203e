"""What a face does: muscles moved by an expression, and the way from one to the next."""

from dataclasses import dataclass, fields

from numpy.random import Generator

EXPRESSIONS = ("angry", "happy", "neutral", "surprised")


@dataclass(frozen=True)
class Muscles:
    """How far a face has moved from rest; 0 is rest, 1 a full expression, and more is possible."""

    smile: float = 0.0  # corners of the mouth; negative pulls them down
    jaw: float = 0.0  # mouth open
    pucker: float = 0.0  # mouth narrow; negative is wide
    teeth: float = 0.0  # teeth shown when the mouth is open
    press: float = 0.0  # lips thin
    brow_raise: float = 0.0
    frown: float = 0.0  # inner ends of the brows down and together
    eyes: float = 0.0  # eyes wide; negative squints


FULL = {
    "angry": Muscles(smile=-0.75, pucker=0.2, press=0.8, brow_raise=-0.35, frown=1.0, eyes=-0.3),
    "happy": Muscles(smile=1.0, jaw=0.3, pucker=-0.65, teeth=1.0, brow_raise=0.1, eyes=-0.35),
    "neutral": Muscles(),
    "surprised": Muscles(jaw=1.0, pucker=0.75, brow_raise=1.0, eyes=0.8),
}
CLOSED_SMILE = Muscles(smile=1.0, pucker=-0.5, eyes=-0.3)
SNARL = Muscles(-0.6, 0.35, -0.3, 1.0, 0.3, -0.4, 1.1, -0.2)
RESTLESS = Muscles(0.14, 0.05, 0.12, 0.0, 0.15, 0.14, 0.12, 0.12)  # spread of a face at rest


def blend(first: Muscles, second: Muscles, share: float) -> Muscles:
    """Return the muscles on the way from the first to the second, at a share from 0 to 1."""
    return Muscles(
        *(
            (1 - share) * getattr(first, field.name) + share * getattr(second, field.name)
            for field in fields(Muscles)
        )
    )


def draw_strength(rng: Generator) -> float:
    """Return how clearly an expression shows, from 0.25, where people begin to agree, to 1."""
    return float(0.25 + 0.75 * rng.beta(3.0, 1.6))


def express(rng: Generator, expression: str, strength: float) -> Muscles:
    """Return a face's muscles for an expression that shows with a strength from 0 to 1.

    No two faces do it alike: mouths open or stay shut, and nothing is ever quite at rest. A weak
    neutral face has a hint of some other expression.
    """
    full = FULL[expression]
    if expression == "happy" and rng.random() < 0.35:
        full = CLOSED_SMILE
    if expression == "angry" and rng.random() < 0.3:
        full = SNARL
    if expression == "neutral":
        hint = FULL[EXPRESSIONS[rng.integers(len(EXPRESSIONS))]]
        moved = blend(full, hint, 0.35 * (1 - strength))
    else:
        moved = blend(Muscles(), full, strength)
    return Muscles(
        *(
            getattr(moved, field.name) + getattr(RESTLESS, field.name) * rng.normal()
            for field in fields(Muscles)
        )
    )
