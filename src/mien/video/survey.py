"""Reading all packets of a video without decoding any."""

from dataclasses import dataclass

import av

from mien.errors import VideoError
from mien.video.clock import DAY_S, begins_anew
from mien.video.container import Track, pts_of

LONGEST_DAYS = 30  # a longer film is damaged, and sampling it would never end


@dataclass(frozen=True)
class Survey:
    """Where a video really ends, and how it must be read."""

    last: int  # pts of the last frame, as if times never began anew
    end: int  # the end of the last frame
    until_s: float  # the end of the longest stream
    in_order: bool  # times begin anew or are missing: the film must be read from its start
    fault: str | None  # the error that ended the reading early


def survey(track: Track) -> Survey:
    """Return the survey of a video; reads the file to its end."""
    last = end = track.start
    until_s = 0.0
    latest: int | None = None  # in the order of decoding
    shift, restarts, fault = 0, False, None
    try:
        for packet in track.container.demux(track.lasting):
            if not packet.size:
                continue
            if packet.stream is not track.stream:
                until_s = max(until_s, track.end_s(packet))
                continue
            if packet.dts is not None:
                place = packet.dts + shift
                if latest is not None and begins_anew(track, place, latest, packet.is_keyframe):
                    restarts = True
                    shift += latest + track.step - place
                    place = latest + track.step
                latest = place if latest is None else max(place, latest)
            if not packet.is_discard and (packet.pts is not None or packet.dts is not None):
                pts = pts_of(packet) + shift
                restarts |= packet.is_keyframe and begins_anew(track, pts, last, True)
                last = max(last, pts)
                end = max(end, pts + (packet.duration or 0))
    except av.FFmpegError as error:
        fault = str(error.strerror)
    until_s = max(until_s, track.time_s(max(last, end)))
    return Survey(last, end, until_s, restarts or track.untimed, fault)


def refuse_endless(track: Track, found: Survey) -> None:
    """Raise VideoError when the declared or real duration is longer than any film."""
    days = max(track.whole_s, found.until_s) / DAY_S
    if days > LONGEST_DAYS:
        raise VideoError(f"corrupt: by its times it lasts {days:.0f} days")
