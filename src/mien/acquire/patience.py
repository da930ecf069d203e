"""Asking a server again, with growing pauses, and never before its Retry-After."""

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from mien.acquire.downloads import State
from mien.params import AcquireParams

Answer = TypeVar("Answer")

BUSY = (408, 425, 429)  # and 5xx
GONE = (404, 410)
LONGEST_WAIT_S = 300.0
backoff = wait_exponential_jitter(initial=1, max=60, jitter=1)


class FetchError(Exception):
    """An item did not come; `state` and `reason` are its outcome.

    `again` says that a retry may help, `after_s` how long the server wants to be left alone.
    """

    def __init__(
        self, state: State, reason: str, *, again: bool = False, after_s: float = 0
    ) -> None:
        super().__init__(reason)
        self.state, self.reason, self.after_s = state, reason, after_s
        self.again = again and after_s <= LONGEST_WAIT_S
        if again and not self.again:
            self.reason = f"{reason}; the server asks to wait {after_s:.0f} s"

    @classmethod
    def by_status(cls, status: int, retry_after: str | None = None) -> "FetchError":
        """Return what an HTTP status other than success means."""
        if status in GONE:
            return cls("gone", f"status {status}")
        if status in BUSY or status >= 500:
            after_s = seconds_until(retry_after)
            return cls("failed", f"status {status}", again=True, after_s=after_s)
        return cls("failed", f"status {status}")


class Rests:
    """The times until which servers want no requests, from any thread."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}

    def ask(self, url: str, ask: Callable[[], Answer]) -> Answer:
        """Wait until the server of the URL may be asked; return what `ask` returns.

        Raises FetchError at once when the wait is longer than `LONGEST_WAIT_S`.
        """
        server = urlsplit(url).netloc
        while (rest_s := self._until_s.get(server, 0.0) - time.monotonic()) > 0:
            if rest_s > LONGEST_WAIT_S:
                raise FetchError("failed", "not asked", again=True, after_s=rest_s)
            time.sleep(rest_s)
        try:
            return ask()
        except FetchError as error:
            until_s = time.monotonic() + error.after_s
            self._until_s[server] = max(until_s, self._until_s.get(server, 0.0))
            raise


def patiently(params: AcquireParams, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns; retry up to `acquire.tries` times while FetchError allows it."""
    retrying = Retrying(
        stop=stop_after_attempt(params.tries),
        wait=_wait_s,
        retry=retry_if_exception(lambda error: isinstance(error, FetchError) and error.again),
        reraise=True,
    )
    return retrying(ask)


def seconds_until(retry_after: str | None) -> float:
    """Return the seconds of a Retry-After header, a number or a date; 0 for anything else."""
    if not retry_after:
        return 0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
        if date.tzinfo is None:  # as `-0000` is read
            date = date.replace(tzinfo=UTC)
        return max(0.0, date.timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0


def _wait_s(state: RetryCallState) -> float:
    """Return the pause before the next try: the growing one, or the server's if longer."""
    error = state.outcome.exception() if state.outcome else None
    after_s = error.after_s if isinstance(error, FetchError) else 0.0
    return max(backoff(state), after_s)
