"""The options that the commands of the running classifier share."""

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mien.live.look import Looker


def finite(value: float | None) -> float | None:
    """Return the value of an option; refuse `nan` and `inf`, which pass its limits."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number")
    return value


Model = Annotated[Path, typer.Argument(help="A model that `mien export` wrote.")]
Detector = Annotated[
    str | None,
    typer.Option(
        help="haar, or an .onnx: YuNet's or one that mien exported. Default: the one that found "
        "the faces the model was judged on."
    ),
]
DetectorPx = Annotated[
    int | None,
    typer.Option(
        help="The longest side of a frame as yunet and yolo see it: smaller is faster and misses "
        "small faces. Default: as for the model's own faces.",
        min=64,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        help="The probability from which on an expression is sure; 0: every one. Default: the "
        "model's own, by evaluate.answered_accuracy.",
        min=0,
        max=1,
        callback=finite,
    ),
]
Threads = Annotated[
    int | None, typer.Option(help="For detector and model; default: all cores.", min=1)
]


def open_looker(
    model: Path,
    detector: str | None,
    threads: int | None,
    detector_px: int | None = None,
    threshold: float | None = None,
) -> "Looker":
    """Return the looker of a model; raise ModelError when model or detector cannot be used."""
    from mien.faces.detect import limit_threads
    from mien.live.classifier import open_classifier
    from mien.live.detector import open_detector
    from mien.live.look import Looker

    count = threads or os.cpu_count() or 1
    limit_threads(count)
    classifier = open_classifier(model, count)
    found = open_detector(classifier.about, model, detector, count, detector_px)
    return Looker(found, classifier, threshold)
