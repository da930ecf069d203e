"""The runs of a variant put together: seeds side by side, folds under one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mien.errors import TableError
from mien.report.scored import classes_of


@dataclass(frozen=True)
class Result:
    """What one run predicted: `predictions` with a group_id, and the share of them that leaks."""

    variant: str
    seed: int
    predictions: pd.DataFrame
    leak: float


@dataclass(frozen=True)
class Graded:
    """Which faces a variant gets right: `right` has a row a face and a column of 0 and 1 a seed.

    `truth` has the same rows: actual and group_id.
    """

    classes: list[str]
    truth: pd.DataFrame
    right: pd.DataFrame


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
    """Return which faces are right with which seed."""
    frames = {seed: frame.set_index("face_id") for seed, frame in seeds.items()}
    first = next(iter(frames.values()))
    right = {seed: (f["actual"] == f["predicted"]).astype("float64") for seed, f in frames.items()}
    return Graded(
        classes_of(first), first[["actual", "group_id"]], pd.DataFrame(right, first.index)
    )
