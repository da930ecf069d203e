"""A trained run as one ONNX file, whose metadata say everything needed to use it.

Its detector is written beside it, first, so that no model is there without the detector it names.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mien import __version__, layout
from mien.errors import ModelError, SourceError
from mien.evaluate.files import Metrics
from mien.files import atomic, read_record
from mien.live.metadata import Answers, DetectorMetadata, FoundBy, Metadata, read_metadata
from mien.live.runtime import described
from mien.live.sureness import sureness
from mien.params import AnyVariant, Params, file_of
from mien.progress import say
from mien.train.card import Card, names_of
from mien.train.families import FAMILIES, model_of
from mien.train.trained import changed_since, read_trained, refuse_other_tables

if TYPE_CHECKING:
    import onnx

SECTIONS = ("Use", "Results", "Limits")  # of the model card
DETECTOR_PACKAGES = ("onnx", "torch", "ultralytics")

Calibration = tuple[float, float | None, Answers | None]


def export_run(run: Path, params: Params, output: Path) -> list[Path]:
    """Write a run of the project in the working folder; return the files, its detector first.

    Raises SourceError for a run that is not trained, or not with today's settings and tables, and
    where the weights of its detector are missing.
    """
    name, _, _ = names_of(run)
    variant = params.variant(name)
    if run.resolve() != (layout.MODELS / name / run.name).resolve():
        raise SourceError(f"{run}: not a run of this project; they are in {layout.MODELS / name}")
    runs = variant.runs(params.train.split.folds)
    if run.name not in runs:
        raise SourceError(f"{run}: by params.yaml {name} has no such run; it has {', '.join(runs)}")
    card = read_trained(run, params)
    split = layout.SPLITS / variant.split
    tables = {path.as_posix(): sha256(path) for path in (layout.LABELS, split, layout.INDEX)}
    model = model_of(layout.MODELS / name / run.name, card.family)
    refuse_other_tables(model, (layout.LABELS, split, layout.INDEX))
    refuse_old_figures(layout.RUNS / name / run.name, model, layout.CARDS / f"{name}.md")
    calibrated = calibration(layout.RUNS / name / run.name / "metrics.json")
    graph = graph_of(model, card)
    found, beside = write_detector(card.faces, output.parent)
    about = describe(model, card, params, tables, found, calibrated)
    write_classifier(graph, about, output)
    say(f"{about.variant}, {about.run}: {sureness(about.threshold, about.answers)}")
    return [*beside, output]


def refuse_old_figures(figures: Path, model: Path, card: Path) -> None:
    """Raise SourceError when the ledger says that figures or card are those of an earlier model."""
    predictions, metrics = figures / "predictions.csv", figures / "metrics.json"
    for made, of in ((predictions, model), (metrics, predictions), (card, metrics)):
        if of.is_file() and changed_since(made, (of,)) is not None:
            raise SourceError(f"{made} is of an earlier model: run `snakemake` first")


def describe(
    model: Path,
    card: Card,
    params: Params,
    tables: Mapping[str, str],
    found: FoundBy,
    calibrated: Calibration,
) -> Metadata:
    """Return the metadata of a run's model; `tables` are hashes of what it learned from."""
    variant, run = params.variant(card.variant), model.parent.name
    temperature, threshold, answers = calibrated
    return Metadata(
        variant=card.variant,
        run=run,
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
        model_sha256=sha256(model),
        licence=licence(variant, card.features),
        summary=summary(layout.CARDS / f"{card.variant}.md"),
        versions={**card.versions, "onnx": version("onnx")},
    )


def graph_of(model: Path, card: Card) -> "onnx.ModelProto":
    """Return a run's model as a graph; raise SourceError for a family without export."""
    try:
        family = import_module(f"mien.export.{card.family}")
    except ModuleNotFoundError as missing:
        if missing.name != f"mien.export.{card.family}":
            raise
        raise SourceError(f"{model}: models of the family {card.family} have no export") from None
    return cast("onnx.ModelProto", family.graph(model, card))


def write_classifier(graph: "onnx.ModelProto", about: Metadata, output: Path) -> None:
    """Write the graph of a run's model with all that its users need to know."""
    from mien.export.graph import write_graph

    shown = f"The expression that a cropped face shows: {', '.join(about.classes)}."
    write_graph(graph, about, shown, output)


def export_detector(weights: Path, output: Path) -> None:
    """Write a detector of ultralytics; raise SourceError when the file is none."""
    from mien.export.graph import write_graph
    from mien.export.yolo import detector_graph

    graph, points = detector_graph(weights)
    versions = {"mien": __version__} | {name: version(name) for name in DETECTOR_PACKAGES}
    about = DetectorMetadata(points=points, model_sha256=sha256(weights), versions=versions)
    write_graph(graph, about, "Faces of a scene; they still overlap.", output)


def write_detector(faces: Mapping[str, Any], folder: Path) -> tuple[FoundBy, list[Path]]:
    """Write the detector of a run's faces into the folder; return its settings and files.

    A detector of OpenCV is copied, one of ultralytics is exported. Its name has the hash of the
    weights. A file that is there already stays, since models exported earlier check it by its hash.
    """
    settings = {name: value for name, value in faces.items() if name != "weights"}
    if faces["weights"] is None:
        return FoundBy(**settings, file=None, sha256=None), []
    weights = layout.WEIGHTS / faces["weights"]
    digest = sha256(weights)
    path = folder / f"{weights.stem}-{digest[:8]}.onnx"
    if faces["detector"] == "yolo":
        if not (path.is_file() and is_export_of(path, digest)):
            export_detector(weights, path)
    elif not (path.is_file() and sha256(path) == digest):
        with atomic(path) as temporary:
            shutil.copyfile(weights, temporary)
    return FoundBy(**settings, file=path.name, sha256=sha256(path)), [path]


def is_export_of(path: Path, weights_sha256: str) -> bool:
    """Return whether the file is the export of a detector with these weights."""
    try:
        about = read_metadata(described(path), path)
    except ModelError:
        return False
    return isinstance(about, DetectorMetadata) and about.model_sha256 == weights_sha256


def calibration(metrics: Path) -> Calibration:
    """Return a run's temperature, its threshold, and the coverage and accuracy at the threshold.

    Without figures the model is sure of nothing, and a message says so.
    """
    if not metrics.is_file():
        say(f"mien: {metrics} is missing, so the model is sure of nothing: run `snakemake` first")
        return 1.0, None, None
    told = read_record(metrics, Metrics)
    return told.temperature, told.abstain.threshold, told.answers


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


def sha256(path: Path) -> str:
    """Return the SHA-256 of what the file holds; raise SourceError when it is missing."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise SourceError(f"{path} is missing: run `dvc pull` or `snakemake` first") from None
