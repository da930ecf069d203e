"""The window: what it shows, and what its keys do."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from models import CLASSES
from streams import camera

from mien.errors import SourceError
from mien.images import decode
from mien.live.bars import PAPER, TROUGH, bars, line
from mien.live.camera import open_camera
from mien.live.look import Face
from mien.live.options import open_looker
from mien.live.screen import CAUTION, LETTERS_PX, PANEL_PX, Minute, plot, screen
from mien.live.smooth import Shown
from mien.live.stop import Stop
from mien.live.track import Seen
from mien.live.window import show_window, watch
from mien.video.film import open_film

pytestmark = pytest.mark.xdist_group("live")


@pytest.fixture(scope="module")
def pictures(film):
    with open_film(film.path) as opened:
        return [frame.picture for frame in opened.frames()][:24]


def seen(track=1, box=(100, 100, 80, 80), happy=0.7, is_sure=True):
    rest = (1 - happy) / 3
    probabilities = np.array([rest, happy, rest, rest])
    return Seen(Face(box, 0.9, probabilities), track, probabilities, Shown(1, is_sure))


class Person:
    """Someone who presses keys, one after each picture shown, and remembers the pictures."""

    def __init__(self, keys):
        self.keys, self.shown = iter(keys), []

    def __call__(self, whole):
        self.shown.append(whole)
        return next(self.keys, "q")


def test_keys_pause_show_times_hide_the_plot_and_quit(model, pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    person = Person(["", "t", "", "p", "", "s", " ", "", "", " ", "", "q"])
    with camera(pictures, fps=30) as address, open_camera(address) as watched:
        view = watch(watched, open_looker(model, None, 2), person, Stop())
    below = [(whole[340:480, 650:] != PAPER).any() for whole in person.shown]
    assert view.is_over
    assert len(person.shown) == 12
    plots = [(whole[180:330, 645:] == TROUGH).all(axis=2).any() for whole in person.shown]
    assert below[1:3] == [False, True]  # the steps' times
    assert plots[3:5] == [True, False]
    assert (person.shown[7] == person.shown[8]).all()  # paused
    assert not (person.shown[10] == person.shown[8]).all()
    assert (decode(view.snapshots[0].read_bytes()) == person.shown[5]).all()


def test_the_window_says_what_it_is_not_for_and_the_probabilities_of_the_largest_face():
    picture = np.full((480, 640, 3), 90, np.uint8)
    small, large = seen(1, (10, 10, 50, 50), 0.2), seen(2, (200, 100, 200, 200), 0.9)
    whole = shown_with(picture, [small, large])
    caution = line(CAUTION, whole.shape[1], LETTERS_PX)
    below = whole[-2 * len(caution) : -len(caution)]
    assert (below == caution).all()
    expected = bars(large.smoothed, CLASSES, PANEL_PX, LETTERS_PX)
    top = len(line("", PANEL_PX, LETTERS_PX))
    assert (whole[top : top + len(expected), -PANEL_PX:] == expected).all()


def shown_with(picture, faces):
    minute = Minute()
    minute.add(0.0, faces)
    return screen(picture, faces, CLASSES, minute, False, [])


def test_a_tall_picture_fits_on_a_screen():
    tall = np.full((1920, 1080, 3), 90, np.uint8)
    assert shown_with(tall, [seen(1, (100, 100, 400, 400))]).shape[0] < 900


def test_the_plot_holds_a_minute_of_one_face():
    minute = Minute()
    for second in range(100):
        minute.add(float(second), [seen(track=1)])
    assert minute.points[0][0] == 39.0
    assert (plot(minute, 4) != plot(Minute(), 4)).any()
    minute.add(100.0, [seen(track=1), seen(track=2, box=(0, 0, 84, 84))])
    assert minute.track == 1  # a face hardly larger takes nothing over
    minute.add(100.1, [seen(track=1), seen(track=2, box=(0, 0, 99, 99))])
    assert (minute.track, len(minute.points)) == (2, 1)
    minute.add(200.0, [])
    assert len(minute.points) == 0


def test_without_a_screen_a_line_says_what_to_do(model, pictures):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with camera(pictures, fps=30) as address:
        ran = subprocess.run(
            [sys.executable, "-c",
             "import sys; from pathlib import Path; from mien.live.options import open_looker;"
             "from mien.live.window import show_window;"
             "show_window(open_looker(Path(sys.argv[1]), None, 1), sys.argv[2])", model, address],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert "there is no screen to open a window on; use --page" in ran.stderr


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="Xvfb is absent")
def test_a_real_window_opens_and_closes(model, pictures, tmp_path):
    screen_number = f":{90 + os.getpid() % 400}"
    server = subprocess.Popen(["Xvfb", screen_number], stderr=subprocess.DEVNULL)
    try:
        wait_for(Path(f"/tmp/.X11-unix/X{screen_number[1:]}"))
        with camera(pictures, fps=30, frames=60) as address:
            ran = subprocess.run(
                [Path(sys.executable).with_name("mien"), "live", model, "--camera", address],
                cwd=tmp_path, env={**os.environ, "DISPLAY": screen_number},
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip
        assert ran.returncode == 2
        assert ran.stderr.splitlines()[-1].endswith("the camera gives no more pictures")
        assert "Traceback" not in ran.stderr
    finally:
        server.terminate()
        server.wait()


def wait_for(path: Path) -> None:
    for _ in range(200):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} did not appear")


def test_a_camera_that_is_not_there_is_one_line(model, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(SourceError, match=r"^77: no camera answers"):
        show_window(open_looker(model, None, 1), "77")
