"""A run: what it reads, and what it writes beside its model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import __version__, layout  # the version of this code, whatever is installed
from mien.errors import ParamsError
from mien.faces.shards import shards_of
from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.params import (
    AnyVariant,
    FacesParams,
    NetworkVariant,
    Params,
    Variant,
    file_of,
)
from mien.progress import say
from mien.shards import read_shard
from mien.tables import read_csv, write_csv
from mien.train.card import Card, names_of, write_card
from mien.train.dataset import classes_of, load_pictures, training_faces
from mien.train.split import gate
from mien.train.tables import HISTORY, SPLIT
from mien.train.targets import Targets, targets_of
from mien.view import View

FOUND = {"detector", "weights", "image_size_px", "min_confidence", "min_size_px", "margin"}
RECIPE = {"checkpoint", "settings", "labels", "class_weights", "augmentation"}

OfVariant = TypeVar("OfVariant", bound=Variant, covariant=True)


class Examples(NamedTuple):
    """Pictures (n, size, size, RGB), their targets (n, classes), and their weights."""

    pictures: NDArray[np.uint8]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Run(Generic[OfVariant]):
    """One run of a variant; `start` is its pretrained file or the name of random weights.

    `targets` has what it learns from each face, `groups` the group of each. `views` are how it sees
    a face, `features` has the settings of its extractors, `found` how faces were found and cropped.
    A final run has no faces to validate with: its training faces stand in.
    """

    folder: Path
    name: str
    variant: OfVariant
    seed: int
    fold: int | None
    classes: list[str]
    faces: pd.DataFrame
    targets: Targets
    groups: "pd.Series[str]"
    views: list[View]
    features: list[dict[str, Any]]
    shards: list[Path]
    found: FacesParams
    start: str | Path
    is_final: bool = False


def read_run(params: Params, folder: Path, is_final: bool = False) -> Run[AnyVariant]:
    """Return the run that the folder names, with the faces of the project that it may see.

    A final run trains on the faces that validate others, too. Raises TableError when the split
    leaks.
    """
    name, seed, fold = names_of(folder)
    variant = params.variant(name)
    expressions = params.labels.expressions
    classes = classes_of(variant, expressions)
    sides = read_csv(layout.SPLITS / variant.split, SPLIT)
    gate(sides, variant.scheme)
    table = read_csv(layout.LABELS, label_table(expressions))
    seen = training_faces(sides, table, variant, classes, fold)
    seen = seen.assign(split="train") if is_final else seen
    shards = shards_of(read_csv(layout.INDEX, FACES), seen["face_id"], layout.CROPS)
    views = params.views_of(variant)
    if any(view.needs_eyes for view in views):
        setting = "aligned" if isinstance(variant, NetworkVariant) else "features"
        refuse_eyeless(shards, f"variants.{name}.{setting}")
    file = file_of(variant)
    start = layout.WEIGHTS / file if file else getattr(variant, "weights", "")
    return Run(
        folder=folder,
        name=name,
        variant=variant,
        seed=seed,
        fold=fold,
        classes=classes,
        faces=seen,
        targets=targets_of(seen, table, variant, classes),
        groups=sides.set_index("face_id")["group_id"],
        views=views,
        features=params.features_of(variant),
        shards=shards,
        found=params.faces,
        start=start,
        is_final=is_final,
    )


def refuse_eyeless(shards: Sequence[Path], place: str) -> None:
    """Raise ParamsError when no crop has eyes for the alignment; say how many have none."""
    known = pd.concat([read_shard(shard, ["x1"])["x1"].notna() for shard in shards])
    if not known.any():
        raise ParamsError(
            f"{place}: the detector found no eyes in any face; take yunet, or a yolo that finds "
            "five points"
        )
    if not known.all():
        say(f"{(~known).sum()} of {len(known)} crops have no known eyes and stay as they are")


def examples_of(run: Run[Any], part: Literal["train", "val"]) -> Examples:
    """Return pictures, targets and weights of the faces of one part, in their order."""
    shown = "train" if run.is_final else part
    face_ids = run.faces.loc[run.faces["split"] == shown, "face_id"]
    pictures = load_pictures(list(face_ids), run.shards, run.variant.view, run.found.margin)
    shares, weights = (part.loc[face_ids].to_numpy(np.float32) for part in run.targets)
    return Examples(pictures, shares, weights)


def recipe(variant: Variant) -> dict[str, Any]:
    """Return the settings and switches that a card has under one name."""
    switches = variant.model_dump(mode="json", include=RECIPE)
    settings: dict[str, Any] = switches.pop("settings")
    return settings | switches


def write_run(
    run: Run[Any],
    history: pd.DataFrame,
    preprocessing: Mapping[str, Any],
    packages: Sequence[str],
    final: Mapping[str, str] | None = None,
) -> None:
    """Write the run's history, and its card with the installed versions of the packages.

    `final` has the hashes of the tables that a final run learned by.
    """
    card = Card(
        variant=run.name,
        family=run.variant.family,
        seed=run.seed,
        fold=run.fold,
        classes=run.classes,
        views=run.views,
        features=run.features,
        epochs=getattr(run.variant, "epochs", None),
        weights=getattr(run.variant, "weights", None),
        settings=recipe(run.variant),
        multi_label=run.variant.multi_label,
        faces=run.found.model_dump(mode="json", include=FOUND),
        preprocessing=preprocessing,
        versions={"mien": __version__} | {package: version(package) for package in packages},
        final=final,
    )
    write_csv(run.folder / "history.csv", history, HISTORY)
    write_card(run.folder, card)
