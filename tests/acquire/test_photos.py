"""Photos from a real server: each ends in its named state, and none is asked for in vain."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from acquire_params import acquire_params
from photo_server import photo_server

from mien.acquire.downloads import Downloads
from mien.acquire.flickr import Photo
from mien.acquire.photos import fetch_photos
from mien.images import decode

PARAMS = acquire_params(timeout_s=0.5, tries=2)
TESTS = Path(__file__).parent
ABOUT = {"title": "A walk", "author": "Ada (1@N00)", "page_url": "unknown", "licence": "CC0 1.0"}


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Wait no longer than a server asks to."""
    monkeypatch.setattr("mien.acquire.patience.backoff", lambda _: 0)


@pytest.fixture
def server():
    with photo_server() as running:
        yield running


@pytest.fixture
def downloads(tmp_path):
    return Downloads(tmp_path / "walks")


def photo(server, name):
    return Photo(name, "A walk", "Ada (1@N00)", "unknown", 9, f"{server.url}/{name}.jpg")


def fetch(server, downloads, *names, params=PARAMS):
    wanted = [photo(server, name) for name in names]
    return {outcome.item_id: outcome for outcome in fetch_photos(wanted, downloads, params)}


def files(downloads):
    return sorted(path.name for path in downloads.folder.iterdir() if "sqlite" not in path.name)


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("404", "gone", "status 404"),
        ("410", "gone", "status 410"),
        ("removed", "gone", "it leads to a placeholder, so it was removed"),
        ("403", "failed", "status 403"),
        ("500", "failed", "status 500"),
        ("busy-for-long", "failed", "status 503; the server asks to wait 3600 s"),
        ("short", "failed", "the connection failed, or ended in the middle"),
        ("dropped", "failed", "the connection failed, or ended in the middle"),
        ("stall", "failed", "not here within 0.5 s"),
        ("drip", "failed", "not here within 0.5 s"),
        ("cut", "unusable", "truncated or corrupt: "),
        ("page", "unusable", "a web page, no picture"),
        ("empty", "unusable", "empty file"),
        ("bomb", "unusable", "12000 x 12000 pixels; acquire.max_megapixels is 50"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_state_and_leaves_no_file(
    server, downloads, name, state, reason
):
    outcome = fetch(server, downloads, name)[name]
    assert (outcome.state, outcome.reason[: len(reason)]) == (state, reason)
    assert fetch(server, downloads, "fine")["fine"].state == "fetched"
    assert files(downloads) == ["fine.jpeg"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("fine", "fine.jpeg"),
        ("moved", "moved.jpeg"),
        ("short-once", "short-once.jpeg"),
        ("heic", "heic.heif"),
        ("animated", "animated.gif"),
        ("turned", "turned.jpeg"),
        ("cmyk", "cmyk.jpeg"),
    ],
)
def test_every_form_of_photo_comes_whole_and_is_shown_upright(server, downloads, name, file):
    outcome = fetch(server, downloads, name)[name]
    assert (outcome.state, outcome.file, outcome.about) == ("fetched", file, ABOUT)
    blue, green, red = decode((downloads.folder / file).read_bytes())[24, 3].astype(int)
    assert red > 180, "red is at the left"
    assert max(blue, green) < 90


def test_a_busy_server_is_asked_again_but_not_before_it_says(server, downloads):
    assert fetch(server, downloads, "busy-once")["busy-once"].state == "fetched"
    first, second = server.times("/busy-once.jpg")
    assert second - first >= 1


@pytest.mark.parametrize(("name", "times"), [("404", 1), ("410", 1), ("403", 1), ("500", 2)])
def test_what_is_gone_is_asked_for_once_and_what_fails_as_often_as_is_set(
    server, downloads, name, times
):
    fetch(server, downloads, name)
    fetch(server, downloads, name)
    assert server.counts() == {f"/{name}.jpg": times}


