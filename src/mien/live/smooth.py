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


def shown(
    before: int | None, mean: Probabilities, threshold: float | None, lead: float
) -> int | None:
    """Return the class to show, as a place, or None for unsure; `before` was shown until now.

    Another class replaces the one shown when it is likelier by `lead`. Unsure ends when a class
    reaches the threshold, and begins when all are below it by `lead`, or below half of it.
    """
    likeliest, enough = int(np.argmax(mean)), threshold or 0.0
    if mean[likeliest] < (enough if before is None else max(enough - lead, enough / 2)):
        return None
    is_ahead = before is None or mean[likeliest] - mean[before] >= lead
    return likeliest if is_ahead else before
