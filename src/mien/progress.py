"""Progress on stderr: a bar on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

LOG_EVERY_S = 10.0


def track(items: Iterable[Item], title: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, showing how many of `total` are done."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track as bar

        console = Console(stderr=True)
        yield from bar(items, description=title, total=total, console=console, transient=True)
        return
    told = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - told >= LOG_EVERY_S:
            told = time.monotonic()
            say(f"{title}: {done} of {total if total is not None else 'unknown'}")


def say(line: str) -> None:
    """Print one line for the person who watches or reads the log."""
    print(line, file=sys.stderr, flush=True)
