"""Frames of a video at even times: exact, upright, or said to be missing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from mien.acquire.container import opened
from mien.acquire.decoder import ENDED, pts_of
from mien.images import Picture

THUMBNAIL_PX = 32


@dataclass(frozen=True)
class Frame:
    """The first frame that is not earlier than was asked for; times since the video's start."""

    asked_s: float
    time_s: float
    picture: Picture


@dataclass(frozen=True)
class Lost:
    """A time that the file declares to have and cannot show."""

    asked_s: float
    reason: str


def sample_frames(video: Path | BinaryIO, every_s: float) -> Iterator[Frame | Lost]:
    """Yield for 0, `every_s`, 2 `every_s` … the first frame that is not earlier, or its loss.

    The same file gives the same pixels on every machine. No frame is damaged, as far as its codec
    can tell, and none stands in for one that is. Times within the last frame's showing have no
    frame of their own and are passed over. Raises VideoError when the file has no video, and
    whatever reading the file raises.
    """
    with opened(video) as decoder:
        duration_s = max(decoder.duration_s, every_s / 2)  # where none is declared: the first frame
        asked = list(takewhile(lambda s: s < duration_s, (every_s * n for n in count())))
        wanted = [decoder.start + math.ceil(s / decoder.time_base - 1e-6) for s in asked]
        for asked_s, pts, then in zip(asked, wanted, [*wanted[1:], None], strict=True):
            found = decoder.frame_at(pts, then)
            if not isinstance(found, str):
                yield Frame(asked_s, decoder.time_s(pts_of(found)), upright(found))
            elif found != ENDED or decoder.time_s(decoder.shown_until) <= asked_s:
                yield Lost(asked_s, found)


def upright(frame: Any) -> Picture:
    """Return a decoded frame as a picture, turned as its display matrix says."""
    picture = frame.to_ndarray(format="bgr24")
    return np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90)))


def differs(previous: Picture, picture: Picture) -> float:
    """Return how much two pictures differ, 0 to 1: the mean over small grey thumbnails of them."""
    first, second = (
        cv2.resize(
            cv2.cvtColor(one, cv2.COLOR_BGR2GRAY),
            (THUMBNAIL_PX, THUMBNAIL_PX),
            interpolation=cv2.INTER_AREA,
        )
        for one in (previous, picture)
    )
    return float(cv2.absdiff(first, second).mean() / 255)
