"""The card of a run, model.json: all that must be known to use the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien import layout
from mien.errors import SourceError
from mien.files import read_record, write_json
from mien.view import View


@dataclass(frozen=True)
class Card:
    """How a run was made; `classes` is the order of the columns of probabilities.

    `views` are how it sees a face: one, or of a probe one for each of the extractors in `features`,
    which has their names and settings.
    A probe has no `epochs` and no `weights`. A model of `multi_label` answers each class on its
    own. `faces` has the settings by which its faces were found and cut. A run that learned from all
    faces but the test part has in `final` the hashes of the tables that it learned by.
    """

    variant: str
    family: str
    seed: int
    fold: int | None
    classes: Sequence[str]
    views: Sequence[View]
    features: Sequence[Mapping[str, Any]]
    epochs: int | None
    weights: str | None
    settings: Mapping[str, Any]
    multi_label: bool
    faces: Mapping[str, Any]
    preprocessing: Mapping[str, Any]
    versions: Mapping[str, str]
    final: Mapping[str, str] | None = None


def names_of(run: Path) -> tuple[str, int, int | None]:
    """Return variant, seed and fold of the folder `<variant>/seed-0` or `<variant>/seed-0-fold-2`.

    Raises SourceError when the folder has no name of a run.
    """
    match = layout.RUN.fullmatch(run.name)
    if match is None:
        if inside := sorted(path.name for path in run.glob("seed-*")):
            raise SourceError(f"{run}: a variant; name one of its runs: {run / inside[0]}")
        raise SourceError(
            f"{run}: not the name of a run; it must be seed-<number> or seed-<number>-fold-<number>"
        )
    return run.parent.name, int(match[1]), int(match[2]) if match[2] else None


def write_card(run: Path, card: Card) -> None:
    """Write `model.json` into the run's folder, whole or not at all."""
    write_json(run / "model.json", card)


def read_card(run: Path) -> Card:
    """Return the card of a run; raise TableError when it is none."""
    return read_record(run / "model.json", Card)


def refuse_card(
    card: Card, run: Path, variant: str, family: str, classes: Sequence[str], fold: int | None
) -> None:
    """Raise SourceError unless the card of `run` has this variant, family, classes and fold."""
    for name, found, wanted in (
        ("variant", card.variant, variant),
        ("family", card.family, family),
        ("classes", list(card.classes), list(classes)),
        ("fold", card.fold, fold),
    ):
        if found != wanted:
            raise SourceError(
                f"{run / 'model.json'}: {name} is {found!r}, but {wanted!r} is asked for; "
                "name another run or train this one again"
            )
