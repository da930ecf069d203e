"""Videos in and out: every frame once, at its own time, upright."""

import itertools
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import videos

from mien.errors import VideoError
from mien.video.film import is_film, open_film, write_mp4

UNEVEN = [0.0, 0.04, 0.1, 0.33, 0.34, 0.9, 1.0, 1.5, 2.2, 2.21]


def read(path: Path) -> list[tuple[float, int]]:
    """Return the time of each frame and the number that it shows."""
    with open_film(path) as film:
        frames = [(frame.time_s, videos.read(frame.picture)) for frame in film.frames()]
        assert film.fault is None
    return frames


def copy(path: Path, to: Path) -> None:
    with open_film(path) as film, write_mp4(to, film.time_base) as mp4:
        for frame in film.frames():
            mp4.add(frame.picture, frame.ticks)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("even.mp4", {}),
        ("turned.mp4", {"turned": 90}),
        ("upside-down.mp4", {"turned": 180}),
        ("uneven.mp4", {"times_s": UNEVEN}),
        ("late.mp4", {"start_s": 3.0}),
        ("film.mkv", {}),
        ("film.webm", {"codec": "libvpx"}),
        ("film.avi", {"codec": "mpeg4"}),
    ],
)
def test_a_copy_has_every_frame_at_its_time(tmp_path, name, made):
    times = made.get("times_s") or [n / 25 for n in range(40)]
    source = videos.write_video(tmp_path / name, len(times), **made)
    expected = [(pytest.approx(t, abs=1e-3), n) for n, t in enumerate(times)]
    assert read(source) == expected
    copy(source, tmp_path / "copy.mp4")
    assert read(tmp_path / "copy.mp4") == expected


def test_pictures_of_odd_size_become_a_film(tmp_path):
    with open_film(videos.write_video(tmp_path / "a.mp4", 5)) as film:
        pictures = [frame.picture[:-1, :-1] for frame in film.frames()]
    with write_mp4(tmp_path / "odd.mp4") as mp4:
        for number, picture in enumerate(pictures):
            mp4.add(picture, 40 * number)
    assert [n for _, n in read(tmp_path / "odd.mp4")] == list(range(5))


def test_a_film_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(RuntimeError), write_mp4(tmp_path / "film.mp4") as mp4:
        mp4.add(videos.draw(1), 0)
        assert not (tmp_path / "film.mp4").exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_film_says_where_it_ends(tmp_path):
    whole = videos.write_video(tmp_path / "whole.mkv", 100, noise=20)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with open_film(cut) as film:
        frames = list(film.frames())
        assert 20 < len(frames) < 80
        assert film.fault == f"it ends after {frames[-1].time_s + 0.04:.2f} s of 4.00 s"


def test_a_damaged_film_says_so_and_is_read_to_its_end(tmp_path):
    whole = videos.write_video(tmp_path / "whole.mp4", 100, noise=20)
    data, chance = bytearray(whole.read_bytes()), random.Random(0)
    for _ in range(200):
        data[chance.randrange(len(data) // 4, 3 * len(data) // 4)] = chance.randrange(256)
    (tmp_path / "damaged.mp4").write_bytes(data)
    with open_film(tmp_path / "damaged.mp4") as film:
        *_, last = film.frames()
        assert last.time_s == pytest.approx(99 / 25)
        assert film.fault.endswith("of its frames are damaged")


def test_a_damaged_film_without_an_index_is_read_to_its_end(tmp_path):
    whole = videos.write_video(tmp_path / "whole.mkv", 100, noise=20)
    data, chance = bytearray(whole.read_bytes()), random.Random(0)
    for _ in range(30):
        data[chance.randrange(len(data) // 4, 3 * len(data) // 4)] = chance.randrange(256)
    (tmp_path / "damaged.mkv").write_bytes(data)
    with open_film(tmp_path / "damaged.mkv") as film:
        *_, last = film.frames()
        assert last.time_s > 3.5
        assert film.fault


def test_times_that_go_back_are_mended(tmp_path):
    """Two recordings of a camera, one after the other in a file, as `cat` joins them."""
    parts = [videos.write_video(tmp_path / f"{n}.ts", 20, start_s=5.0 * (1 - n)) for n in (0, 1)]
    (tmp_path / "joined.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    with open_film(tmp_path / "joined.ts") as film:
        times = [frame.time_s for frame in film.frames()]
        assert film.mended >= 1
    assert len(times) == pytest.approx(40, abs=2)
    steps = [after - before for before, after in itertools.pairwise(times)]
    assert min(steps) > 0
    assert times[-1] == pytest.approx(40 / 25, abs=0.3)


def test_a_stream_without_times_has_those_of_its_rate(tmp_path):
    source = videos.write_video(tmp_path / "a.mp4", 30)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        source,
        "-c",
        "copy",
        "-f",
        "h264",
        tmp_path / "a.h264",
    ]
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is absent")
    subprocess.run(command, check=True)
    with open_film(tmp_path / "a.h264") as film:
        times = [frame.time_s for frame in film.frames()]
    assert len(times) == 30
    assert all(before < after for before, after in itertools.pairwise(times))


def test_a_film_whose_size_changes_is_not_squeezed(tmp_path):
    wide, tall = np.full((96, 192, 3), 200, np.uint8), np.full((192, 96, 3), 200, np.uint8)
    with write_mp4(tmp_path / "film.mp4") as mp4:
        for number, picture in enumerate([wide, wide, tall]):
            mp4.add(picture, 40 * number)
    with open_film(tmp_path / "film.mp4") as film:
        *_, last = film.frames()
    assert last.picture.shape == (96, 192, 3)
    assert abs(int(last.picture[48, 96, 0]) - 200) < 12
    assert abs(int(last.picture[48, 10, 0]) - 127) < 12


def test_a_film_without_a_frame_is_not_written(tmp_path):
    with pytest.raises(VideoError, match="there is no picture"), write_mp4(tmp_path / "film.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_a_colon_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy(videos.write_video(tmp_path / "a.mp4", 5).rename("12:30.mp4"), Path("13:30.mp4"))
    assert len(read(Path("13:30.mp4"))) == 5


def test_what_is_no_film(tmp_path):
    (tmp_path / "notes.txt").write_text("a text")
    assert not is_film(tmp_path / "notes.txt")
    with pytest.raises(VideoError, match="not a video"), open_film(tmp_path / "notes.txt"):
        pass
