"""What the page of one variant shows, read from the tables and files of its runs."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien import layout
from mien.evaluate.files import Metrics
from mien.evaluate.runs import Result, read_result
from mien.evaluate.slices import errors_of, rates_by_variant, read_sliced
from mien.evaluate.tables import PREDICTIONS
from mien.files import read_record
from mien.params import AnyVariant, Params
from mien.tables import read_csv
from mien.train.tables import HISTORY


@dataclass(frozen=True)
class Run:
    """One run: how its training went, what it predicted, with a group_id, and how well."""

    name: str
    history: pd.DataFrame
    result: Result
    metrics: Metrics


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
        here = getattr(self.variant, "image_size_px", 0)
        variants = self.params.variants
        return {name: (here, getattr(variants[name], "image_size_px", 0)) for name in self.others}

    @property
    def predictions(self) -> list[pd.DataFrame]:
        return [run.result.predictions for run in self.runs]


def read_variant(name: str, params: Params) -> VariantInputs:
    """Return what the page of a variant shows, from the project in the working folder.

    Its faces are cut into slices by themselves, so that another variant does not change its page.
    """
    variant = params.variant(name)
    runs = [_read_run(run, variant) for run in params.runs_of(name)]
    errors = errors_of([run.result.predictions for run in runs])
    sliced = read_sliced(errors["face_id"], params.labels.expressions)
    rates, _ = rates_by_variant({name: errors}, sliced, params.evaluate)
    others = {
        other: [read_csv(layout.predictions_of(run), PREDICTIONS) for run in params.runs_of(other)]
        for other in params.other_sizes(name)
    }
    return VariantInputs(name, params, runs, others, rates)


def _read_run(run: Path, variant: AnyVariant) -> Run:
    return Run(
        name=run.name,
        history=read_csv(layout.MODELS / run / "history.csv", HISTORY),
        result=read_result(run, variant),
        metrics=read_record(layout.RUNS / run / "metrics.json", Metrics),
    )