def test_only_what_failed_or_could_not_be_used_is_asked_for_again(server, downloads):
    names = ("fine", "404", "500", "page")
    fetch(server, downloads, *names)
    assert downloads.ask_again() == 2
    server.asked.clear()
    fetch(server, downloads, *names)
    assert server.counts() == {"/500.jpg": 2, "/page.jpg": 1}


def test_a_photo_whose_file_was_deleted_is_fetched_again(server, downloads):
    fetch(server, downloads, "fine")
    (downloads.folder / "fine.jpeg").unlink()
    assert fetch(server, downloads, "fine")["fine"].state == "fetched"
    assert files(downloads) == ["fine.jpeg"]


@pytest.mark.parametrize("at_a_time", [1, 4])
def test_no_more_are_asked_for_at_once_than_is_set(downloads, at_a_time):
    params = acquire_params(photos_at_a_time=at_a_time)
    with photo_server(delay_s=0.02) as server:
        names = [f"number-{number}" for number in range(24)]
        outcomes = fetch(server, downloads, *names, params=params)
    assert list(outcomes) == names
    assert server.most_at_once == at_a_time


def test_a_photo_is_kept_when_it_comes_not_when_its_turn_is_told(server, downloads):
    names = ["after-12", *(f"number-{number}" for number in range(12))]
    wanted = [photo(server, name) for name in names]
    told = fetch_photos(wanted, downloads, acquire_params(photos_at_a_time=4))
    assert next(told).item_id == names[0]
    assert len(downloads.outcomes()) > len(names) - 4, "but for those that came at this moment"
    assert [outcome.item_id for outcome in told] == names[1:]


def test_no_photo_is_asked_for_before_the_server_that_is_busy_says(downloads):
    names = ["busy-once", *(f"number-{number}" for number in range(30))]
    with photo_server(delay_s=0.05) as server:
        outcomes = fetch(server, downloads, *names, params=acquire_params(photos_at_a_time=8))
    assert {outcome.state for outcome in outcomes.values()} == {"fetched"}
    began = server.times("/busy-once.jpg")[0]
    early = [path for at, path in server.asked if began < at < began + 1]
    assert len(early) < 14, "but for those on their way"


def test_a_server_that_asks_to_wait_for_long_is_left_alone(server, downloads):
    names = ["busy-for-long", *(f"number-{number}" for number in range(12))]
    outcomes = fetch(server, downloads, *names, params=acquire_params(photos_at_a_time=1))
    assert {outcome.state for outcome in outcomes.values()} == {"failed"}
    assert "not asked; the server asks to wait" in outcomes["number-3"].reason
    assert server.counts() == {"/busy-for-long.jpg": 1}


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from acquire_params import acquire_params
from mien.acquire.downloads import Downloads
from mien.acquire.flickr import Photo
from mien.acquire.photos import fetch_photos
names = [f"number-{n}" for n in range(60)]
wanted = [Photo(name, "", "", "", 9, f"{sys.argv[1]}/{name}.jpg") for name in names]
for outcome in fetch_photos(wanted, Downloads(Path(sys.argv[2])), acquire_params(photos_at_a_time=4)):
    print(outcome.item_id, flush=True)
"""


def test_after_a_kill_only_what_was_on_its_way_is_asked_for_again(tmp_path):
    with photo_server(delay_s=0.02) as server:
        command = [sys.executable, "-c", KILLED, server.url, str(tmp_path / "x"), str(TESTS)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(20):
            run.stdout.readline()
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        run.stdout.close()
        time.sleep(0.1)
        done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        assert done == [f"number-{number}" for number in range(60)]
        twice = [path for path, times in server.counts().items() if times > 1]
        assert len(twice) <= 2 * 4, "those on their way, and those that came at that moment"
    left = [path.name for path in (tmp_path / "x").iterdir() if "sqlite" not in path.name]
    assert sorted(left) == sorted(f"number-{number}.jpeg" for number in range(60))
