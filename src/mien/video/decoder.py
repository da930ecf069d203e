"""The undamaged frames of a video at given times.

FFmpeg returns damaged pictures without an error: pictures with missing slices, and pictures
predicted from them. Here a frame counts only if everything decoded since the last key frame was
whole. Holes of zeros, as in partial downloads, are found before decoding. H.264 finds most flipped
bits, HEVC, VP8, VP9 and AV1 find few. If the structure of a Matroska file or a transport stream is
damaged, frames may be missing without a trace.
"""

from collections import deque
from typing import Any

import av

from mien.video.container import Track, pts_of
from mien.video.in_order import tagged

DAMAGED, ENDED = "corrupt data", "the file ends before"
HOUR_S = 3600  # earlier than any start
FAR_S = 5.0  # without an index, a key frame is expected within this time
REORDERED = 64  # more packets than any decoder holds back
HIDDEN = {"vp8"}  # codecs with pictures that are never shown


class Decoder:
    """Decodes forwards from the last seek; times are pts, in units of the stream."""

    def __init__(self, track: Track) -> None:
        self._track = track
        self._begin(at_start=True)

    def frame_at(self, wanted: int, then: int | None) -> Any:
        """Return the first frame with a pts of `wanted` or more, else the reason as a text.

        Call with ascending times. `then` is the next time to be asked for: it decides whether
        reading on is cheaper than a seek.
        """
        if not self._drained or self._at_end or self._holds(wanted):
            return self._read_to(wanted, then)
        back, second = 0, round(1 / self._track.time_base)
        while True:
            try:
                self._seek(wanted - back)
            except av.FFmpegError:
                return DAMAGED
            if (found := self._read_to(wanted, then)) is not None:
                return found
            back = 4 * back or second

    def _seek(self, pts: int) -> None:
        start, second = self._track.start, round(1 / self._track.time_base)
        # without an index, a seek may go past the packet of the time itself
        first = start - HOUR_S * second if self._track.may_restart else start
        self._track.container.seek(pts if pts > start else first, stream=self._track.stream)
        self._begin(at_start=pts <= start)

    def _begin(self, at_start: bool) -> None:
        """Forget everything that was read before the seek."""
        packets = self._track.container.demux(self._track.stream)
        self._packets = (packet for packet in packets if packet.size)
        self._frames: deque[tuple[int, Any, bool]] = deque()  # pts, frame, whether it is whole
        self._place: dict[int, int] = {}  # by pts, in decoding order
        self._hidden: set[int] = set()  # places of packets that an edit list hides
        self._keys: set[int] = set()  # places of packets that need no other
        self._whole: set[int] = set()  # pts of the undamaged frames
        self._at_start, self._at_end, self._drained = at_start, False, False
        self._first: int | None = None  # pts of the key frame that reading began with
        self._wanted = start = self._track.start
        self._sent, self._dts, self._delay = 0, start, 0
        self._key_at = self._damaged_at = -1  # places of the last key frame, the last damage
        self.shown_until = start  # the end of the last frame read

    def _read_to(self, wanted: int, then: int | None) -> Any:
        """Return as `frame_at` does, but None when reading began too late."""
        self._forget_before(wanted)
        while not self._frames and self._send():
            pass
        if not self._at_start and (self._first is None or self._first > wanted):
            return None
        if then is None or self._seek_pays(then):
            self._drain()
        while not self._settled() and self._send():
            pass
        return self._verdict()

    def _verdict(self) -> Any:
        if not self._frames:
            missing = any(pts >= self._wanted for pts in self._place)
            return DAMAGED if missing or not self._at_end else ENDED
        pts, frame, believed = self._frames[0]
        return frame if believed and self._needed(pts) <= self._whole else DAMAGED

    def _needed(self, found: int) -> set[int]:
        """Return the pts of all frames that must be whole for `found` to be the right frame."""
        place = self._place.get(found, self._sent)
        if self._track.codec.name in HIDDEN:
            return set()
        return {p for p, n in self._place.items() if p >= self._wanted and (n < place or p < found)}

    def _settled(self) -> bool:
        """Return whether reading on would change nothing about the first frame held."""
        if not self._frames:
            return False
        needed = self._needed(self._frames[0][0])
        return needed <= self._whole or max(needed) <= self._frames[-1][0]

    def _holds(self, wanted: int) -> bool:
        return bool(self._frames) and self._frames[0][0] >= wanted

    def _forget_before(self, wanted: int) -> None:
        self._wanted = wanted
        while self._frames and self._frames[0][0] < wanted:
            self._frames.popleft()
        if len(self._place) > 4 * REORDERED:
            late = self._sent - REORDERED
            self._place = {p: n for p, n in self._place.items() if p >= wanted or n > late}
            self._whole = {p for p in self._whole if p >= wanted}

    def _seek_pays(self, then: int) -> bool:
        """Return whether a key frame is known or expected before `then`."""
        if self._holds(then):
            return False
        index = self._track.stream.index_entries
        nearest = index.search_timestamp(then - self._delay)
        if nearest >= 0 and index[nearest].timestamp > self._dts:
            return True
        return nearest == len(index) - 1 and (then - self._dts) * self._track.time_base > FAR_S

    def _send(self) -> bool:
        """Decode one more packet; return False when there is none."""
        if self._drained:
            return False
        try:
            packet = next(self._packets, None)
        except av.FFmpegError:
            self._damaged_at = self._sent
            self._drain()
            return False
        if packet is None:
            self._drain()
            self._at_end = True
            return False
        pts = pts_of(packet)
        if self._first is None and (packet.is_keyframe or self._at_start):
            self._first = pts
        # packets before the key frame, or shown before it, need pictures that were not read
        if self._first is not None and (pts >= self._first or self._at_start):
            spoilt = self._track.is_spoilt(packet)
            self._note(packet, pts, spoilt)
            # before the wanted frame, pictures that no other needs are skipped
            self._track.codec.skip_frame = "NONREF" if pts < self._wanted else "DEFAULT"
            if not spoilt:
                self._take(packet)
        return True

    def _note(self, packet: Any, pts: int, spoilt: bool) -> None:
        self._sent += 1
        self._dts = pts if packet.dts is None else packet.dts
        if self._track.is_alone(packet):
            self._keys.add(self._sent)
        if packet.is_keyframe:
            self._delay = pts - self._dts  # an index may go by dts
        if packet.is_discard:
            self._hidden.add(self._sent)
        else:
            self._place[pts] = self._sent
            self.shown_until = max(self.shown_until, pts + (packet.duration or 0))
        if spoilt:
            self._damaged_at = self._sent

    def _take(self, packet: Any) -> None:
        """Queue the frames of the packet, or with None those that the decoder holds back."""
        try:
            frames = self._track.codec.decode(packet and tagged(packet, self._sent))
        except av.FFmpegError:
            self._damaged_at = self._sent
            return
        for frame in frames:
            pts = pts_of(frame)
            place = self._place.get(pts, self._sent) if frame.opaque is None else frame.opaque
            if frame.is_corrupt:
                self._damaged_at = max(self._damaged_at, place)
            elif frame.key_frame or place in self._keys:
                self._key_at = place
            believed = self._damaged_at < self._key_at
            if place in self._hidden:
                continue
            if believed:
                self._whole.add(pts)
            if pts >= self._wanted:
                self._frames.append((pts, frame, believed))

    def _drain(self) -> None:
        """Queue the frames that the decoder holds back; after that, only a seek helps."""
        if not self._drained:
            self._drained = True
            self._take(None)
