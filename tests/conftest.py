"""The order of the tests."""

from pathlib import Path

LONGEST_FIRST = ("workflow", "train", "report", "faces", "labels", "live")


def pytest_collection_modifyitems(items) -> None:
    """Start with what takes longest, so that all workers end at about the same time."""
    here = Path(__file__).parent
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(here).parts[0], len(order)))
