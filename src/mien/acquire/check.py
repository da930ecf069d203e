"""Whether a file is the video that it says it is: a downloader's success proves little."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from mien.acquire.container import opened
from mien.acquire.decoder import Decoder, pts_of
from mien.errors import VideoError

SHORT_S, SHORT_SHARE = 1.0, 0.02  # containers round and pad their durations by less
TS_PACKETS = (188, 192, 204)  # bytes, with a time before each or parity after it
GIF_TRAILER = b";"
PAGES = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Video:
    """What a sound video declares; width and height are upright."""

    duration_s: float
    width: int
    height: int


def check_video(path: Path, thorough: bool = False) -> Video:
    """Return what is known of the video; raise VideoError with the reason when it is not sound.

    All packets are read, but only the first and last frame decoded; `thorough` decodes every frame,
    for a file that was put together from parts.
    """
    with path.open("rb") as file:
        beginning = file.read(1024).lstrip().lower()
    if not beginning:
        raise VideoError("empty file")
    if beginning.startswith(PAGES):
        raise VideoError("it is a web page")
    with opened(path) as decoder:
        _check_end(path, decoder.container.format.name)
        last = _last(decoder)
    with opened(path) as decoder:
        first = _frame(decoder, "first", decoder.start)
        _frame(decoder, "last", last)
        sideways = first.rotation % 180 == 90
        width, height = first.width, first.height
        found = Video(decoder.duration_s, *(height, width) if sideways else (width, height))
    if thorough:
        with opened(path) as decoder:
            _decode_all(decoder)
    return found


def _check_end(path: Path, container: str) -> None:
    """Raise VideoError when a file was cut short whose container declares no duration."""
    size = path.stat().st_size
    if container == "mpegts" and all(size % packet for packet in TS_PACKETS):
        raise VideoError("truncated: it ends within a packet")
    if container == "gif":
        with path.open("rb") as file:
            file.seek(-min(size, 1024), os.SEEK_END)
            if not file.read().rstrip(b"\0").endswith(GIF_TRAILER):
                raise VideoError("truncated: it has no end")


def _last(decoder: Decoder) -> int:
    """Return the pts of the last frame; raise VideoError when the file ends before it should."""
    last, end = decoder.start, decoder.start
    try:
        for packet in decoder.container.demux(decoder.stream):
            if packet.size and not packet.is_discard:
                last = max(last, pts_of(packet))
                end = max(end, pts_of(packet) + (packet.duration or 0))
    except av.FFmpegError as error:
        raise VideoError(f"corrupt: {error.strerror}") from None
    given, declared = decoder.time_s(end), decoder.duration_s
    if declared - given > max(SHORT_S, SHORT_SHARE * declared):
        raise VideoError(f"truncated: it has {given:.1f} s of {declared:.1f} s")
    return last


def _frame(decoder: Decoder, name: str, pts: int) -> Any:
    found = decoder.frame_at(pts, None)
    if isinstance(found, str):
        raise VideoError(f"its {name} frame cannot be decoded: {found}")
    return found


def _decode_all(decoder: Decoder) -> None:
    """Raise VideoError at the first damage."""
    time_s = 0.0
    try:
        for packet in decoder.container.demux(decoder.stream):
            if packet.size and decoder.is_spoilt(packet):
                raise VideoError(f"corrupt at {decoder.time_s(pts_of(packet)):.1f} s")
            for frame in packet.decode():
                time_s = decoder.time_s(pts_of(frame))
                if frame.is_corrupt:
                    raise VideoError(f"corrupt at {time_s:.1f} s")
    except av.FFmpegError:
        raise VideoError(f"corrupt after {time_s:.1f} s") from None
