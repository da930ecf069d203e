"""A file on a server is fetched block by block, once, and never wrongly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
import requests
from acquire import media
from acquire.videos import read, write_video

from mien.acquire.frames import sample_frames
from mien.acquire.ranges import BLOCK, NoRanges, RangeFile
from mien.errors import VideoError

CONTENT = os.urandom(5 * BLOCK + 100)
RUN = """
import sys
from pathlib import Path
from mien.acquire.ranges import BLOCK, RangeFile
file = RangeFile(Path(sys.argv[1]), lambda: (sys.argv[2], {}), 5)
for place in (0, 3):
    file.seek(place * BLOCK)
    file.read(10)
print("read", flush=True)
input()
"""


@pytest.fixture
def server(tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "file").write_bytes(CONTENT)
    with media.serving(tmp_path / "served") as server:
        yield server


def opened(tmp_path: Path, server: media.Media, name: str = "file", timeout_s: float = 5):
    return RangeFile(tmp_path / "held", lambda: (f"{server.url}/{name}", {}), timeout_s)


def test_what_is_read_is_what_the_server_has(tmp_path, server):
    with opened(tmp_path, server) as file:
        file.seek(-50, 2)
        assert file.read(100) == CONTENT[-50:]
        file.seek(BLOCK - 5)
        assert file.read(10) == CONTENT[BLOCK - 5 : BLOCK]  # up to the end of a block
        assert file.read(10) == CONTENT[BLOCK : BLOCK + 10]
        assert file.tell() == BLOCK + 10
        file.seek(0)
        assert file.readall() == CONTENT
        assert file.read(10) == b""
    assert len(server.requests) == 6  # each block once
    assert server.sent == len(CONTENT)


def test_a_second_run_asks_for_nothing_not_even_the_address(tmp_path, server):
    with opened(tmp_path, server) as file:
        file.seek(2 * BLOCK)
        file.read(1)
    asked = len(server.requests)

    def nobody():
        raise AssertionError("the address was looked up")

    with RangeFile(tmp_path / "held", nobody, 5) as file:
        file.seek(2 * BLOCK + 7)
        assert file.read(9) == CONTENT[2 * BLOCK + 7 : 2 * BLOCK + 16]
        assert file.size == len(CONTENT)
    assert len(server.requests) == asked == 2
    assert (tmp_path / "held").stat().st_blocks * 512 <= 3 * BLOCK  # the rest takes no room


def test_a_killed_run_is_taken_up(tmp_path, server):
    words = [sys.executable, "-c", RUN, str(tmp_path / "held"), f"{server.url}/file"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"read\n"
        run.send_signal(signal.SIGKILL)
    asked = len(server.requests)
    with (tmp_path / "held.blocks").open("a") as lines:
        lines.write("4 12")  # killed while writing
    with opened(tmp_path, server) as file:
        assert file.readall() == CONTENT
    ranges = [request.range for request in server.requests[asked:]]
    assert ranges == [
        f"bytes={n * BLOCK}-{min(len(CONTENT), (n + 1) * BLOCK) - 1}" for n in (1, 2, 4, 5)
    ]


def test_a_block_that_spoilt_on_the_disk_is_fetched_again(tmp_path, server):
    with opened(tmp_path, server) as file:
        file.read(10)
    with (tmp_path / "held").open("r+b") as held:
        held.write(b"spoilt")
    with opened(tmp_path, server) as file:
        assert file.read(10) == CONTENT[:10]


@pytest.mark.parametrize("behave", [media.whole, media.page])
def test_a_server_without_ranges_is_told_at_once(tmp_path, server, behave):
    server.behaviours["/file"] = behave
    with opened(tmp_path, server) as file, pytest.raises(NoRanges, match="status 200"):
        file.read(10)


@pytest.mark.parametrize(
    "behave",
    [
        media.status(404),
        media.busy(9),
        media.cut(0.5, announced=True),
        media.cut(0.5, announced=False),
        media.elsewhere,
        media.stalled,
    ],
)
def test_a_bad_answer_is_an_error_and_no_byte(tmp_path, server, behave):
    with opened(tmp_path, server, timeout_s=0.3) as file:
        file.read(10)
        server.behaviours["/file"] = behave
        file.seek(BLOCK)
        with pytest.raises(requests.RequestException):
            file.read(10)
        del server.behaviours["/file"]
        assert file.read(10) == CONTENT[BLOCK : BLOCK + 10]


def test_redirects_are_followed(tmp_path, server):
    server.behaviours["/old"] = media.moved("/file")
    with opened(tmp_path, server, "old") as file:
        assert file.read(10) == CONTENT[:10]


def test_a_file_that_changed_is_begun_anew(tmp_path, server):
    with opened(tmp_path, server) as file:
        file.read(10)
    changed = os.urandom(len(CONTENT))
    (server.folder / "file").write_bytes(changed)
    with opened(tmp_path, server) as file:
        file.seek(BLOCK)
        assert file.read(10) == changed[BLOCK : BLOCK + 10]
        file.seek(0)
        assert file.read(10) == changed[:10]


def test_old_and_new_bytes_are_never_mixed(tmp_path, server):
    with opened(tmp_path, server) as file:
        file.read(10)
        (server.folder / "file").write_bytes(os.urandom(len(CONTENT) - 1))
        file.seek(BLOCK)
        with pytest.raises(requests.ConnectionError, match="changed on the server"):
            file.read(10)
    with opened(tmp_path, server) as file:
        assert file.readall() == (server.folder / "file").read_bytes()


@pytest.fixture(scope="module")
def long_videos(tmp_path_factory):
    """Return a folder with 4 minutes of video, its index at the end and at the beginning."""
    folder = tmp_path_factory.mktemp("long")
    quick = {"preset": "ultrafast", "qp": "4"}
    path = write_video(
        folder / "end.mp4", 720, fps=3, keyframe_every=9, noise=60, audio=True, options=quick
    )
    with av.open(str(path)) as source:
        options = {"movflags": "faststart"}
        with av.open(str(folder / "beginning.mp4"), "w", options=options) as target:
            streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
    return folder


@pytest.mark.parametrize("name", ["beginning.mp4", "end.mp4"])
def test_sampling_reads_a_small_part_of_the_file(tmp_path, long_videos, name):
    size = (long_videos / name).stat().st_size
    with media.serving(long_videos) as server, opened(tmp_path, server, name) as file:
        sampled = list(sample_frames(file, 60))
        assert [read(one.picture) for one in sampled] == [0, 180, 360, 540]
        assert server.sent < 0.15 * size
        asked = len(server.requests)
        with opened(tmp_path, server, name) as again:
            assert [one.time_s for one in sample_frames(again, 60)] == [0, 60, 120, 180]
        assert len(server.requests) == asked


def test_a_failure_in_the_middle_of_a_video_is_the_networks(tmp_path, long_videos):
    with media.serving(long_videos) as server, opened(tmp_path, server, "end.mp4") as file:
        frames = sample_frames(file, 60)
        assert next(frames).time_s == 0
        server.behaviours["/end.mp4"] = media.status(503)
        with pytest.raises(requests.HTTPError):
            list(frames)


def test_a_page_over_ranges_is_no_video(tmp_path, server):
    (server.folder / "page.mp4").write_bytes(media.PAGE)
    with opened(tmp_path, server, "page.mp4") as file, pytest.raises(VideoError):
        list(sample_frames(file, 1))
