"""Watching a picture, film or camera: its tracks, and what each of them showed."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mien.live.classifier import Probabilities
from mien.live.look import Face
from mien.live.metadata import UNSURE, Metadata
from mien.live.rows import ANSWER, DIGITS, Row, answer_of, likeliest_of, name_of, row_of
from mien.live.sequence import Span, spans
from mien.live.track import Seen, Tracks


class Watch:
    """The faces of one picture, film or camera; `name` is its name in the rows."""

    def __init__(self, name: str, about: Metadata) -> None:
        self.name, self.about = name, about
        self._tracks = Tracks(about.live, about.threshold)
        self._times: dict[int, list[float]] = defaultdict(list)
        self._rows: dict[int, list[Probabilities]] = defaultdict(list)
        self.frames = self.faces = 0
        self.until_s = 0.0

    def add(self, time_s: float, faces: Sequence[Face]) -> list[Seen]:
        """Return the faces of the next frame with their tracks."""
        seen = self._tracks.follow(time_s, faces)
        for one in seen:
            self._times[one.track].append(time_s)
            self._rows[one.track].append(one.face.probabilities.astype(np.float32))
        self.frames += 1
        self.faces += len(faces)
        self.until_s = time_s
        return seen

    def rows(self, number: int | None, time_s: float | None, seen: Sequence[Seen]) -> list[Row]:
        """Return the rows of a frame."""
        return [row_of(self.name, number, time_s, one, self.about.classes) for one in seen]

    def spans(self) -> list[tuple[int, Span]]:
        """Return the spans of all tracks, each with its track."""
        live, threshold = self.about.live, self.about.threshold
        return [
            (track, span)
            for track, times_s in self._times.items()
            for span in spans(times_s, self._rows[track], live, threshold)
        ]

    def summary(self) -> str:
        """Return a line with the numbers of frames, faces and tracks."""
        size = f"{self.name}: {count(self.frames, 'frame')}, {self.until_s:.1f} s"
        if not self.faces:
            return f"{size}, no face in any of them"
        return f"{size}, {count(self.faces, 'face')} in {count(len(self._times), 'track')}"


def span_columns(classes: Sequence[str]) -> list[str]:
    """Return the columns of the table of spans."""
    named = [f"p_{name}" for name in classes]
    return ["file", "track", "start_s", "end_s", "frames", *ANSWER, *named]


def total_columns(classes: Sequence[str]) -> list[str]:
    """Return the columns of the table of tracks."""
    named = [f"share_{name}" for name in (*classes, UNSURE)]
    return ["file", "track", "start_s", "end_s", "faces", *ANSWER, *named]


def span_row(name: str, track: int, span: Span, classes: Sequence[str]) -> Row:
    """Return the row of a span, with the mean of its probabilities."""
    means = zip(classes, span.mean, strict=True)
    return {
        "file": name,
        "track": track,
        "start_s": round(span.start_s, DIGITS),
        "end_s": round(span.end_s, DIGITS),
        "frames": span.frames,
        **answer_of(span.shown, span.mean, classes),
        **{f"p_{c}": round(float(p), DIGITS) for c, p in means},
    }


def total_rows(name: str, found: Sequence[tuple[int, Span]], classes: Sequence[str]) -> list[Row]:
    """Return a row for the whole film, with an empty track, and one for each track.

    `faces` is the number of frames of the track. The expression is the most frequent one, the
    likeliest class is that of the mean probabilities.
    """
    tracks = dict.fromkeys(track for track, _ in found)
    groups = {track: [span for t, span in found if t == track] for track in tracks}
    whole = [_total(name, None, [span for _, span in found], classes)] if found else []
    return whole + [_total(name, track, group, classes) for track, group in groups.items()]


def _total(name: str, track: int | None, group: Sequence[Span], classes: Sequence[str]) -> Row:
    frames = dict.fromkeys([*classes, UNSURE], 0)
    for span in group:
        frames[name_of(span.shown, classes)] += span.frames
    total = sum(frames.values())
    mean = np.sum([span.frames * span.mean for span in group], axis=0) / total
    return {
        "file": name,
        "track": track,
        "start_s": round(min(span.start_s for span in group), DIGITS),
        "end_s": round(max(span.end_s for span in group), DIGITS),
        "faces": total,
        "expression": max(frames, key=lambda c: frames[c]),
        **likeliest_of(mean, classes),
        **{f"share_{c}": round(n / total, DIGITS) for c, n in frames.items()},
    }


def count(number: int, word: str) -> str:
    """Return the number with its noun."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
