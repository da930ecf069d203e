"""The newest picture of a camera, however slow the one that looks is."""

import threading
import time

import numpy as np
import pytest
from streams import camera

from mien.errors import SourceError
from mien.live.camera import Camera, open_camera, without_password


class Synthetic:
    """A camera of 120 pictures a second; each picture has its number, and when it was taken."""

    def __init__(self, frames: int, fps: float = 120) -> None:
        self.fps, self.left, self.number = fps, frames, 0
        self.taken_s: dict[int, float] = {}
        self.begun_s = time.monotonic()
        self.is_released = False

    def read(self):
        if self.number == self.left:
            return False, None
        time.sleep(max(0.0, self.begun_s + self.number / self.fps - time.monotonic()))
        self.taken_s[self.number] = time.monotonic()
        picture = np.full((4, 4, 3), self.number % 256, np.uint8)
        picture[0, 0, 0], picture[0, 0, 1] = self.number // 256, self.number % 256
        self.number += 1
        return True, picture

    def release(self):
        self.is_released = True


def number_of(picture) -> int:
    return int(picture[0, 0, 0]) * 256 + int(picture[0, 0, 1])


def test_a_slow_model_gets_the_newest_picture_and_the_others_are_counted():
    synthetic = Synthetic(frames=180)
    watched = Camera(synthetic)
    numbers, behind = [], []
    while not watched.ended:
        if (new := watched.newest(1.0)) is not None:
            numbers.append(number_of(new[1]))
            newest = synthetic.number - 1
            behind.append(newest - numbers[-1])
            time.sleep(0.05)  # a model of 20 pictures a second
    watched.close()
    assert numbers == sorted(set(numbers))
    assert np.median(behind) <= 1  # what is looked at is the newest
    assert max(behind) < 60  # a queue would be behind by all that was dropped
    assert len(numbers) + watched.dropped == 180
    assert watched.dropped > 90
    assert synthetic.is_released


def test_times_are_those_of_the_pictures():
    synthetic = Synthetic(frames=40)
    watched = Camera(synthetic)
    times = {}
    while not watched.ended:
        if (new := watched.newest(1.0)) is not None:
            times[number_of(new[1])] = new[0]
    watched.close()
    taken_s = synthetic.taken_s
    late_s = [time_s - (taken_s[number] - taken_s[0]) for number, time_s in times.items()]
    assert np.median(np.abs(late_s)) < 0.05


def test_a_camera_that_gives_nothing_keeps_nobody_waiting():
    is_over = threading.Event()

    class Silent:
        def read(self):
            is_over.wait(10)
            return False, None

        def release(self):
            pass

    watched = Camera(Silent())
    assert watched.newest(0.05) is None
    assert not watched.ended
    is_over.set()
    assert watched.newest(5.0) is None
    assert watched.ended
    watched.close()


def test_a_stream_that_ends_is_ended():
    pictures = [np.full((48, 64, 3), 40 * n, np.uint8) for n in range(5)]
    with camera(pictures, fps=50, frames=20) as address, open_camera(address) as watched:
        count = 0
        while not watched.ended:
            count += watched.newest(1.0) is not None
        assert count + watched.dropped == pytest.approx(20, abs=2)


def test_a_camera_whose_driver_fails_is_ended():
    class Broken:
        def read(self):
            raise RuntimeError("the driver is gone")

        def release(self):
            pass

    watched = Camera(Broken())
    assert watched.newest(5.0) is None
    assert watched.ended
    watched.close()


def test_no_camera_and_no_stream_are_one_line():
    with pytest.raises(SourceError, match=r"^42: no camera answers"), open_camera("42"):
        pass
    with (
        pytest.raises(SourceError, match=r"^rtsp://127\.0\.0\.1:9: no stream"),
        open_camera("rtsp://anna:secret@127.0.0.1:9/door"),
    ):
        pass


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://anna:p@ss@host/door", "rtsp://host"),
        ("rtsp://host:554/user=admin_password=secret_channel=1", "rtsp://host:554"),
        ("http://host/video?user=anna&password=secret", "http://host"),
        ("rtsp://anna:p/ss@host", "rtsp://…"),
        ("rtsp://anna:1/ss@host", "rtsp://…"),
        ("rtsp://anna:p#ss@host", "rtsp://…"),
        ("rtsp://[bad", "rtsp://…"),
        ("rtsp://[::1]:8554/a", "rtsp://[::1]:8554"),
        ("0", "0"),
        ("/dev/video2", "/dev/video2"),
    ],
)
def test_an_address_is_told_without_what_may_be_secret(address, shown):
    assert without_password(address) == shown
