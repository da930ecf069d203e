"""Which faces a voter sees next."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
GAP = 40  # answers between a face and its repeat: time enough to forget what one said


@dataclass(frozen=True, slots=True)
class Face:
    """A kept face; `expression` is what its source hopes it shows, or in a review what is asked."""

    face_id: str
    source_id: str
    scene_id: str
    x: int
    y: int
    width: int
    height: int
    expression: str | None


def draw(faces: Iterable[Face], seed: str) -> list[Face]:
    """Return the faces in a random order that the seed decides, spread evenly over expressions.

    Expressions take turns and, within each expression, its sources.
    """
    shuffled = sorted(faces, key=lambda face: sha256(f"{seed} {face.face_id}".encode()).digest())
    sources_in_turn = in_turn(shuffled, lambda face: (face.expression, face.source_id))
    return in_turn(sources_in_turn, lambda face: face.expression)


def in_turn(items: Sequence[Item], group: Callable[[Item], Hashable]) -> list[Item]:
    """Return the first item of every group, then the second of each, and so on."""
    seen: Counter[Hashable] = Counter()
    turns = []
    for item in items:
        turns.append(seen[group(item)])
        seen[group(item)] += 1
    return [items[place] for place in sorted(range(len(items)), key=turns.__getitem__)]


def is_tied(votes: Iterable[str]) -> bool:
    """Return whether the two most frequent votes are equally frequent."""
    top = Counter(votes).most_common(2)
    return len(top) == 2 and top[0][1] == top[1][1]


def wanted(
    drawn: Iterable[Face],
    votes: Mapping[str, Mapping[str, str]],
    voter: str,
    voters: int,
    ties_need_more: bool,
) -> list[Face]:
    """Return the faces that need this voter's vote, ties first.

    `votes` has the vote of each voter on each face. A face needs as many votes as there are
    `voters`. With `ties_need_more` a tied face needs one vote more, as often as it is tied.
    """
    tied, rest = [], []
    for face in drawn:
        cast = votes.get(face.face_id, {})
        if voter in cast:
            continue
        if ties_need_more and is_tied(cast.values()):
            tied.append(face)
        elif len(cast) < voters:
            rest.append(face)
    return tied + rest


def due_again(answered: Sequence[str], repeated: set[str], share: float, seed: str) -> list[str]:
    """Return the answered faces that are to be shown once more, in the same order.

    About `share` of all, chosen by the seed, each after 40 other answers.
    """
    return [
        face
        for face in answered[: max(0, len(answered) - GAP)]
        if face not in repeated and _chance(f"{seed} again {face}") < share
    ]


def mixed(new: Iterable[Item], again: Iterable[Item], every: int) -> Iterator[Item]:
    """Yield the new items with one of the others after every `every` items, then the rest."""
    fresh, repeats = iter(new), iter(again)
    while chunk := list(islice(fresh, every)):
        yield from chain(chunk, islice(repeats, 1))
    yield from repeats


def _chance(text: str) -> float:
    """Return a number from 0 to 1 that depends on the text alone."""
    return int.from_bytes(sha256(text.encode()).digest()[:8]) / 2.0**64
