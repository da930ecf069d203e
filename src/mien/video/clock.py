"""The time at which each frame of a video is shown, even if the file's times are damaged."""

from heapq import heapify, heappop, heappush
from typing import Any

from mien.video.container import Track, pts_of

FEW = 3  # frames, within which times may be out of order or far apart
JUMP_S = 1  # a time further back is of another clock
LEAP_S = 10  # so is a time further on, in containers whose times may jump; as in FFmpeg
DAY_S = 86_400  # a time further on is damage, in any container


def begins_anew(track: Track, ticks: int, last: int, is_key: bool) -> bool:
    """Return whether a time can only be of another clock, as where two recordings were joined."""
    back_s = (last - ticks) * track.time_base
    few_s = float(FEW * track.step * track.time_base)
    near_s = min(JUMP_S, few_s) if is_key else JUMP_S
    far_s = max(LEAP_S, few_s) if is_key and track.may_restart else DAY_S
    return back_s > near_s or -back_s > far_s


class Clock:
    """Tells the time of each frame, in the order in which frames are shown.

    Times are in units of the time base since the start of the video, and strictly increase. A frame
    without a time follows the last frame by the usual duration; a frame with a slightly earlier
    time follows it at once. Where times begin anew, all later times are shifted.
    """

    def __init__(self, track: Track) -> None:
        self._track = track
        self._start = None if track.untimed else track.start
        self._shift, self._last = 0, -track.step
        self._due: list[int] = []  # times of AVI, which are in the order of decoding
        self.mended = 0  # frames whose times were missing or went back

    def sent(self, packet: Any) -> None:
        """Note a packet that goes to the decoder."""
        if self._track.untimed and _is_timed(packet):
            heappush(self._due, pts_of(packet))

    def failed(self, packet: Any) -> None:
        """Note that a packet gives no frame."""
        if _is_timed(packet) and pts_of(packet) in self._due:
            self._due.remove(pts_of(packet))
            heapify(self._due)

    def tell(self, frame: Any) -> int:
        """Return the time of the next frame; a frame before 0 is not shown."""
        last, step = self._last, self._track.step
        pts = self._pts(frame)
        if pts is None:
            self.mended += 1
            self._last = last + step
            return self._last
        if self._start is None:
            self._start = pts
        ticks = pts - self._start + self._shift
        if last < 0 and ticks < 0:
            return ticks
        if begins_anew(self._track, ticks, last, frame.key_frame):
            self.mended += 1
            self._shift += last + step - ticks
            ticks = last + step
        elif ticks <= last:
            self.mended += 1
            ticks = last + 1  # damage: later frames keep their own times
        self._last = ticks
        return ticks

    def _pts(self, frame: Any) -> int | None:
        if self._track.untimed:
            if frame.key_frame and frame.pts is not None:  # frames that were due before are lost
                self._due = [due for due in self._due if due >= frame.pts]
                heapify(self._due)
            return heappop(self._due) if self._due else None
        return pts_of(frame) if _is_timed(frame) else None


def _is_timed(one: Any) -> bool:
    return one.pts is not None or one.dts is not None
