"""Progress on stderr: a bar on a terminal, a plain line now and then in a log."""

import re
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

LOG_EVERY_S = 10.0
COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def track(
    items: Iterable[Item], title: str, total: int | None = None, done: int = 0
) -> Iterator[Item]:
    """Yield the items and show how many of `total` are done, how fast, and the time left.

    `done` items of the total were done before and are not in `items`.
    """
    if sys.stderr.isatty():
        yield from _bar(items, title, total, done)
        return
    begun = told = time.monotonic()
    for new, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - told >= LOG_EVERY_S:
            told = now
            say(f"{title}: {_words(new, total, done, now - begun)}")


def say(line: str) -> None:
    """Print one line for the person who watches or reads the log."""
    print(printable(line), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Return the text with escapes such as `\\x1b` for letters that would command a terminal.

    Strangers choose names of files, authors and models; a name must not move the cursor.
    """
    return COMMANDS.sub(lambda letter: ascii(letter[0])[1:-1], text)


def _bar(items: Iterable[Item], title: str, total: int | None, done: int) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total, completed=done, rate="")
        for new, item in enumerate(items, start=1):
            yield item
            progress.update(task, advance=1, rate=_rate(new, time.monotonic() - begun))


def _words(new: int, total: int | None, done: int, passed_s: float) -> str:
    """Return a line such as `120 of 500, 3.4 a second, 2 min left`; `new` took `passed_s`."""
    words = f"{done + new} of {total if total is not None else 'unknown'}, {_rate(new, passed_s)}"
    if total is None:
        return words
    left_s = passed_s / new * (total - done - new)
    left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"
    return f"{words}, {left} left"


def _rate(new: int, passed_s: float) -> str:
    """Return how many are done in a second, or in a minute if that is less than one."""
    rate = new / max(passed_s, 1e-9)
    return f"{rate:.3g} a second" if rate >= 1 else f"{60 * rate:.2g} a minute"
