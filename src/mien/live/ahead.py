"""Reading ahead in a thread, and batches."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

WAKE_S = 0.1


class _End:
    """What the thread puts after the last item: the error that ended it, if any."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


@contextmanager
def ahead(items: Iterable[Item], most: int) -> Iterator[Iterator[Item]]:
    """Give the items, which a thread makes, at most `most` of them ahead.

    An error of the thread is raised by the iterator. The thread ends with the block.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(most)
    closed = threading.Event()

    def give(one: Item | _End) -> None:
        while not closed.is_set():
            with suppress(queue.Full):
                ready.put(one, timeout=WAKE_S)
                return

    def make() -> None:
        try:
            for item in items:
                give(item)
                if closed.is_set():
                    return
            give(_End(None))
        except BaseException as error:
            give(_End(error))

    def taken() -> Iterator[Item]:
        while not isinstance(one := ready.get(), _End):
            yield one
        if one.error is not None:
            raise one.error

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        closed.set()
        thread.join()


def together(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `most`."""
    rest = iter(items)
    while batch := list(islice(rest, most)):
        yield batch
