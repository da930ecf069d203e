"""Frames of a video at regular times: each is exact and upright, or reported as lost."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, takewhile
from pathlib import Path

import cv2

from mien.images import Picture
from mien.video.container import Track, opened, pts_of
from mien.video.decoder import DAMAGED, ENDED, Decoder
from mien.video.in_order import InOrder
from mien.video.survey import refuse_endless, survey

THUMBNAIL_PX = 32
ROUNDED = 2  # frames by which a declared duration may be too long


@dataclass(frozen=True)
class Sample:
    """The first frame at or after `asked_s`; times are since the video's start."""

    asked_s: float
    time_s: float
    picture: Picture


@dataclass(frozen=True)
class Lost:
    """A time within the declared duration that has no undamaged frame."""

    asked_s: float
    reason: str


def sample_frames(video: Path, every_s: float) -> Iterator[Sample | Lost]:
    """Yield for 0, `every_s`, 2 `every_s` … the first frame at or after that time, or its loss.

    The same file gives the same pixels on every machine. No frame is damaged, as far as its codec
    can tell, and no other frame replaces a damaged one. Times during the last frame are skipped.
    Raises VideoError when the file has no video, and whatever reading the file raises.
    """
    with opened(video) as track:
        found = survey(track)
        refuse_endless(track, found)
    with opened(video) as track:
        if found.in_order:
            yield from _in_order(track, every_s)
        else:
            yield from _by_seeking(track, every_s, found.last)


def _by_seeking(track: Track, every_s: float, last: int) -> Iterator[Sample | Lost]:
    """Yield as `sample_frames` does, from a film that can be searched by time."""
    decoder, until_s = Decoder(track), _promised_s(track)
    asked = list(takewhile(lambda s: s < until_s or _pts(track, s) <= last, _times(every_s)))
    wanted = [_pts(track, s) for s in asked]
    for asked_s, pts, then in zip(asked, wanted, [*wanted[1:], None], strict=True):
        one = decoder.frame_at(pts, then)
        if not isinstance(one, str):
            yield Sample(asked_s, track.time_s(pts_of(one)), track.picture(one))
        elif one != ENDED or track.time_s(decoder.shown_until) <= asked_s:
            yield Lost(asked_s, one)


def _in_order(track: Track, every_s: float) -> Iterator[Sample | Lost]:
    """Yield as `sample_frames` does, from a film that must be read from its start."""
    reading = InOrder(track)
    asked = _times(every_s)
    asked_s = next(asked)
    for shown in reading.frames():
        while (wanted := _pts(track, asked_s) - track.start) <= shown.ticks:
            if shown.sound_from is None or wanted < shown.sound_from:
                yield Lost(asked_s, DAMAGED)
            else:
                time_s = float(shown.ticks * track.time_base)
                yield Sample(asked_s, time_s, track.picture(shown.frame))
            asked_s = next(asked)
    for late_s in takewhile(lambda s: s < _promised_s(track), chain([asked_s], asked)):
        if late_s >= reading.until_s:
            yield Lost(late_s, ENDED)


def _promised_s(track: Track) -> float:
    """Return the time until which there must be frames; containers round their durations."""
    return track.declared_s - float(ROUNDED * track.step * track.time_base)


def _times(every_s: float) -> Iterator[float]:
    return (every_s * n for n in count())


def _pts(track: Track, time_s: float) -> int:
    return track.start + math.ceil(time_s / track.time_base - 1e-6)


def differs(previous: Picture, picture: Picture) -> float:
    """Return the mean difference of two pictures, 0 to 1, as small grey thumbnails."""
    first, second = (
        cv2.resize(
            cv2.cvtColor(one, cv2.COLOR_BGR2GRAY),
            (THUMBNAIL_PX, THUMBNAIL_PX),
            interpolation=cv2.INTER_AREA,
        )
        for one in (previous, picture)
    )
    return float(cv2.absdiff(first, second).mean() / 255)
