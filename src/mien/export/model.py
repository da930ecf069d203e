"""Trained runs as one ONNX file, whose metadata say everything needed to use it.

Its detector is written beside it, first, so that no model is there without the detector it names.
"""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mien import layout
from mien.errors import SourceError
from mien.evaluate.openings import hash_models
from mien.export.calibration import Calibration, calibration
from mien.export.detector import write_detector
from mien.export.runs import checked, is_final, runs_at, sha256, tables_of
from mien.live.metadata import FoundBy, Metadata
from mien.live.sureness import sureness
from mien.params import AnyVariant, Params, file_of
from mien.progress import say
from mien.train.card import Card
from mien.train.families import FAMILIES

if TYPE_CHECKING:
    import onnx

SECTIONS = ("Use", "Results", "Limits")  # of the model card
FINAL = (
    "This model learned from all labelled faces but the test part. The figures below are of other "
    "runs of the same recipe, on faces that those did not learn from.\n\n"
)


def export_models(place: Path, params: Params, output: Path) -> list[Path]:
    """Write a run, or all runs of a variant as one model; return the files, the detector first.

    Several runs answer with the mean of their probabilities. Raises SourceError where a run is not
    trained, or not with today's settings and tables, and where the weights of its detector are
    missing.
    """
    runs = runs_at(place, params)
    models, cards = zip(*(checked(run, params) for run in runs), strict=True)
    variant = params.variant(cards[0].variant)
    tables = {path.as_posix(): sha256(path) for path in tables_of(variant)}
    calibrated = calibration(runs, params)
    graph = graph_of(models, cards[0])
    found, beside = write_detector(cards[0].faces, output.parent)
    about = describe(runs, models, cards[0], params, tables, found, calibrated)
    write_classifier(graph, about, output)
    say(f"{about.variant}, {about.run}: {sureness(about.threshold, about.answers)}")
    return [*beside, output]


def file_name(place: Path) -> str:
    """Return the name of the file that is written unless another is named."""
    parts = [place.parent.name, place.name] if layout.RUN.fullmatch(place.name) else [place.name]
    final = ["final"] if place.parts[0] == str(layout.FINALS) else []
    return "-".join([*parts[:1], *final, *parts[1:]]) + ".onnx"


def run_name(runs: Sequence[Path]) -> str:
    """Return what the metadata call the runs: the name of one, or how many were averaged."""
    name = runs[0].name if len(runs) == 1 else f"average of {len(runs)} runs"
    return f"final {name}" if is_final(runs[0]) else name


def describe(
    runs: Sequence[Path],
    models: Sequence[Path],
    card: Card,
    params: Params,
    tables: Mapping[str, str],
    found: FoundBy,
    calibrated: Calibration,
) -> Metadata:
    """Return the metadata of runs of a variant; `tables` are hashes of what they learned from."""
    variant = params.variant(card.variant)
    temperature, threshold, answers = calibrated
    told = summary(layout.CARDS / f"{card.variant}.md")
    return Metadata(
        variant=card.variant,
        run=run_name(runs),
        family=variant.family,
        classes=list(card.classes),
        views=list(card.views),
        multi_label=card.multi_label,
        faces=found,
        temperature=temperature,
        threshold=threshold,
        answers=answers,
        live=params.live,
        data_sha256=dict(tables),
        model_sha256=sha256(models[0]) if len(models) == 1 else hash_models(models),
        licence=licence(variant, card.features),
        summary=FINAL + told if is_final(runs[0]) else told,
        versions={**card.versions, "onnx": version("onnx")},
    )


def graph_of(models: Sequence[Path], card: Card) -> "onnx.ModelProto":
    """Return the models of runs of one variant as one graph, which answers with their mean.

    Raises SourceError for a family without export.
    """
    try:
        family = import_module(f"mien.export.{card.family}")
    except ModuleNotFoundError as missing:
        if missing.name != f"mien.export.{card.family}":
            raise
        raise SourceError(
            f"{models[0]}: models of the family {card.family} have no export"
        ) from None
    return cast("onnx.ModelProto", family.graph(models, card))


def write_classifier(graph: "onnx.ModelProto", about: Metadata, output: Path) -> None:
    """Write the graph of a run's model with all that its users need to know."""
    from mien.export.graph import write_graph

    shown = f"The expression that a cropped face shows: {', '.join(about.classes)}."
    write_graph(graph, about, shown, output)


def summary(card: Path) -> str:
    """Return the sections of a model card that every user of the model must know, as Markdown."""
    if not card.is_file():
        return "There was no model card when this model was exported."
    title, *parts = re.split(r"^(?=## )", card.read_text(encoding="utf-8"), flags=re.MULTILINE)
    told = [part for part in parts if part.splitlines()[0].removeprefix("## ") in SECTIONS]
    return "".join([title.splitlines()[0] + "\n\n", *told])


def licence(variant: AnyVariant, features: Sequence[Mapping[str, Any]]) -> str:
    """Return the licence that the makers of a family's packages claim, or what it was made with."""
    family = FAMILIES[variant.family]
    if family.trained_licence:
        return family.trained_licence
    licences = " and ".join(sorted(set(family.licences.values())))
    text = f"made with mien (AGPL-3.0-only), {' and '.join(family.licences)} ({licences})"
    if file := file_of(variant):
        text += f"; weights {file}: what their publisher says"
    for told in features:
        if told.get("weights"):
            text += f"; features {told['name']}, {told['weights']}: {told['licence']}"
    return text
