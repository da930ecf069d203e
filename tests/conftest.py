"""The order of the tests, and what all workers share."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

LONGEST_FIRST = ("workflow", "train", "report", "faces", "labels", "live")


def pytest_collection_modifyitems(items) -> None:
    """Start with what takes longest, so that all workers end at about the same time."""
    here = Path(__file__).parent
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(here).parts[0], len(order)))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return what makes a file in a folder that all workers share, unless it is there."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)

    def make(name: str, write: Callable[[Path], None]) -> Path:
        path = folder / name
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                write(path.with_suffix(".making" + path.suffix))
                path.with_suffix(".making" + path.suffix).rename(path)
        return path

    return make
