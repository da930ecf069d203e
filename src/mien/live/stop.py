"""Stopping cleanly: the first Ctrl+C or kill lets the work under way finish."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# SIGHUP, which Windows lacks, is sent when a terminal is closed
SIGNALS = {
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None
}


class Stop:
    """Whether someone asked to stop."""

    asked = False

    def ask(self, number: int, _: FrameType | None) -> None:
        """Remember the request; the second time, stop at once."""
        if self.asked:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.asked = True


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Give a Stop; in the block, signals only set its `asked`."""
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
