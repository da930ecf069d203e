"""Trained runs, which are refused unless settings, labels and split are still those of the run."""

from collections.abc import Sequence
from pathlib import Path

from mien import layout
from mien.errors import SourceError
from mien.ledger import md5, read_ledger
from mien.params import Params
from mien.train.card import Card, names_of, read_card, refuse_card
from mien.train.dataset import classes_of
from mien.train.families import model_of
from mien.train.run import recipe
from mien.view import View

LEDGER = layout.ledger_of("experiment")


def read_trained(run: Path, params: Params) -> Card:
    """Return the card of a run; raise SourceError unless its variant has the same settings now.

    The margin of the crops matters only to a run that aligns them: changed crops show themselves.
    """
    name, _, fold = names_of(run)
    variant = params.variant(name)
    if not (model_of(run, variant.family).is_file() and (run / "model.json").is_file()):
        raise SourceError(f"{run} is not trained: run `snakemake` first")
    card, classes = read_card(run), classes_of(variant, params.labels.expressions)
    refuse_card(card, run, name, variant.family, classes, fold)
    for setting, had, has in (
        ("weights", card.weights, getattr(variant, "weights", None)),
        ("epochs", card.epochs, getattr(variant, "epochs", None)),
        ("multi_label", card.multi_label, variant.multi_label),
        ("settings", card.settings, recipe(variant)),
        ("features", card.features, params.features_of(variant)),
        ("pictures of", _shown(card.views), _shown(params.views_of(variant))),
        ("margin", card.faces["margin"], params.faces.margin),
    ):
        aside = setting == "margin" and not any(view.needs_eyes for view in card.views)
        if had != has and not aside:
            raise SourceError(
                f"{run} was trained with {setting} {had!r}, and the settings say {has!r}: run "
                "`snakemake` first"
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


def _shown(views: Sequence[View]) -> str:
    return "; ".join(map(str, views))
