"""Videos in and out: every frame once, at its own time, upright."""

import random
from pathlib import Path

import pytest
import videos

from mien.errors import VideoError
from mien.live.film import is_film, open_film, write_mp4

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


def test_what_is_no_film(tmp_path):
    (tmp_path / "notes.txt").write_text("a text")
    assert not is_film(tmp_path / "notes.txt")
    with pytest.raises(VideoError, match="not a video"), open_film(tmp_path / "notes.txt"):
        pass
