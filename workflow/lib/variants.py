"""What the variants ask for: their runs, splits, models and pretrained files."""

import json
from collections.abc import Iterable
from pathlib import PurePath

from mien import layout
from mien.params import Params, extractors_of, file_of
from mien.train.families import FAMILIES, Family, model_of


def runs_of(params: Params, *variants: str) -> list[str]:
    """Return the runs of these variants as <variant>/<run>, in the order of the settings."""
    folds = params.train.split.folds
    return [f"{name}/{run}" for name in variants for run in params.variant(name).runs(folds)]


def model_file(params: Params, run: str) -> str:
    """Return the file of a run's trained model."""
    family = params.variant(PurePath(run).parent.name).family
    return str(model_of(layout.MODELS / run, family))


def family_of(params: Params, variant: str) -> Family:
    """Return what the family of a variant is."""
    return FAMILIES[params.variant(variant).family]


def split_file(params: Params, variant: str) -> str:
    """Return the table of splits that a variant is trained by."""
    return str(layout.SPLITS / params.variant(variant).split)


def splits(params: Params) -> list[str]:
    """Return the tables of splits of all variants, each once."""
    return list(dict.fromkeys(split_file(params, name) for name in params.variants))


def seen_files(params: Params, variant: str, sources: Iterable[str]) -> list[str]:
    """Return the files of faces that a variant sees: crops, or the features of its extractors."""
    names = extractors_of(params.variant(variant))
    if not names:
        return [str(layout.crops_of(source)) for source in sources]
    return features_files(names, sources)


def features_files(extractors: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Return the shards of features of these extractors and sources."""
    sources = list(sources)
    return [str(layout.features_of(name, source)) for name in extractors for source in sources]


def features_seen(params: Params, variant: str) -> list[str]:
    """Return the places of the settings of the extractors that a variant learns from."""
    return [f"features.{name}" for name in extractors_of(params.variant(variant))]


def weights_files(*names: str | None) -> list[str]:
    """Return the pretrained files of these names; None, for random weights, has none."""
    return [str(layout.WEIGHTS / name) for name in names if name]


def origin_of(params: Params, weights: str | None) -> str:
    """Return where a file of pretrained weights comes from and its hash, as one text.

    Empty where there is none.
    """
    entry = params.acquire.weights.get(weights or "")
    return entry.model_dump_json() if entry else ""


def origins(params: Params, *variants: str) -> str:
    """Return where the pretrained files of these variants come from, and what extractors do."""
    asked = [params.variant(name) for name in variants]
    files = {origin_of(params, file_of(variant)) for variant in asked}
    extractors = {told["name"]: told for one in asked for told in params.features_of(one)}
    entries = {name: origin_of(params, told.get("weights")) for name, told in extractors.items()}
    return json.dumps([sorted(files), extractors, entries], sort_keys=True)
