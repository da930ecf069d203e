"""Whether a file is the video that it says it is: a downloader's success proves little."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import VideoError
from mien.video.container import Track, opened
from mien.video.decoder import DAMAGED, Decoder
from mien.video.in_order import InOrder
from mien.video.survey import Survey, refuse_endless, survey

SHORT_S, SHORT_SHARE = 1.0, 0.02  # containers round and pad their durations by less
TS_PACKETS = (188, 192, 204)  # bytes, with a time before each or parity after it
GIF_TRAILER = b";"
PAGES = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Video:
    """What is known of a sound video; width and height are those of its upright pictures."""

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
    with opened(path) as track:
        _check_end(path, track.container.format.name)
        found = survey(track)
        refuse_endless(track, found)
        _refuse_short(track, found)
    with opened(path) as track:
        first, read_s = _ends_in_order(track) if found.in_order else _ends(track, found.last)
        duration_s = read_s or track.declared_s or track.time_s(found.end)
        rows, columns = track.picture(first).shape[:2]
    if thorough:
        with opened(path) as track:
            _refuse_damage(track)
    return Video(duration_s, columns, rows)


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


def _refuse_short(track: Track, found: Survey) -> None:
    """Raise VideoError when the file ends before it should."""
    if found.fault:
        raise VideoError(f"corrupt: {found.fault}")
    given, declared = found.until_s, track.whole_s
    if declared - given > max(SHORT_S, SHORT_SHARE * declared):
        raise VideoError(f"truncated: it has {given:.1f} s of {declared:.1f} s")


def _ends(track: Track, last: int) -> tuple[Any, float]:
    """Return the first frame, and 0; raise VideoError when that or the last one is damaged."""
    decoder = Decoder(track)
    ends = []
    for name, pts in (("first", track.start), ("last", last)):
        found = decoder.frame_at(pts, None)
        if isinstance(found, str):
            raise VideoError(f"its {name} frame cannot be decoded: {found}")
        ends.append(found)
    return ends[0], 0.0


def _ends_in_order(track: Track) -> tuple[Any, float]:
    """Return as `_ends` does, and the length, of a film that must be read from its start."""
    first, shown, reading = None, None, InOrder(track)
    for shown in reading.frames():
        if first is None and shown.sound_from is None:
            raise VideoError(f"its first frame cannot be decoded: {DAMAGED}")
        first = first or shown.frame
    if shown is None or shown.sound_from is None:
        raise VideoError(f"its last frame cannot be decoded: {DAMAGED}")
    return first, reading.until_s


def _refuse_damage(track: Track) -> None:
    """Raise VideoError at the first damage."""
    time_s, reading = 0.0, InOrder(track)
    for shown in reading.frames():
        time_s = float(shown.ticks * track.time_base)
        if shown.sound_from is None or reading.damaged:
            raise VideoError(f"corrupt at {time_s:.1f} s")
    if reading.damaged:
        raise VideoError(f"corrupt after {time_s:.1f} s")
