"""The order of the tests, and what all workers share."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

LONGEST_FIRST = ("export", "train", "workflow", "live", "vote", "acquire", "report", "faces")
SLOW = (  # `make check` leaves them out
    "acquire/test_drawn.py",
    "acquire/test_flickr_source.py",
    "acquire/test_video_source.py",
    "evaluate/test_open_test.py",
    "export",
    "faces/test_detect.py",
    "forget",
    "live/test_flicker.py",
    "live/test_live_page.py",
    "live/test_live_server.py",
    "live/test_mistaken.py",
    "live/test_model.py",
    "live/test_no_probabilities.py",
    "live/test_predict.py",
    "live/test_small_install.py",
    "live/test_sureness.py",
    "live/test_window.py",
    "new",
    "report/test_declared.py",
    "report/test_pages_in_browser.py",
    "test_checkpoint.py",
    "test_own_code.py",
    "test_suite.py",
    "train/test_resnet.py",
    "train/test_soft_labels.py",
    "train/test_yolo.py",
    "video/test_both_readers.py",
    "video/test_sampling.py",
    "vote/test_outcome.py",
    "vote/test_second_look.py",
    "vote/test_vote_page.py",
    "vote/test_vote_server.py",
    "workflow",
)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items) -> None:
    """Mark what is slow, and say what stays together: the tests of a file, except in `workflow`.

    Those of `workflow` share what takes long; they go to whoever is free, when the files are done.
    """
    here = Path(__file__).parent
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.relative_to(here).parts[0], len(order)))
    for item in items:
        place = item.path.relative_to(here).as_posix()
        if place.startswith(SLOW):
            item.add_marker("slow")
        if not place.startswith("workflow/") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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
