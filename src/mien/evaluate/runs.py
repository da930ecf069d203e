"""The runs of a variant put together: seeds side by side, folds under one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mien import layout
from mien.errors import TableError
from mien.evaluate.calibration import probabilities_of
from mien.evaluate.scored import classes_in, with_groups
from mien.evaluate.tables import PREDICTIONS
from mien.params import Variant
from mien.tables import read_csv
from mien.train.card import names_of
from mien.train.split import leak, of_fold
from mien.train.tables import SPLIT


@dataclass(frozen=True)
class Result:
    """What one run predicted: `predictions` with a group_id, and the share of them that leaks."""

    variant: str
    seed: int
    predictions: pd.DataFrame
    leak: float


@dataclass(frozen=True)
class Graded:
    """How a variant does on each face: one row a face in all tables, in the same order.

    `truth` has actual and group_id; `right` (0 or 1) and `loss` (of the probability given to the
    actual class) have a column a seed; `averaged` says whether the mean of the seeds' probabilities
    is right.
    """

    classes: list[str]
    truth: pd.DataFrame
    right: pd.DataFrame
    loss: pd.DataFrame
    averaged: "pd.Series[float]"


def read_result(run: Path, variant: Variant) -> Result:
    """Return what a run of this variant predicted, in the project of the working folder.

    Raises TableError where predictions cannot be counted.
    """
    (name, seed, fold), path = names_of(run), layout.predictions_of(run)
    seen = of_fold(read_csv(layout.SPLITS / variant.split, SPLIT), fold)
    scored = with_groups(read_csv(path, PREDICTIONS), seen, path)
    return Result(name, seed, scored, leak(scored, seen))


def by_variant(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Return the runs of each variant, sorted by its name."""
    names = sorted({result.variant for result in results})
    return {name: [result for result in results if result.variant == name] for name in names}


def pool(results: Sequence[Result]) -> dict[int, pd.DataFrame]:
    """Return the predictions of each seed of one variant, all its folds under one another.

    Raises TableError when a seed predicts a face twice, or other faces or truths than another.
    """
    name, seeds = results[0].variant, sorted({result.seed for result in results})
    pooled = {
        seed: pd.concat([r.predictions for r in results if r.seed == seed], ignore_index=True)
        for seed in seeds
    }
    answers = {seed: set(zip(f["face_id"], f["actual"], strict=True)) for seed, f in pooled.items()}
    for seed, frame in pooled.items():
        twice = frame.loc[frame["face_id"].duplicated(), "face_id"]
        if len(twice):
            raise TableError(
                f"variant {name}: seed {seed} predicts the face {twice.iloc[0]} twice; "
                f"delete metrics/runs/{name} and run snakemake"
            )
        if answers[seed] != answers[seeds[0]]:
            raise TableError(
                f"variant {name}: seed {seed} predicts other faces, or with another truth, than "
                f"seed {seeds[0]}; delete metrics/runs/{name} and run snakemake"
            )
    return pooled


def grade(seeds: Mapping[int, pd.DataFrame]) -> Graded:
    """Return how a variant does on each face with each seed, and with all of them together."""
    first = next(iter(seeds.values())).set_index("face_id")
    frames = {seed: f.set_index("face_id").loc[first.index] for seed, f in seeds.items()}
    classes, actual = classes_in(first), first["actual"]
    right = {seed: (actual == f["predicted"]).astype("float64") for seed, f in frames.items()}
    given = {seed: probabilities_of(frame) for seed, frame in frames.items()}
    places = np.arange(len(first)), pd.Index(classes).get_indexer(pd.Index(actual))
    loss = {seed: -np.log(probabilities[places]) for seed, probabilities in given.items()}
    likeliest = np.mean(list(given.values()), axis=0).argmax(axis=1)
    return Graded(
        classes,
        first[["actual", "group_id"]],
        pd.DataFrame(right, first.index),
        pd.DataFrame(loss, first.index),
        pd.Series((likeliest == places[1]).astype(float), first.index),
    )


def mean_leak(results: Sequence[Result]) -> float:
    """Return the share of all predicted faces that leak."""
    faces = [len(result.predictions) for result in results]
    return float(np.average([result.leak for result in results], weights=faces))
