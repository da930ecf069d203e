"""Reading ahead in a thread, and batches."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")

END: Any = object()  # after the last item


@contextmanager
def ahead(items: Iterable[Item], most: int) -> Iterator[Iterator[Item]]:
    """Give the items, which a thread makes, at most `most` of them ahead of the one being made.

    An error of the thread is raised by the iterator. The thread ends with the block.
    """
    rest = iter(items)
    thread = ThreadPoolExecutor(1)
    coming = deque(thread.submit(next, rest, END) for _ in range(most + 1))

    def taken() -> Iterator[Item]:
        while (one := coming.popleft().result()) is not END:
            coming.append(thread.submit(next, rest, END))
            yield one

    try:
        yield taken()
    finally:
        thread.shutdown(cancel_futures=True)


def together(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `most`."""
    rest = iter(items)
    while batch := list(islice(rest, most)):
        yield batch
