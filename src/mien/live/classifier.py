"""An exported classifier: from pictures of faces to probabilities of expressions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.images import Picture
from mien.live.metadata import Metadata
from mien.live.runtime import Infer, open_model

BATCH = 64
SMALLEST = 5e-7  # as in the evaluation, which rounds smaller probabilities to 0
CLOSE = 1e-3  # the largest error of a sum of probabilities, as in the evaluation

Probabilities = NDArray[np.float64]


class Classifier:
    """A model and its metadata, `about`."""

    def __init__(self, infer: Infer, about: Metadata) -> None:
        self._infer, self.about = infer, about

    def probabilities(self, faces: Sequence[Sequence[Picture]]) -> Probabilities:
        """Return the probabilities (faces, classes); each face is a picture for every view.

        They are scaled by the model's temperature. Each row sums to 1, also of a multi-label
        model. Raises ModelError when the model gives no probabilities.
        """
        found = [np.empty((0, len(self.about.classes)))]
        for start in range(0, len(faces), BATCH):
            batch = faces[start : start + BATCH]
            answers = self._infer([stacked(pictures) for pictures in zip(*batch, strict=True)])
            if (fault := fault_of(answers, len(batch), self.about)) is not None:
                name = f"the model {self.about.variant}, {self.about.run}"
                raise ModelError(f"{name}: {fault}; it is unusable: train and export it again")
            found.append(answers.astype(np.float64))
        return at_temperature(np.concatenate(found), self.about.temperature)


def stacked(pictures: Sequence[Picture]) -> NDArray[np.uint8]:
    """Return pictures of one size as one input of a model: (n, size, size, RGB)."""
    return np.stack([picture[:, :, ::-1] for picture in pictures])


def fault_of(answers: NDArray[Any], faces: int, about: Metadata) -> str | None:
    """Return why the answers are no probabilities (faces, classes), or None."""
    wanted = faces, len(about.classes)
    if answers.shape != wanted or answers.dtype.kind != "f":
        return f"it answers {answers.dtype} of the shape {answers.shape}, not floats of {wanted}"
    if not np.isfinite(answers).all():
        return "it answers NaN or infinity"
    if answers.min(initial=0) < 0:
        return f"it answers a negative probability, {answers.min():.3g}"
    sums = answers.sum(axis=1, dtype=np.float64)
    if about.multi_label:
        is_wrong = (answers.max(axis=1) > 1 + CLOSE) | (sums == 0)
        return "it answers probabilities above 1, or all 0" if is_wrong.any() else None
    far = sums[np.abs(sums - 1) > CLOSE]
    return f"its probabilities sum to {far[0]:.3g}, not to 1" if len(far) else None


def at_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Return the rows with their logits divided by the temperature, each summing to 1.

    After Guo et al. 2017, "On Calibration of Modern Neural Networks" (ICML).
    """
    shares = probabilities / probabilities.sum(axis=1, keepdims=True)
    logs = np.log(np.maximum(shares, SMALLEST))
    powered = np.exp((logs - logs.max(axis=1, keepdims=True)) / temperature)
    scaled: Probabilities = powered / powered.sum(axis=1, keepdims=True)
    return scaled


def open_classifier(path: Path, threads: int) -> Classifier:
    """Return the classifier in the file; raise ModelError when the file has none."""
    infer, about = open_model(path, threads)
    if not isinstance(about, Metadata):
        raise ModelError(
            f"{path}: a detector of faces; name it by --detector, and here the export of a "
            "trained run"
        )
    random = np.random.default_rng(0)
    pictures = []
    for view in about.views:
        black = np.zeros((1, view.size_px or 0, view.size_px or 0, 3), np.uint8)
        pictures.append(np.concatenate([black, random.integers(0, 256, black.shape, np.uint8)]))
    try:
        fault = fault_of(infer(pictures), 2, about)
    except Exception:  # each runtime raises its own error for pictures of a wrong size
        fault = "it takes pictures of another size"
    if fault is not None:
        raise ModelError(
            f"{path}: the model does not fit its own metadata: {fault}; export it again"
        )
    return Classifier(infer, about)
