"""An exported classifier: from pictures of faces to probabilities of expressions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.images import Picture
from mien.live.metadata import Metadata
from mien.live.runtime import Infer, open_model

BATCH = 64
SMALLEST = 5e-7  # as in the evaluation, where a probability rounded to 0 may be as large as this

Probabilities = NDArray[np.float64]


class Classifier:
    """A model and what it says of itself."""

    def __init__(self, infer: Infer, about: Metadata) -> None:
        self._infer, self.about = infer, about

    def probabilities(self, faces: Sequence[Picture]) -> Probabilities:
        """Return the probabilities (faces, classes) of square pictures at the model's size.

        Each row sums to 1, also where the model answers each class on its own, and the model's
        temperature is applied.
        """
        found = [np.empty((0, len(self.about.classes)))]
        for start in range(0, len(faces), BATCH):
            batch = np.stack([face[:, :, ::-1] for face in faces[start : start + BATCH]])
            found.append(self._infer(batch).astype(np.float64))
        return at_temperature(np.concatenate(found), self.about.temperature)


def at_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Return the rows with their logits divided by the temperature, each summing to 1.

    After Guo et al. 2017, "On Calibration of Modern Neural Networks" (ICML).
    """
    shares = probabilities / probabilities.sum(axis=1, keepdims=True)
    powered = np.maximum(shares, SMALLEST) ** (1 / temperature)
    scaled: Probabilities = powered / powered.sum(axis=1, keepdims=True)
    return scaled


def open_classifier(path: Path, threads: int) -> Classifier:
    """Return the classifier in the file; raise ModelError when there is none in it."""
    infer, about = open_model(path, threads)
    if not isinstance(about, Metadata):
        raise ModelError(f"{path}: a detector of faces; name the export of a trained run")
    try:
        empty = np.zeros((1, about.image_size_px, about.image_size_px, 3), np.uint8)
        answered = infer(empty).shape
    except Exception:  # each runtime has its own for pictures of a wrong size
        answered = None
    if answered != (1, len(about.classes)):
        raise ModelError(f"{path}: the model does not fit what it says of itself; export it again")
    return Classifier(infer, about)
