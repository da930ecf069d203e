"""A run: what it is given, and what it leaves beside its model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from mien.errors import ParamsError
from mien.faces.shards import shards_of
from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.params import Params, ResnetVariant, YoloVariant
from mien.tables import read_csv, write_csv
from mien.train.card import Card, names_of, write_card
from mien.train.dataset import classes_of, training_faces
from mien.train.split import gate
from mien.train.tables import HISTORY, SPLIT

Family = TypeVar("Family", YoloVariant, ResnetVariant)


@dataclass(frozen=True)
class Run(Generic[Family]):
    """One run of a variant; `start` is its pretrained file or the name of random weights."""

    folder: Path
    name: str
    variant: Family
    seed: int
    fold: int | None
    classes: list[str]
    faces: pd.DataFrame
    shards: list[Path]
    start: str | Path


def read_run(
    family: type[Family],
    params: Params,
    folder: Path,
    *,
    index: Path,
    labels: Path,
    split: Path,
    faces: Path,
    weights: Path,
) -> Run[Family]:
    """Return the run that the folder names, with the faces it may see.

    Raises ParamsError when its variant is of another family, TableError when the split leaks.
    """
    name, seed, fold = names_of(folder)
    variant = params.variant(name)
    if not isinstance(variant, family):
        raise ParamsError(
            f"variants.{name} is of the family {variant.family}; use mien train {variant.family}"
        )
    expressions = params.labels.expressions
    classes = classes_of(variant, expressions)
    sides = read_csv(split, SPLIT)
    gate(sides, variant.scheme)
    table = read_csv(labels, label_table(expressions))
    seen = training_faces(sides, table, variant, classes, fold)
    shards = shards_of(read_csv(index, FACES), seen["face_id"], faces)
    start = weights / variant.file if variant.file else variant.weights
    return Run(folder, name, variant, seed, fold, classes, seen, shards, start)


def write_run(
    run: Run[Any], history: pd.DataFrame, preprocessing: Mapping[str, Any], packages: Sequence[str]
) -> None:
    """Write the run's history, and its card with the installed versions of the packages."""
    settings = run.variant.model_dump(mode="json", include={"checkpoint", "settings"})
    card = Card(
        variant=run.name,
        family=run.variant.family,
        seed=run.seed,
        fold=run.fold,
        classes=run.classes,
        image_size_px=run.variant.image_size_px,
        epochs=run.variant.epochs,
        weights=run.variant.weights,
        settings=settings.pop("settings") | settings,
        preprocessing=preprocessing,
        versions={package: version(package) for package in ("mien", *packages)},
    )
    write_csv(run.folder / "history.csv", history, HISTORY)
    write_card(run.folder, card)
