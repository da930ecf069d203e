"""A viewer: the frames of one page, and their answers."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from fastapi import WebSocket, WebSocketDisconnect
from starlette.status import WS_1008_POLICY_VIOLATION

from mien.errors import ModelError, PictureError
from mien.images import decode, size_of
from mien.live.look import Face, Looker
from mien.live.metadata import Metadata
from mien.live.track import Seen, Tracks
from mien.serving import Rates

MAX_PIXELS = 4_000_000
JPEG = b"\xff\xd8\xff"
FRAMES_PER_S, FLOOD_PER_S = 60.0, 240.0  # more are dropped; more end the connection
DIGITS = 4
SILENT = 4000  # a websocket's reason to close; private ones begin here


@dataclass(frozen=True)
class Frame:
    """A picture as it came, its number from 1, and its time by the server's clock."""

    number: int
    time_s: float
    data: bytes


class Looks:
    """The looker of all viewers, used by one at a time, in the order of asking."""

    def __init__(self, looker: Looker) -> None:
        self._looker, self.about = looker, looker.about
        self._thread = ThreadPoolExecutor(1)  # a look goes on here when its viewer has left
        self.turn = asyncio.Lock()

    async def look(self, frame: Frame) -> tuple[list[Face], dict[str, float]]:
        """Return the faces of the frame, and the milliseconds of each step.

        Raises PictureError when the frame is no JPEG, damaged or too large.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, frame)

    def _look(self, frame: Frame) -> tuple[list[Face], dict[str, float]]:
        begun = time.perf_counter()
        if not frame.data.startswith(JPEG):
            raise PictureError("not a JPEG")
        width, height = size_of(frame.data)
        if width * height > MAX_PIXELS:
            raise PictureError(f"{width} x {height} pixels; {MAX_PIXELS} at most")
        picture = decode(frame.data)
        decoded_s = time.perf_counter() - begun
        (faces,) = self._looker.look([picture])
        steps = {"decode": decoded_s, **self._looker.times_s}
        return faces, {step: round(1000 * passed_s, 1) for step, passed_s in steps.items()}


class Viewer:
    """Keeps only the newest frame, so that the delay of a slow model does not grow."""

    def __init__(self, socket: WebSocket, looks: Looks) -> None:
        self._socket, self._looks = socket, looks
        self._tracks = Tracks(looks.about.live, looks.about.threshold)
        self._newest: Frame | None = None
        self._came = asyncio.Event()
        self._dropped = 0
        self._looked_at_s = time.monotonic()

    @property
    def silent_s(self) -> float:
        """Seconds since the page last sent a usable picture."""
        return time.monotonic() - self._looked_at_s

    async def leave(self) -> None:
        """Close the connection for another page; this one reconnects with its next picture."""
        with suppress(WebSocketDisconnect, RuntimeError):  # the page has left already
            await self._socket.close(SILENT, "another page has the place: no picture came for long")

    async def watch(self) -> None:
        """Answer until the page leaves."""
        tasks = {asyncio.create_task(self._read()), asyncio.create_task(self._answer())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            task.result()

    async def _read(self) -> None:
        usual, flood = Rates(FRAMES_PER_S, FRAMES_PER_S), Rates(FLOOD_PER_S, 2 * FLOOD_PER_S)
        number = 0
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            number += 1
            if flood.spend(""):
                await self._socket.close(WS_1008_POLICY_VIOLATION, "too many frames")
                return
            if usual.spend(""):
                self._dropped += 1
                continue
            self._dropped += self._newest is not None
            self._newest = Frame(number, time.monotonic(), message.get("bytes") or b"")
            self._came.set()

    async def _answer(self) -> None:
        while True:
            await self._came.wait()
            async with self._looks.turn:  # only then the frame is taken, the newest by now
                frame, self._newest = self._newest, None
                self._came.clear()
                assert frame is not None
                answer = await self._seen_in(frame)
            try:
                await self._socket.send_json(answer)
            except (WebSocketDisconnect, RuntimeError):  # RuntimeError: closed by this server
                return

    async def _seen_in(self, frame: Frame) -> dict[str, object]:
        base = {"frame": frame.number, "dropped": self._dropped}
        try:
            faces, steps_ms = await self._looks.look(frame)
        except PictureError as error:
            return {**base, "error": f"the frame is no picture to look at: {error}"}
        except ModelError as error:
            return {**base, "error": str(error)}
        self._looked_at_s = time.monotonic()
        seen = self._tracks.follow(frame.time_s, faces)
        whole_ms = round(1000 * (time.monotonic() - frame.time_s), 1)
        times = {**steps_ms, "whole": whole_ms}
        return {**base, "faces": told(seen, self._looks.about), "ms": times}


def told(seen: Sequence[Seen], about: Metadata) -> list[dict[str, object]]:
    """Return the faces as they are sent to the page."""
    return [
        {
            "box": list(one.face.box),
            "track": one.track,
            "expression": about.classes[one.shown.place] if one.shown.is_sure else None,
            "guess": about.classes[one.shown.place],
            "probabilities": [round(float(p), DIGITS) for p in one.smoothed],
        }
        for one in seen
    ]
