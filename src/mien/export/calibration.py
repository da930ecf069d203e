"""How sure an exported model may be: by what its runs said of faces they did not learn from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mien import layout
from mien.evaluate.calibration import probabilities_of
from mien.evaluate.files import Metrics
from mien.evaluate.metrics import measure
from mien.evaluate.runs import mean_leak, pool, read_result
from mien.evaluate.scored import classes_in
from mien.export.runs import is_final
from mien.files import read_record
from mien.live.metadata import Answers
from mien.params import Params
from mien.progress import say
from mien.train.card import names_of

Calibration = tuple[float, float | None, Answers | None]


def calibration(runs: Sequence[Path], params: Params) -> Calibration:
    """Return the temperature, the threshold, and the coverage and accuracy at the threshold.

    One run has its own figures. Of several, and of final ones, they are those of the variant's runs
    together: the mean of the seeds' probabilities, every face predicted by the runs that did not
    learn from it. Without figures the model is sure of nothing, and a message says so.
    """
    name = names_of(runs[0])[0]
    if len(runs) == 1 and not is_final(runs[0]):
        figures = [layout.RUNS / name / runs[0].name / "metrics.json"]
    else:
        figures = [layout.predictions_of(run) for run in params.runs_of(name)]
    if missing := [path for path in figures if not path.is_file()]:
        text = "so the model is sure of nothing: run `snakemake` first"
        say(f"mien: {missing[0]} is missing, {text}")
        return 1.0, None, None
    told = (
        read_record(figures[0], Metrics) if figures[0].suffix == ".json" else pooled(name, params)
    )
    threshold = told.abstain.threshold
    return told.temperature, None if pd.isna(threshold) else threshold, told.answers


def pooled(name: str, params: Params) -> Metrics:
    """Return the metrics of the mean of a variant's seeds, with all folds under one another."""
    results = [read_result(run, params.variant(name)) for run in params.runs_of(name)]
    return measure(mean_of(pool(results)), params.evaluate, mean_leak(results))


def mean_of(seeds: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return the predictions of the mean of all seeds' probabilities."""
    frames = [frame.sort_values("face_id", ignore_index=True) for frame in seeds.values()]
    classes = classes_in(frames[0])
    chances = np.mean([probabilities_of(frame) for frame in frames], axis=0)
    columns = {f"p_{name}": chances[:, place] for place, name in enumerate(classes)}
    return frames[0].assign(**columns, predicted=[classes[n] for n in chances.argmax(axis=1)])
