"""Finding and classifying the faces of scenes."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from mien.faces.detect import Detector
from mien.faces.detections import box_of, without_overlaps
from mien.images import Box, Picture
from mien.live.classifier import Classifier, Probabilities
from mien.live.sureness import sureness
from mien.viewing import seen_in_scene

STEPS = ("detect", "crop", "classify")


@dataclass(frozen=True)
class Face:
    """A face of a scene; its probabilities are in the order of the model's classes."""

    box: Box
    confidence: float
    probabilities: Probabilities


class Looker:
    """Finds and classifies faces; for one thread at a time.

    `times_s` has the duration of each step of the last look, `too_small` counts the faces left out
    so far. `threshold` replaces the model's own; `sureness` explains it in words.
    """

    def __init__(
        self, detector: Detector, classifier: Classifier, threshold: float | None = None
    ) -> None:
        self._detector, self._classifier = detector, classifier
        self.about = about = classifier.about
        self.sureness = sureness(about.threshold, about.answers, threshold)
        if threshold is not None:
            self.about = about.model_copy(update={"threshold": threshold})
        self.times_s = dict.fromkeys(STEPS, 0.0)
        self.too_small = 0

    def look(self, scenes: Sequence[Picture]) -> list[list[Face]]:
        """Return the faces of each scene, in the order of boxes.

        Faces smaller than those of the model's evaluation are left out.
        """
        smallest, about = self.about.faces.min_size_px, self.about
        with self._timed("detect"):
            everything = [without_overlaps(one) for one in self._detector(scenes)]
            found = [[d for d in one if min(d.width, d.height) >= smallest] for one in everything]
        self.too_small += sum(map(len, everything)) - sum(map(len, found))
        with self._timed("crop"):
            faces = [
                [
                    seen_in_scene(scene, box_of(d), d.landmarks, about.faces.margin, view)
                    for view in about.views
                ]
                for scene, detections in zip(scenes, found, strict=True)
                for d in detections
            ]
        with self._timed("classify"):
            rows = iter(self._classifier.probabilities(faces))
        return [[Face(box_of(d), d.confidence, next(rows)) for d in one] for one in found]

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.times_s[step] = time.perf_counter() - begun
