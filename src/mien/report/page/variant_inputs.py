"""What the page of one variant shows, read from the tables and files of its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.evaluate.runs import Result
from mien.evaluate.scored import with_groups
from mien.evaluate.sliced import read_sliced
from mien.evaluate.slices import error_rates, errors_of, slices_of
from mien.evaluate.tables import PREDICTIONS
from mien.files import read_json
from mien.params import AnyVariant, Params
from mien.report.page.inputs import Json
from mien.tables import read_csv
from mien.train.card import names_of
from mien.train.split import leak, of_fold
from mien.train.tables import HISTORY, SPLIT


@dataclass(frozen=True)
class Run:
    """One run: how its training went, what it predicted, with a group_id, and how well."""

    name: str
    history: pd.DataFrame
    result: Result
    metrics: Json


@dataclass(frozen=True)
class VariantInputs:
    """Everything the page of a variant shows but the pixels.

    `others` are the predictions of the runs of those variants that differ in `image_size_px` alone.
    """

    name: str
    params: Params
    runs: list[Run]
    others: dict[str, list[pd.DataFrame]]
    slices: pd.DataFrame

    @property
    def variant(self) -> AnyVariant:
        return self.params.variants[self.name]

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """The size at which this variant sees a face, and that of each other one, by its name."""
        here = self.variant.image_size_px
        return {name: (here, self.params.variants[name].image_size_px) for name in self.others}

    @property
    def predictions(self) -> list[pd.DataFrame]:
        return [run.result.predictions for run in self.runs]


def read_variant(
    *,
    name: str,
    params: Params,
    index: Path,
    labels: Path,
    faces: Path,
    split: Path,
    models: Path,
    runs: Path,
) -> VariantInputs:
    """Return what the page of a variant shows, from the folders of all models and runs.

    Its faces are cut into slices by themselves, so that another variant does not change its page.
    """
    table = read_csv(split, SPLIT)
    own = [_read_run(run, table, models, runs) for run in _runs_of(name, params)]
    errors = errors_of([run.result.predictions for run in own])
    sliced = read_sliced(errors["face_id"], index, labels, faces, params.labels.expressions)
    groups = sliced.set_index("face_id")["group_id"]
    rates, _ = error_rates(errors, slices_of(sliced), groups, params.evaluate)
    others = {
        other: [
            read_csv(runs / run / "predictions.csv", PREDICTIONS) for run in _runs_of(other, params)
        ]
        for other in params.other_sizes(name)
    }
    return VariantInputs(name=name, params=params, runs=own, others=others, slices=rates)


def _runs_of(name: str, params: Params) -> Sequence[Path]:
    return [run for run, _ in params.runs if run.parent.name == name]


def _read_run(run: Path, split: pd.DataFrame, models: Path, runs: Path) -> Run:
    variant, seed, fold = names_of(run)
    seen, path = of_fold(split, fold), runs / run / "predictions.csv"
    scored = with_groups(read_csv(path, PREDICTIONS), seen, path)
    return Run(
        name=run.name,
        history=read_csv(models / run / "history.csv", HISTORY),
        result=Result(variant, seed, scored, leak(scored, seen)),
        metrics=read_json(runs / run / "metrics.json"),
    )
