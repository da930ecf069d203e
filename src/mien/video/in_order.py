"""Reading a video once from start to end: every frame, its time, and whether it is damaged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av

from mien.video.clock import Clock
from mien.video.container import Track

HOPELESS = 1000  # errors in a row


@dataclass(frozen=True)
class Shown:
    """A frame; `ticks` is its time since the start, in units of the time base.

    The frame is the right one for every time from `sound_from` to `ticks`; a frame in between may
    be lost before that. None: the frame itself is damaged.
    """

    ticks: int
    frame: Any
    sound_from: int | None


class InOrder:
    """Reads every frame that can be decoded, damaged or not."""

    def __init__(self, track: Track) -> None:
        self._track = track
        self._clock = Clock(track)
        self._hidden: set[int] = set()  # places of packets whose frames are not shown
        self._keys: set[int] = set()  # places of packets that need no other
        self._place = 0
        self._key_at = self._damaged_at = -1  # places of the last key frame, the last damage
        self._sound_from: int | None = 0  # None after damage
        self.damaged = 0
        self.until_s = 0.0  # the latest end of all that was read of the `lasting` streams

    @property
    def mended(self) -> int:
        """How many frames had a time that was missing or went back."""
        return self._clock.mended

    def frames(self) -> Iterator[Shown]:
        """Yield every frame that is shown; stop after `HOPELESS` errors in a row."""
        for packet in self._packets():
            if packet is not None and packet.stream is not self._track.stream:
                self.until_s = max(self.until_s, self._track.end_s(packet))
                continue
            for frame in self._decoded(packet):
                yield from self._shown(frame)

    def _packets(self) -> Iterator[Any]:
        """Yield the packets of the streams, then None."""
        packets, in_a_row = self._track.container.demux(self._track.lasting), 0
        while in_a_row < HOPELESS:
            try:
                for packet in packets:
                    if packet.size:
                        in_a_row = 0
                        yield packet
                break
            except av.FFmpegError:
                self._damage(in_a_row == 0)
                in_a_row += 1
                packets = self._track.container.demux(self._track.lasting)
        yield None

    def _decoded(self, packet: Any) -> list[Any]:
        """Return the frames of the packet, or with None those that the decoder holds back."""
        if packet is None:
            return list(self._track.codec.decode(None))
        self._place += 1
        if self._track.is_alone(packet):
            self._keys.add(self._place)
        if packet.is_discard:
            self._hidden.add(self._place)
        else:
            self._clock.sent(packet)
        try:
            frames = list(self._track.codec.decode(tagged(packet, self._place)))
        except av.FFmpegError:
            self._clock.failed(packet)
            self._damage()
            return []
        if self._track.is_spoilt(packet):
            self._damage(0)
        return frames

    def _shown(self, frame: Any) -> Iterator[Shown]:
        place = self._place if frame.opaque is None else frame.opaque
        if frame.is_corrupt:
            self._damage(place not in self._hidden, place)
        elif frame.key_frame or place in self._keys:
            self._key_at = place
        sound = self._damaged_at < self._key_at
        if frame.pts is None and frame.dts is None:  # after damage its time is unknown
            sound &= self._damaged_at < 0
        if place in self._hidden:
            return
        ticks = self._clock.tell(frame)
        if ticks < 0:
            return
        usual = ticks - self._track.step + 1
        since = usual if self._sound_from is None else self._sound_from
        self._sound_from = ticks + 1 if sound else None
        end = ticks + (frame.duration or 0)
        self.until_s = max(self.until_s, float(end * self._track.time_base))
        yield Shown(ticks, frame, since if sound else None)

    def _damage(self, frames: int = 1, place: int | None = None) -> None:
        self.damaged += frames
        self._damaged_at = max(self._damaged_at, self._place if place is None else place)
        self._sound_from = None


def tagged(packet: Any, place: int) -> Any:
    """Return the packet with a number, which its frame gets, and without its mark as hidden.

    Frames that an edit list hides are decoded too, since others may need them.
    """
    if packet.is_discard:
        hidden, packet = packet, av.Packet(bytes(packet))
        packet.pts, packet.dts, packet.time_base = hidden.pts, hidden.dts, hidden.time_base
        packet.is_keyframe = hidden.is_keyframe
        for extra in hidden.iter_sidedata():
            packet.set_sidedata(extra)
    packet.opaque = place
    return packet
