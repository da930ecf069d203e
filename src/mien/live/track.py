"""Following faces from frame to frame by position; nobody is recognised."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mien.images import Box
from mien.live.classifier import Probabilities
from mien.live.look import Face
from mien.live.smooth import Average, Shown, average, shown
from mien.params import LiveParams

FARTHEST = 0.6  # the largest distance of two centres, in sizes of the face
MOST_GROWN = 1.6


@dataclass(frozen=True)
class Seen:
    """A face of a frame, the number of its track, and what is shown of it.

    `smoothed` are its probabilities over time.
    """

    face: Face
    track: int
    smoothed: Probabilities
    shown: Shown

    def scaled(self, scale: float) -> "Seen":
        """Return the same face in a picture scaled by this factor."""
        x, y, width, height = (round(scale * side) for side in self.face.box)
        return replace(self, face=replace(self.face, box=(x, y, width, height)))


@dataclass
class _Track:
    number: int
    box: Box
    time_s: float
    average: Average
    shown: Shown | None


class Tracks:
    """The tracks of one film or camera, numbered from 1."""

    def __init__(self, params: LiveParams, threshold: float | None) -> None:
        self._params, self._threshold = params, threshold
        self._tracks: list[_Track] = []
        self._last_s = 0.0
        self.count = 0

    def follow(self, time_s: float, faces: Sequence[Face]) -> list[Seen]:
        """Return the faces of the next frame with their tracks, in the order given.

        A face joins the nearest track of a similar size that no nearer face joins. A track ends
        when its face is missing for longer than `forget_s`; time without any frame does not count.
        """
        self._tracks = [
            track
            for track in self._tracks
            if track.time_s == self._last_s or time_s - track.time_s <= self._params.forget_s
        ]
        self._last_s = time_s
        of_face = self._matched(faces)
        return [self._go_on(of_face.get(n), face, time_s) for n, face in enumerate(faces)]

    def _matched(self, faces: Sequence[Face]) -> dict[int, _Track]:
        pairs = sorted(
            (distance, n, t)
            for n, face in enumerate(faces)
            for t, track in enumerate(self._tracks)
            if (distance := apart(track.box, face.box)) <= FARTHEST
        )
        found: dict[int, _Track] = {}
        taken: set[int] = set()
        for _, n, t in pairs:
            if n not in found and t not in taken:
                found[n] = self._tracks[t]
                taken.add(t)
        return found

    def _go_on(self, track: _Track | None, face: Face, time_s: float) -> Seen:
        smoothing_s, lead = self._params.smoothing_s, self._params.lead
        if track is None:
            self.count += 1
            first = average(None, face.probabilities, 0.0, smoothing_s)
            track = _Track(self.count, face.box, time_s, first, None)
            self._tracks.append(track)
        else:
            gap_s = time_s - track.time_s
            track.average = average(track.average, face.probabilities, gap_s, smoothing_s)
            track.box, track.time_s = face.box, time_s
        mean = track.average.mean
        track.shown = shown(track.shown, mean, self._threshold, lead)
        return Seen(face, track.number, mean, track.shown)


def apart(one: Box, other: Box) -> float:
    """Return the distance of two boxes' centres in their mean size; infinite if sizes differ."""
    sizes = math.sqrt(one[2] * one[3]), math.sqrt(other[2] * other[3])
    if max(sizes) > MOST_GROWN * min(sizes):
        return math.inf
    across = one[0] + one[2] / 2 - other[0] - other[2] / 2
    down = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return 2 * math.hypot(across, down) / sum(sizes)
