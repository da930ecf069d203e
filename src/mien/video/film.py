"""Reading and writing films: every frame, at its own time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from mien.errors import VideoError
from mien.files import atomic
from mien.images import Picture
from mien.video.container import Track, opened
from mien.video.in_order import InOrder

CODEC, QUALITY = "libx264", {"preset": "veryfast", "crf": "20", "bf": "0"}
MILLISECONDS = Fraction(1, 1000)
GREY = (127, 127, 127)


@dataclass(frozen=True)
class Frame:
    """A frame, upright; `ticks` is its time since the start, in units of the film's `time_base`."""

    number: int
    ticks: int
    time_s: float
    picture: Picture


class Film:
    """A video to be read once, from its start to its end."""

    def __init__(self, track: Track) -> None:
        track.codec.thread_count, track.codec.thread_type = 0, "AUTO"
        self._track, self._reading = track, InOrder(track)
        self.time_base = track.time_base
        self.expected: int | None = track.stream.frames or None

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, damaged ones too; times strictly increase."""
        for number, shown in enumerate(self._reading.frames()):
            time_s = float(shown.ticks * self.time_base)
            yield Frame(number, shown.ticks, time_s, self._track.picture(shown.frame))

    @property
    def mended(self) -> int:
        """How many frames had a time that was missing or went back."""
        return self._reading.mended

    @property
    def fault(self) -> str | None:
        """What is wrong with the video, once it was read to its end; None if nothing is."""
        declared_s, given_s = self._track.whole_s, self._reading.until_s
        if given_s < 0.98 * declared_s - 0.5:
            return f"it ends after {given_s:.2f} s of {declared_s:.2f} s"
        damaged = self._reading.damaged
        return f"{damaged} of its frames are damaged" if damaged else None


@contextmanager
def open_film(path: Path) -> Iterator[Film]:
    """Give the film in the file; raise VideoError when the file has none."""
    with opened(path) as track:
        yield Film(track)


def is_film(path: Path) -> bool:
    """Return whether the file has a video in it."""
    try:
        with opened(path):
            return True
    except VideoError:
        return False


class Mp4:
    """Writes pictures as H.264, each at its own time and in the size of the first."""

    def __init__(self, container: Any, time_base: Fraction, options: dict[str, str]) -> None:
        self._container, self._time_base, self._options = container, time_base, options
        self._stream: Any = None
        self._last = -1

    def add(self, picture: Picture, ticks: int) -> None:
        """Add a frame `ticks` units of the time base after the start, or just after the last."""
        if self._stream is None:
            rows, columns = picture.shape[:2]
            self._stream = self._container.add_stream(CODEC, options=self._options)
            # the codec needs even sides
            self._stream.height, self._stream.width = rows + rows % 2, columns + columns % 2
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = self._time_base
        fitted = _fitted(picture, self._stream.width, self._stream.height)
        frame = av.VideoFrame.from_ndarray(fitted, format="bgr24")
        self._last = max(ticks, self._last + 1)
        frame.pts, frame.time_base = self._last, self._time_base
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write the frames that the encoder holds back; raise VideoError when none was added."""
        if self._stream is None:
            raise VideoError("there is no picture to write")
        self._container.mux(self._stream.encode())


@contextmanager
def write_mp4(
    path: Path, time_base: Fraction = MILLISECONDS, options: dict[str, str] = QUALITY
) -> Iterator[Mp4]:
    """Give a film to add frames to; the file appears when the block ends well.

    `options` are those of x264, which writes other bytes on another number of threads.
    Raises VideoError when no frame was added.
    """
    with atomic(path) as temporary, av.open(f"file:{temporary}", "w", format="mp4") as container:
        film = Mp4(container, time_base, options)
        yield film
        film.finish()


def _fitted(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture at this size; one missing line repeats the edge, more become grey."""
    rows, columns = picture.shape[:2]
    if (rows, columns) == (height, width):
        return picture
    if max(abs(height - rows), abs(width - columns)) == 1:
        return np.pad(picture, ((0, height - rows), (0, width - columns), (0, 0)), "edge")
    scale = min(width / columns, height / rows)
    size = max(1, int(columns * scale)), max(1, int(rows * scale))
    whole = np.full((height, width, 3), GREY, np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    whole[top : top + size[1], left : left + size[0]] = small
    return whole
