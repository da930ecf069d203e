"""What the variants ask for: their runs, splits, models and pretrained files."""

import json
from pathlib import PurePath

from mien import layout
from mien.params import Params
from mien.train.families import model_of


def runs_of(params: Params, *variants: str) -> list[str]:
    """Return the runs of these variants as <variant>/<run>, in the order of the settings."""
    folds = params.train.split.folds
    return [f"{name}/{run}" for name in variants for run in params.variant(name).runs(folds)]


def model_file(params: Params, run: str) -> str:
    """Return the file of a run's trained model."""
    family = params.variant(PurePath(run).parent.name).family
    return str(model_of(layout.MODELS / run, family))


def split_file(params: Params, variant: str) -> str:
    """Return the table of splits that a variant is trained by."""
    return str(layout.SPLITS / params.variant(variant).split)


def splits(params: Params) -> list[str]:
    """Return the tables of splits of all variants, each once."""
    return list(dict.fromkeys(split_file(params, name) for name in params.variants))


def weights_files(*names: str | None) -> list[str]:
    """Return the pretrained files of these names; None, for random weights, has none."""
    return [str(layout.WEIGHTS / name) for name in names if name]


def origin_of(params: Params, weights: str | None) -> str:
    """Return where a file of pretrained weights comes from and its hash, as one text.

    Empty where there is none.
    """
    entry = params.acquire.weights.get(weights or "")
    return entry.model_dump_json() if entry else ""


def origins(params: Params) -> str:
    """Return where the variants' pretrained files come from, as one text."""
    files = {variant.file for variant in params.variants.values()}
    return json.dumps(sorted(origin_of(params, file) for file in files))
