"""Opening a video: its container, its one stream of pictures, and how long that says it is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.stream import Disposition

from mien.acquire.decoder import Decoder
from mien.acquire.watched import Watched
from mien.errors import VideoError

COVER = Disposition.attached_pic
CLOCK = re.compile(r"(\d+):(\d+):(\d+(?:\.\d*)?)")  # 00:01:02.345000000


@contextmanager
def opened(video: Path | BinaryIO) -> Iterator[Decoder]:
    """Give a decoder of the file's video; raise VideoError when there is none in it."""
    file = None if isinstance(video, Path) else Watched(video)
    try:
        container = av.open(f"file:{video}" if file is None else file)
    except av.FFmpegError as error:
        if file is not None and file.failure:
            raise file.failure from None
        raise VideoError(f"not a video, or cut short: {error.strerror}") from None
    with container:
        if container.format.name == "image2" or container.format.name.endswith("_pipe"):
            raise VideoError("not a video")
        streams = [s for s in container.streams.video if not s.disposition & COVER]
        if not streams:
            raise VideoError("audio only" if container.streams.audio else "no picture in it")
        yield Decoder(container, streams[0], _duration_s(container, streams[0]), file)


def _duration_s(container: Any, stream: Any) -> float:
    """Return how long the file says that its video is, 0.0 where it does not say."""
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    if tag := CLOCK.fullmatch(stream.metadata.get("DURATION", "")):  # Matroska and WebM
        hours, minutes, seconds = tag.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return float((container.duration or 0) / av.time_base)
