"""Opening a video: its container, its stream of pictures, and their declared times."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.format import Flags
from av.stream import Discard, Disposition

from mien.errors import VideoError
from mien.images import Picture
from mien.video.upright import upright

NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
CLOCK = re.compile(r"(\d+):(\d+):(\d+(?:\.\d*)?)")  # 00:01:02.345000000
DECLARE_THE_END = {"matroska,webm", "asf"}  # their duration counts from 0, not the first frame
USUAL_RATE = 25  # frames a second, if the file declares none
HEADLESS = 1000  # packets within which a key frame must come
NEVER_ZERO = {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d"}
HOLE = bytes(256)  # never in a picture of these codecs


@dataclass(frozen=True)
class Track:
    """The pictures of an open video; times are pts, in units of the stream's time base."""

    container: Any
    stream: Any
    start: int  # pts of the first frame that can be shown
    whole_s: float  # the declared duration of the longest stream in `lasting`; 0.0 if none
    lasting: list[Any]  # the streams that the declared duration is about

    @property
    def codec(self) -> Any:
        return self.stream.codec_context

    @property
    def time_base(self) -> Fraction:
        """The unit of time, in seconds."""
        return Fraction(self.stream.time_base)

    @property
    def declared_s(self) -> float:
        """The declared duration of the pictures alone; 0.0 if the file declares none."""
        return self.whole_s if len(self.lasting) == 1 else 0.0

    @property
    def step(self) -> int:
        """The usual duration of a frame, in units of time."""
        return max(1, round(1 / (self.stream.average_rate or USUAL_RATE) / self.time_base))

    @property
    def may_restart(self) -> bool:
        """Whether the container has no index, and its times may jump, as in MPEG-TS."""
        return _is(self.container, Flags.ts_discont)

    @property
    def untimed(self) -> bool:
        """Whether packets have no times of their own, as in bare streams and AVI."""
        return self.container.format.name == "avi" or _is(self.container, Flags.no_timestamps)

    def time_s(self, pts: int) -> float:
        """Return a pts as seconds since the start."""
        return float((pts - self.start) * self.time_base)

    def end_s(self, packet: Any) -> float:
        """Return the end of any stream's packet, in seconds since the start; 0.0 if untimed."""
        if packet.pts is None:
            return 0.0
        end = (packet.pts + (packet.duration or 0)) * packet.time_base
        return float(end) - float(self.start * self.time_base)

    def picture(self, frame: Any) -> Picture:
        """Return a decoded frame as a picture, upright and with square pixels."""
        return upright(frame, self.stream.sample_aspect_ratio)

    def is_spoilt(self, packet: Any) -> bool:
        """Return whether the packet is visibly damaged before it is decoded."""
        return packet.is_corrupt or (self.codec.name in NEVER_ZERO and HOLE in bytes(packet))

    def is_alone(self, packet: Any) -> bool:
        """Return whether the packet is decoded without any other, by the container's word.

        Of codecs that predict pictures the word is not trusted; the decoded frame must say so.
        """
        return packet.is_keyframe and self.codec.name not in NEVER_ZERO


@contextmanager
def opened(video: Path) -> Iterator[Track]:
    """Give the pictures of a video; raise VideoError when the file has none."""
    start = None
    with _container(video) as container:
        if _is(container, Flags.ts_discont):
            start = _first_key(container, _pictures(container))
    with _container(video) as container:
        stream = _pictures(container)
        start = start if start is not None else stream.start_time or 0
        whole_s, lasting = _declared(container, stream, start)
        for other in container.streams:
            if other not in lasting:
                other.discard = Discard.all  # its bytes are not even read
        # with several threads, a picture may come out before its damage is found
        stream.codec_context.thread_count = 1
        stream.codec_context.copy_opaque = True
        yield Track(container, stream, start, whole_s, lasting)


@contextmanager
def _container(video: Path) -> Iterator[Any]:
    try:
        container = av.open(f"file:{video}")
    except av.FFmpegError as error:
        raise VideoError(f"not a video, or cut short: {error.strerror}") from None
    with container:
        if container.format.name == "image2" or container.format.name.endswith("_pipe"):
            raise VideoError("not a video")
        yield container


def _pictures(container: Any) -> Any:
    """Return the stream that players show: not a cover, and preferably the default one."""
    streams = [s for s in container.streams.video if not s.disposition & NO_FILM]
    if not streams:
        raise VideoError("audio only" if container.streams.audio else "no picture in it")
    known = [s for s in streams if s.codec_context is not None]
    if not known:
        raise VideoError("its pictures are in a format that FFmpeg does not know")
    return max(known, key=lambda s: bool(s.disposition & Disposition.default))


def _first_key(container: Any, stream: Any) -> int | None:
    """Return the pts of the first key frame, None if none comes within `HEADLESS` packets.

    A recording may begin in the middle; packets before the first key frame cannot be shown.
    """
    try:
        for number, packet in enumerate(container.demux(stream)):
            if packet.is_keyframe and packet.size:
                return pts_of(packet)
            if number > HEADLESS:
                break
    except av.FFmpegError:
        pass
    return None


def _declared(container: Any, stream: Any, start: int) -> tuple[float, list[Any]]:
    """Return the declared duration, 0.0 if there is none, and the streams that it is about.

    A container's own duration is of its longest stream, maybe the sound. MPEG-TS declares none:
    FFmpeg computes one from the first and last time, which may be of two clocks.
    """
    if _is(container, Flags.ts_discont):
        return 0.0, [stream]
    counts_from_0 = container.format.name in DECLARE_THE_END
    begins_s = float(start * stream.time_base) if counts_from_0 else 0.0
    if stream.duration is not None:
        return max(0.0, float(stream.duration * stream.time_base) - begins_s), [stream]
    if tag := CLOCK.fullmatch(stream.metadata.get("DURATION", "")):  # Matroska and WebM
        hours, minutes, seconds = tag.groups()
        whole_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        return max(0.0, whole_s - begins_s), [stream]
    whole_s = float((container.duration or 0) / av.time_base)
    return max(0.0, whole_s - begins_s), [stream, *container.streams.audio]


def _is(container: Any, flag: Flags) -> bool:
    return bool(container.format.flags & flag.value)


def pts_of(one: Any) -> int:
    """Return the pts of a packet or frame, or its dts if there is none, as in AVI."""
    return int(one.dts if one.pts is None else one.pts)
