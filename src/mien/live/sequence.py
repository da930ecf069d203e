"""Smoothing over a whole film, by the frames before and after each frame.

Live, only earlier frames are known, so a change shows late; in a recorded film it does not. This
smooths a classifier of single pictures: a model of sequences would need films with a label for
every moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from mien.live.classifier import Probabilities
from mien.live.smooth import Average, Shown, average, shown
from mien.params import LiveParams

Times = Sequence[float]


@dataclass(frozen=True)
class Span:
    """A part of a track in which the same is shown, and the mean of its probabilities."""

    start_s: float
    end_s: float
    frames: int
    shown: Shown
    mean: Probabilities


def spans(
    times_s: Times, rows: Sequence[Probabilities], params: LiveParams, threshold: float | None
) -> list[Span]:
    """Return the spans of a track; `rows` has the probabilities of its frames.

    A span ends where the next one begins, the last span at the last frame.
    """
    smoothed = both_ways(times_s, rows, params.smoothing_s)
    over_time = shown_in(smoothed, params.lead, threshold)
    found = []
    for what, group in groupby(range(len(rows)), lambda n: over_time[n]):
        places = list(group)
        after = min(places[-1] + 1, len(rows) - 1)
        mean = smoothed[places].mean(axis=0)
        found.append(Span(times_s[places[0]], times_s[after], len(places), what, mean))
    return found


def both_ways(times_s: Times, rows: Sequence[Probabilities], smoothing_s: float) -> Probabilities:
    """Return the probabilities (frames, classes) of a track, smoothed in both directions.

    The weight of a frame falls by a factor of e for each `smoothing_s` of distance.
    """
    if smoothing_s == 0:
        return np.stack(rows)
    there = _running(times_s, rows, smoothing_s)
    back = _running([-t for t in reversed(times_s)], list(reversed(rows)), smoothing_s)[::-1]
    # both contain the frame itself
    totals = [a.total + b.total - row for a, b, row in zip(there, back, rows, strict=True)]
    weights = [[a.weight + b.weight - 1] for a, b in zip(there, back, strict=True)]
    smoothed: Probabilities = np.stack(totals) / np.array(weights)
    return smoothed


def shown_in(smoothed: Probabilities, lead: float, threshold: float | None) -> list[Shown]:
    """Return what is shown in each frame: as live, but with changes moved back to their beginning.

    Live, another expression is shown once it leads; here as soon as it is the likelier one.
    """
    found: list[Shown] = []
    for n, mean in enumerate(smoothed):
        before = found[-1] if found else None
        now = shown(before, mean, threshold, lead)
        found.append(now)
        if before is None or now == before or not (now.is_sure and before.is_sure):
            continue
        earlier = n - 1
        while (
            earlier >= 0
            and found[earlier] == before
            and smoothed[earlier][now.place] > smoothed[earlier][before.place]
        ):
            found[earlier] = now
            earlier -= 1
    return found


def _running(times_s: Times, rows: Sequence[Probabilities], smoothing_s: float) -> list[Average]:
    found: list[Average] = []
    for n, row in enumerate(rows):
        gap_s = times_s[n] - times_s[n - 1] if n else 0.0
        found.append(average(found[-1] if found else None, row, gap_s, smoothing_s))
    return found
