"""Trained runs, which are refused unless settings, labels and split are still those of the run."""

from collections.abc import Sequence
from pathlib import Path

from mien import layout
from mien.errors import SourceError
from mien.ledger import md5, read_ledger
from mien.params import AnyVariant
from mien.train.card import SWITCHES, Card, names_of, read_card, refuse_card
from mien.train.families import model_of
from mien.train.run import recipe

LEDGER = layout.ledger_of("experiment")
SHARED = ("weights", "image_size_px", "epochs", *SWITCHES)


def read_trained(run: Path, variant: AnyVariant, classes: Sequence[str], margin: float) -> Card:
    """Return the card of a run; raise SourceError unless its variant has the same settings now.

    `margin` is the margin of the crops. It matters only to a run that aligns crops: changed crops
    show themselves.
    """
    if not (model_of(run, variant.family).is_file() and (run / "model.json").is_file()):
        raise SourceError(f"{run} is not trained: run `snakemake` first")
    card, (name, _, fold) = read_card(run), names_of(run)
    refuse_card(card, run, name, variant.family, classes, fold)
    wanted = {name: getattr(variant, name) for name in SHARED} | {"settings": recipe(variant)}
    found = {name: getattr(card, name) for name in wanted}
    if card.aligned:
        wanted["margin"], found["margin"] = margin, card.faces["margin"]
    for setting, value in wanted.items():
        if found[setting] != value:
            raise SourceError(
                f"{run} was trained with {setting} {found[setting]!r}, and the settings say "
                f"{value!r}: run `snakemake` first"
            )
    return card


def refuse_other_tables(model: Path, tables: Sequence[Path]) -> None:
    """Raise SourceError when the ledger says that a model was trained with other splits or labels.

    Such a model may have seen today's test faces. The ledger knows nothing of a model trained by
    hand.
    """
    if (table := changed_since(model, tables)) is not None:
        raise SourceError(
            f"{model} was trained when {table} was another, and may have seen faces of the "
            "test part: run `snakemake` first"
        )


def changed_since(made: Path, inputs: Sequence[Path]) -> Path | None:
    """Return the first input that has changed since a file was made, as far as the ledger knows."""
    known = read_ledger(LEDGER).get(made.as_posix(), {}).get("inputs", {})
    for path in inputs:
        if path.as_posix() in known and known[path.as_posix()] != md5(path):
            return path
    return None
