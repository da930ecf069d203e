"""Videos in and out: every frame, at its own time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2

from mien.acquire.container import opened
from mien.acquire.decoder import Decoder, pts_of
from mien.acquire.frames import upright
from mien.errors import VideoError
from mien.files import atomic
from mien.images import Picture

CODEC, QUALITY = "libx264", {"preset": "veryfast", "crf": "20", "bf": "0"}
MILLISECONDS = Fraction(1, 1000)


@dataclass(frozen=True)
class Frame:
    """A frame, upright; `ticks` is its time since the start, in units of the film's `time_base`."""

    number: int
    ticks: int
    time_s: float
    picture: Picture


class Film:
    """A video to be read once, from its start to its end."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        decoder.codec.thread_count, decoder.codec.thread_type = 0, "AUTO"
        self.time_base = decoder.time_base
        self.expected: int | None = decoder.stream.frames or None
        self._damaged = 0
        self._until_s = 0.0

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; pictures that are damaged are among them."""
        for number, frame in enumerate(self._decoded()):
            ticks = pts_of(frame) - self._decoder.start
            time_s = float(ticks * self.time_base)
            self._until_s = time_s + float((frame.duration or 0) * self.time_base)
            yield Frame(number, ticks, time_s, upright(frame))

    @property
    def fault(self) -> str | None:
        """What is wrong with the video, as far as it was read to its end; None if nothing is."""
        declared_s = self._decoder.duration_s
        if self._until_s < 0.98 * declared_s - 0.5:
            return f"it ends after {self._until_s:.2f} s of {declared_s:.2f} s"
        return f"{self._damaged} of its frames are damaged" if self._damaged else None

    def _decoded(self) -> Iterator[Any]:
        container, stream = self._decoder.container, self._decoder.stream
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = stream.codec_context.decode(packet if packet.size else None)
            except av.FFmpegError:
                self._damaged += 1
                if packet is None or self._damaged > stream.frames + 1:
                    return
                continue
            self._damaged += sum(frame.is_corrupt for frame in frames)
            yield from frames


@contextmanager
def open_film(path: Path) -> Iterator[Film]:
    """Give the film in the file; raise VideoError when there is none in it."""
    with opened(path) as decoder:
        yield Film(decoder)


def is_film(path: Path) -> bool:
    """Return whether the file has a video in it."""
    try:
        with opened(path):
            return True
    except VideoError:
        return False


class Mp4:
    """Writes pictures of one size as H.264, each at its own time."""

    def __init__(self, container: Any, time_base: Fraction) -> None:
        self._container, self._time_base = container, time_base
        self._stream: Any = None
        self._last = -1

    def add(self, picture: Picture, ticks: int) -> None:
        """Add a frame `ticks` units of the time base after the start; never before the last one."""
        picture = _even(picture)
        if self._stream is None:
            self._stream = self._container.add_stream(CODEC, options=QUALITY)
            self._stream.height, self._stream.width = picture.shape[:2]
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = self._time_base
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        self._last = max(ticks, self._last + 1)
        frame.pts, frame.time_base = self._last, self._time_base
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder holds back."""
        if self._stream is not None:
            self._container.mux(self._stream.encode())


@contextmanager
def write_mp4(path: Path, time_base: Fraction = MILLISECONDS) -> Iterator[Mp4]:
    """Give a film to add frames to; the file appears when the block ends well."""
    with atomic(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        film = Mp4(container, time_base)
        yield film
        film.finish()


def _even(picture: Picture) -> Picture:
    """Return the picture with an even width and height, as the codec wants it."""
    rows, columns = picture.shape[:2]
    below, beside = rows % 2, columns % 2
    if not below and not beside:
        return picture
    return cv2.copyMakeBorder(picture, 0, below, 0, beside, cv2.BORDER_REPLICATE)  # type: ignore[no-any-return]
