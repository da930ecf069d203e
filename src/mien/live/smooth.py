"""Smoothing the probabilities of a face from frame to frame, so that its label does not flicker."""

import math
from dataclasses import dataclass

import numpy as np

from mien.live.classifier import Probabilities


@dataclass(frozen=True)
class Average:
    """A running mean in which older frames count less."""

    total: Probabilities
    weight: float

    @property
    def mean(self) -> Probabilities:
        """The probabilities, summing to 1."""
        return self.total / self.weight


def average(
    before: Average | None, now: Probabilities, gap_s: float, smoothing_s: float
) -> Average:
    """Return the mean with one more frame, `gap_s` after the last.

    The weight of earlier frames falls by a factor of e in each `smoothing_s`; at 0 only this frame
    counts.
    """
    if before is None or smoothing_s == 0:
        return Average(now, 1.0)
    kept = math.exp(-gap_s / smoothing_s)
    return Average(before.total * kept + now, before.weight * kept + 1)


@dataclass(frozen=True)
class Shown:
    """The place of the class that is shown of a face, and whether the class is sure."""

    place: int
    is_sure: bool


def shown(before: Shown | None, mean: Probabilities, threshold: float | None, lead: float) -> Shown:
    """Return what to show after `before`.

    The likeliest class is shown; a sure one is replaced only by one that is likelier by `lead`. A
    class becomes sure at the threshold. That ends when all classes are below the threshold minus
    `lead`, or below half of the threshold if that is higher. Without a threshold nothing is sure.
    """
    likeliest = int(np.argmax(mean))
    was_sure = before is not None and before.is_sure
    is_sure = threshold is not None and bool(
        mean[likeliest] >= (max(threshold - lead, threshold / 2) if was_sure else threshold)
    )
    if before is not None and was_sure and is_sure and mean[likeliest] - mean[before.place] < lead:
        return before
    return Shown(likeliest, is_sure)
