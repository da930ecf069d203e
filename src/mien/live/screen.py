"""The picture in the window: the camera's, one face's bars and last minute, and notes."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from mien.images import Picture
from mien.live.annotate import INK, PAPER, annotate, colour_of, guess_of, paint, text_mask
from mien.live.bars import TROUGH, bars, line, sheet
from mien.live.classifier import Probabilities
from mien.live.track import Seen

CAUTION = "Shows what a face shows, not what anybody feels. Not for decisions about people."
HELP = "space pause   s snapshot   t times   p last minute   q quit"
LETTERS_PX, SMALL_PX, PANEL_PX, PLOT_PX = 16, 13, 320, 150
WIDEST_PX, HIGHEST_PX, NARROWEST_PX = 960, 720, 480
NOTES = 5
MINUTE_S = 60.0
LARGER = 1.2  # or two faces of one size would alternate


@dataclass
class Minute:
    """The last minute of the largest face: one track at a time."""

    track: int | None = None
    points: deque[tuple[float, Probabilities]] = field(default_factory=deque)

    def add(self, time_s: float, seen: Sequence[Seen]) -> None:
        """Add the faces seen now; another face takes over when it is larger by a fifth."""
        largest = max(seen, key=area_of, default=None)
        same = next((one for one in seen if one.track == self.track), None)
        if largest is not None and (same is None or area_of(largest) > LARGER * area_of(same)):
            self.track, same = largest.track, largest
            self.points.clear()
        if same is not None:
            self.points.append((time_s, same.smoothed))
        while self.points and self.points[0][0] < time_s - MINUTE_S:
            self.points.popleft()


def area_of(seen: Seen) -> int:
    """Return the area of a face's box, in pixels."""
    return seen.face.box[2] * seen.face.box[3]


def screen(
    picture: Picture,
    seen: Sequence[Seen],
    classes: Sequence[str],
    minute: Minute,
    has_plot: bool,
    notes: Sequence[str],
) -> Picture:
    """Return the whole window: the picture, the bars of the minute's face, its plot, and notes."""
    scale = scale_of(picture)
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    fitted = picture if scale == 1 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    shown = annotate(fitted, [one.scaled(scale) for one in seen], classes)
    face = next((one for one in seen if one.track == minute.track), None)
    parts = [line("" if face is None else _title(face, classes), PANEL_PX, LETTERS_PX)]
    probabilities = np.zeros(len(classes)) if face is None else face.smoothed
    parts.append(bars(probabilities, classes, PANEL_PX, LETTERS_PX))
    past = [line("last minute", PANEL_PX, LETTERS_PX), plot(minute, len(classes))]
    # without plot and notes an equal height is left blank: the window must keep its size
    parts += past if has_plot else [sheet(sum(map(len, past)), PANEL_PX)]
    parts += [line(note, PANEL_PX, SMALL_PX) for note in [*notes, *[""] * NOTES][:NOTES]]
    panel = np.vstack(parts)
    height = max(len(shown), len(panel))
    left = np.vstack([shown, sheet(height - len(shown), shown.shape[1])])
    right = np.vstack([panel, sheet(height - len(panel), PANEL_PX)])
    whole = np.hstack([left, right])
    below = [line(words, whole.shape[1], LETTERS_PX) for words in (CAUTION, HELP)]
    return np.vstack([whole, *below])


def _title(face: Seen, classes: Sequence[str]) -> str:
    unsure = "" if face.shown.is_sure else ", unsure"
    return f"face {face.track}: {guess_of(face, classes)}{unsure}"


def plot(minute: Minute, classes: int) -> Picture:
    """Return the probabilities of the last minute as lines, with the newest on the right."""
    panel = sheet(PLOT_PX, PANEL_PX)
    panel[[0, PLOT_PX // 2, PLOT_PX - 1]] = TROUGH
    if len(minute.points) < 2:
        return panel
    times = np.array([time_s for time_s, _ in minute.points])
    rows = np.stack([row for _, row in minute.points])
    across = PANEL_PX - 1 - (times[-1] - times) / MINUTE_S * PANEL_PX
    for place in range(classes):
        down = (PLOT_PX - 1) * (1 - rows[:, place])
        points = np.round(np.stack([across, down], axis=1)).astype(np.int32)
        cv2.polylines(panel, [points], False, colour_of(place), 2, cv2.LINE_AA)
    return panel


def times_notes(times_s: Mapping[str, float], rate: float, dropped: int) -> list[str]:
    """Return the milliseconds of each step, the frame rate, and the number of skipped frames."""
    steps = [f"{step} {1000 * seconds:.1f} ms" for step, seconds in times_s.items()]
    return [*steps, f"{rate:.0f} frames a second", f"{dropped} frames passed over"]


def paused(whole: Picture) -> Picture:
    """Return the window with the word `paused`."""
    shown = whole.copy()
    letters = text_mask("paused", 2 * LETTERS_PX)
    high, wide = (length + LETTERS_PX for length in letters.shape)
    shown[:high, :wide] = PAPER
    paint(shown[LETTERS_PX // 2 :, LETTERS_PX // 2 :], letters, INK)
    return shown


def scale_of(picture: Picture) -> float:
    """Return the factor by which the window enlarges a picture; the result fits on a screen."""
    rows, columns = picture.shape[:2]
    return float(min(max(1.0, NARROWEST_PX / columns), WIDEST_PX / columns, HIGHEST_PX / rows))
