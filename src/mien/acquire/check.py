"""Checking that a file is a whole video, whatever its downloader reported."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.errors import VideoError
from mien.video.container import Track, opened
from mien.video.decoder import DAMAGED, Decoder
from mien.video.in_order import InOrder
from mien.video.survey import Survey, refuse_endless, survey

SHORT_S, SHORT_SHARE = 1.0, 0.02  # containers round and pad durations by less than this
TS_PACKETS = (188, 192, 204)  # bytes: plain, with a time before, with parity after
GIF_TRAILER = b";"
PAGES = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class Video:
    """A sound video; width and height are of its upright pictures."""

    duration_s: float
    width: int
    height: int


def check_video(path: Path, thorough: bool = False) -> Video:
    """Return the video's length and size; raise VideoError with the reason when it is not sound.

    Reads all packets, but decodes only the first and last frame; `thorough` decodes every frame,
    for a download that was resumed.
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
    """Raise VideoError when a file of a container without duration was cut short."""
    size = path.stat().st_size
    if container == "mpegts" and all(size % packet for packet in TS_PACKETS):
        raise VideoError("truncated: it ends within a packet")
    if container == "gif":
        with path.open("rb") as file:
            file.seek(-min(size, 1024), os.SEEK_END)
            if not file.read().rstrip(b"\0").endswith(GIF_TRAILER):
                raise VideoError("truncated: it has no end")


def _refuse_short(track: Track, found: Survey) -> None:
    """Raise VideoError when the file is shorter than it declares."""
    if found.fault:
        raise VideoError(f"corrupt: {found.fault}")
    given, declared = found.until_s, track.whole_s
    if declared - given > max(SHORT_S, SHORT_SHARE * declared):
        raise VideoError(f"truncated: it has {given:.1f} s of {declared:.1f} s")


def _ends(track: Track, last: int) -> tuple[Any, float]:
    """Return the first frame, and 0; raise VideoError when the first or last frame is damaged."""
    decoder = Decoder(track)
    ends = []
    for name, pts in (("first", track.start), ("last", last)):
        found = decoder.frame_at(pts, None)
        if isinstance(found, str):
            raise VideoError(f"its {name} frame cannot be decoded: {found}")
        ends.append(found)
    return ends[0], 0.0


def _ends_in_order(track: Track) -> tuple[Any, float]:
    """Return the first frame and the length of a film that must be read from its start."""
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
