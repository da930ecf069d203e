"""The card of a run, model.json: all that must be known to use the model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mien.errors import SourceError
from mien.files import read_json, write_json

RUN = re.compile(r"seed-(\d+)(?:-fold-(\d+))?")


@dataclass(frozen=True)
class Card:
    """How a run was made; `classes` is the order of the columns of probabilities.

    A model of `multi_label` answers each class on its own. `aligned_margin` is that of crops
    which are aligned by the eyes before the model sees them, none where they are not.
    """

    variant: str
    family: str
    seed: int
    fold: int | None
    classes: Sequence[str]
    image_size_px: int
    epochs: int
    weights: str
    settings: Mapping[str, Any]
    multi_label: bool
    aligned_margin: float | None
    preprocessing: Mapping[str, Any]
    versions: Mapping[str, str]


def names_of(run: Path) -> tuple[str, int, int | None]:
    """Return variant, seed and fold of the folder `<variant>/seed-0` or `<variant>/seed-0-fold-2`.

    Raises SourceError when the folder has no name of a run.
    """
    match = RUN.fullmatch(run.name)
    if match is None:
        raise SourceError(
            f"{run}: not the name of a run; it must be seed-<number> or seed-<number>-fold-<number>"
        )
    return run.parent.name, int(match[1]), int(match[2]) if match[2] else None


def write_card(run: Path, card: Card) -> None:
    """Write `model.json` into the run's folder, whole or not at all."""
    write_json(run / "model.json", asdict(card))


def read_card(run: Path) -> Card:
    """Return the card of a run; raise SourceError when it is none, TableError when unreadable."""
    path = run / "model.json"
    content = read_json(path)
    try:
        return Card(**content)
    except TypeError:
        raise SourceError(f"{path}: not the card of a run; delete it and run snakemake") from None
