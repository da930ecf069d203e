"""Time limits of a server's connections: a silent or slow client does not keep its place."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_WITHIN_S = 10.0  # from the connection, or the last answer, to the end of the headers
ANSWER_WITHIN_S = 60.0  # from there to the end of the answer: a scene, over a slow network
PLACES = 240  # connections; uvicorn refuses requests from 256 on


class TimedConnection(H11Protocol):
    """A connection that ends when a request or the reading of an answer takes too long.

    When all places are taken, the connection that has waited longest for a request is ended, so
    that many silent clients keep nobody out.
    """

    _timer: asyncio.TimerHandle | None = None
    _since = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether no request is under way."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._allow(REQUEST_WITHIN_S)
        others = (each for each in self.connections if isinstance(each, TimedConnection))
        waiting = [each for each in others if each.is_waiting and each is not self]
        if len(self.connections) > PLACES and waiting:
            min(waiting, key=lambda each: each._since).end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:  # a request began
            self._allow(ANSWER_WITHIN_S)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop()  # servers of websockets set their own limits
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._allow(REQUEST_WITHIN_S)
        super().on_response_complete()

    def end(self) -> None:
        """End the connection at once, even if an answer is unsent."""
        self.connections.discard(self)  # else its place is free only after the loop's next turn
        self.transport.abort()

    def _allow(self, seconds: float) -> None:
        self._stop()
        self._since = self.loop.time()
        self._timer = self.loop.call_later(seconds, self.end)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
