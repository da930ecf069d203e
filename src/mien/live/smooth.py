"""What is shown of a face whose probabilities come frame by frame, so that it does not flicker."""

import math
from dataclasses import dataclass

import numpy as np

from mien.live.classifier import Probabilities


@dataclass(frozen=True)
class Average:
    """A running mean in which a frame counts less the longer ago it was."""

    total: Probabilities
    weight: float

    @property
    def mean(self) -> Probabilities:
        """The probabilities, summing to 1."""
        return self.total / self.weight


def average(
    before: Average | None, now: Probabilities, gap_s: float, smoothing_s: float
) -> Average:
    """Return the mean with one frame more, `gap_s` after the last.

    What was before counts e times less after each `smoothing_s`; at 0 only this frame counts.
    """
    if before is None or smoothing_s == 0:
        return Average(now, 1.0)
    kept = math.exp(-gap_s / smoothing_s)
    return Average(before.total * kept + now, before.weight * kept + 1)


@dataclass(frozen=True)
class Shown:
    """The class that is shown of a face, as a place, and whether it is sure: an answer."""

    place: int
    is_sure: bool


def shown(before: Shown | None, mean: Probabilities, threshold: float | None, lead: float) -> Shown:
    """Return what to show; `before` was shown until now.

    A guess is the likeliest class; one that is sure is replaced by another that is likelier by
    `lead`. Sureness begins when a class reaches the threshold, and ends when all are below it by
    `lead`, or below half of it; without a threshold nothing is sure.
    """
    likeliest = int(np.argmax(mean))
    was_sure = before is not None and before.is_sure
    is_sure = threshold is not None and bool(
        mean[likeliest] >= (max(threshold - lead, threshold / 2) if was_sure else threshold)
    )
    if before is not None and was_sure and is_sure and mean[likeliest] - mean[before.place] < lead:
        return before
    return Shown(likeliest, is_sure)
