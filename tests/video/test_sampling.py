"""Frames are exact and upright, or said to be lost: never a wrong or a damaged one."""

import random
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from acquire.videos import cut, cut_packet, draw, read, spoil, write_audio, write_gif, write_video

from mien.acquire.check import check_video
from mien.errors import VideoError
from mien.video.sampling import Lost, Sample, differs, sample_frames
from mien.video.upright import upright

VP9 = {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}
UNEVEN = [n * 0.04 + n // 10 * 0.3 for n in range(100)]
KINDS = {
    "B-frames and an edit list": ("v.mp4", {"options": {"bf": "3"}}),
    "open groups of pictures": ("v.mp4", {"options": {"x264-params": "open-gop=1"}}),
    "MOV": ("v.mov", {"audio": True}),
    "one key frame alone": ("v.mp4", {"keyframe_every": 1000}),
    "a start offset": ("v.mp4", {"start_s": 3.2}),
    "MPEG-TS": ("v.ts", {"start_s": 7.0}),
    "Matroska": ("v.mkv", {"audio": True}),
    "WebM": ("v.webm", VP9),
    "hidden pictures": (
        "v.webm",
        {"codec": "libvpx", "options": {"lag-in-frames": "16", "auto-alt-ref": "1"}},
    ),
    "MPEG-4 in AVI": ("v.avi", {"codec": "mpeg4"}),
    "HEVC": ("v.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=error"}}),
    "a variable rate": ("v.mp4", {"times_s": UNEVEN}),
    "a variable rate in Matroska": ("v.mkv", {"times_s": UNEVEN}),
    "turned by 90": ("v.mp4", {"turned": 90}),
    "turned by 180": ("v.mp4", {"turned": 180}),
    "turned by 270": ("v.mp4", {"turned": 270}),
}


def shown(path: Path, every_s: float) -> dict[float, int | str]:
    """Return for every time asked for the number in its frame, or why it is lost."""
    return {
        one.asked_s: read(one.picture) if isinstance(one, Sample) else one.reason
        for one in sample_frames(path, every_s)
    }


def fully_decoded(path: Path) -> list[tuple[float, np.ndarray]]:
    """Return every frame's time and picture, by a plain decode from the beginning on one thread."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frames = [f for packet in container.demux(stream) for f in packet.decode()]
        start = min(f.pts if f.pts is not None else f.dts for f in frames)
        times = [f.pts if f.pts is not None else f.dts for f in frames]
        pictures = [upright(frame) for frame in frames]
        return [
            (float((t - start) * stream.time_base), p) for t, p in zip(times, pictures, strict=True)
        ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("every_s", [0.03, 0.37, 1.3])
def test_every_frame_is_that_of_a_full_decode(tmp_path, kind, every_s):
    name, options = KINDS[kind]
    path = write_video(tmp_path / name, 100, **options)
    every = fully_decoded(path)
    assert [read(picture) for _, picture in every] == list(range(100))
    sampled = list(sample_frames(path, every_s))
    assert all(isinstance(one, Sample) for one in sampled)
    assert [one.asked_s for one in sampled] == [every_s * n for n in range(len(sampled))]
    assert every_s * len(sampled) > every[-1][0]  # none is missing at the end
    for one in sampled:
        time_s, picture = next(e for e in every if e[0] >= one.asked_s - 1e-6)
        assert one.time_s == pytest.approx(time_s, abs=1e-6)
        assert np.array_equal(one.picture, picture)


def test_numbers_are_those_that_were_drawn(tmp_path):
    path = write_video(tmp_path / "v.mp4", 100)
    assert shown(path, 0.5) == {n / 2: round(12.5 * n + 0.1) for n in range(8)}


@pytest.mark.parametrize("tag", ["soon", "1:2", "-1:00:00", ""])
def test_a_duration_that_cannot_be_read_is_none(tmp_path, tag):
    path = write_video(tmp_path / "v.mkv", 50)
    clock, content = b"00:00:02.000000000", path.read_bytes()
    assert clock in content
    path.write_bytes(content.replace(clock, tag.encode().ljust(len(clock), b"\0")))
    assert check_video(path).duration_s == pytest.approx(2.0, abs=0.1)


def test_an_animation_is_a_video(tmp_path):
    path = write_gif(tmp_path / "v.gif", 20)
    assert check_video(path, thorough=True).duration_s == pytest.approx(2.0)
    assert shown(path, 0.5) == {0: 0, 0.5: 5, 1: 10, 1.5: 15}


def test_a_single_frame_is_a_video(tmp_path):
    path = write_video(tmp_path / "v.mp4", 1)
    assert shown(path, 10) == {0: 0}
    assert check_video(path).width == 192


def test_what_was_cut_off_is_listed_as_lost(tmp_path):
    faststart = write_video(tmp_path / "v.mkv", 100, noise=60)
    whole = shown(faststart, 0.5)
    found = shown(cut(faststart, 0.5), 0.5)
    assert list(found) == list(whole)
    came = {s: n for s, n in found.items() if isinstance(n, int)}
    assert 2 <= len(came) <= 6
    assert came == {s: whole[s] for s in came}
    assert set(found.values()) - set(came.values()) <= {"the file ends before", "corrupt data"}
    assert list(found)[: len(came)] == list(came)


def test_a_hole_loses_its_group_of_pictures_and_no_other(tmp_path):
    path = write_video(tmp_path / "v.mp4", 100, noise=60, keyframe_every=10)
    whole = shown(path, 0.2)
    found = shown(spoil(path, 0.5, bytes(2000)), 0.2)
    lost = [s for s, n in found.items() if not isinstance(n, int)]
    assert 1 <= len(lost) <= 3
    assert {found[s] for s in lost} == {"corrupt data"}
    assert {s: n for s, n in found.items() if s not in lost} == {
        s: n for s, n in whole.items() if s not in lost
    }


@pytest.mark.parametrize("name", ["v.mp4", "v.ts"])
def test_damage_never_gives_a_wrong_frame(tmp_path, name):
    # the same file every time and on every machine, since so is what damage can hide
    alike = {"x264-params": "threads=1:no-asm=1"}
    original = write_video(tmp_path / name, 100, noise=60, options=alike)
    true = {f.asked_s: f for f in sample_frames(original, 0.12)}
    chance, lost = random.Random(0), 0
    for _ in range(8):
        path = tmp_path / f"spoilt-{name}"
        shutil.copy(original, path)
        for one in sample_frames(spoil(path, chance.uniform(0.1, 0.9), bytes(1000)), 0.12):
            if isinstance(one, Lost):
                lost += 1
                continue
            assert one.time_s == true[one.asked_s].time_s
            assert np.array_equal(one.picture, true[one.asked_s].picture)
    assert lost > 8


def test_damage_is_seen_however_quick_the_next_picture_is(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)  # on one thread they decide nothing
    grain, still = np.random.default_rng(0), np.full((480, 640, 3), 100, np.uint8)
    path, settings = tmp_path / "v.mp4", "bframes=1:b-adapt=0:scenecut=0:weightb=0:threads=1"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": settings})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.codec_context.gop_size = 12
        for number in range(25):  # every other picture is noise, and those between take no time
            noise = grain.integers(0, 255, still.shape, np.uint8)
            shown = noise if number % 2 else still
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="bgr24")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        noisy = [p for p in container.demux(video=0) if p.size > 20_000]
        middles = [packet.pos + packet.size * 2 // 3 for packet in noisy]
    true = [one.picture for one in sample_frames(path, 0.04)]
    content = path.read_bytes()
    for middle in middles:
        damage = grain.bytes(2000)
        path.write_bytes(content[:middle] + damage + content[middle + len(damage) :])
        found = list(sample_frames(path, 0.04))
        assert any(isinstance(one, Lost) for one in found)
        for one, picture in zip(found, true, strict=True):
            assert isinstance(one, Lost) or np.array_equal(one.picture, picture)


def test_sound_videos_are_described(tmp_path):
    video = check_video(write_video(tmp_path / "v.mp4", 100, turned=90), thorough=True)
    assert (video.duration_s, video.width, video.height) == (pytest.approx(4.0, abs=0.05), 192, 96)
    for name, options in [("v.ts", {}), ("v.webm", VP9), ("v.mkv", {"audio": True})]:
        found = check_video(write_video(tmp_path / name, 100, **options), thorough=True)
        assert found.duration_s == pytest.approx(4.0, abs=0.1)


def test_what_is_no_sound_video_is_refused_with_the_reason(tmp_path):
    def reason(path, thorough=False):
        with pytest.raises(VideoError) as error:
            check_video(path, thorough)
        return str(error.value)

    (tmp_path / "empty.mp4").touch()
    (tmp_path / "page.mp4").write_text("\n <!DOCTYPE html><html>Sign in</html>")
    (tmp_path / "noise.mp4").write_bytes(random.Random(0).randbytes(50_000))
    assert reason(tmp_path / "empty.mp4") == "empty file"
    assert reason(tmp_path / "page.mp4") == "it is a web page"
    assert reason(tmp_path / "noise.mp4").startswith("not a video, or cut short: ")
    assert reason(write_audio(tmp_path / "sound.m4a")) == "audio only"
    half = cut(write_video(tmp_path / "half.mkv", 100, noise=60), 0.5)
    assert reason(half).startswith("truncated: it has ")
    assert reason(half).endswith(" s of 4.0 s")
    stream = cut_packet(write_video(tmp_path / "cut.ts", 100, noise=60))
    assert reason(stream) == "truncated: it ends within a packet"
    moving = cut(write_gif(tmp_path / "cut.gif", 20), 0.5)
    assert reason(moving) == "truncated: it has no end"
    no_index = cut(write_video(tmp_path / "cut.mp4", 100, noise=60), 0.9)
    assert reason(no_index).startswith("not a video, or cut short: ")
    spoilt = spoil(write_video(tmp_path / "spoilt.mp4", 100, noise=60), 0.5, bytes(2000))
    check_video(spoilt)
    assert reason(spoilt, thorough=True).startswith("corrupt at ")
    first = spoil(write_video(tmp_path / "first.mp4", 100, noise=60), 0.01, bytes(2000))
    assert reason(first) == "its first frame cannot be decoded: corrupt data"


def test_a_video_that_lasts_for_weeks_by_its_times_is_refused_not_asked_for_frames(tmp_path):
    times = {"weeks.mkv": [80_000.0 * n for n in range(60)], "jump.mkv": [0.0, 5_000_000.0]}
    for name, times_s in times.items():
        path = write_video(tmp_path / name, len(times_s), times_s=times_s)
        with pytest.raises(VideoError, match=r"corrupt: by its times it lasts 5\d days"):
            check_video(path)
        with pytest.raises(VideoError, match="by its times it lasts"):
            next(sample_frames(path, 0.5))


def test_pictures_differ_by_how_much_their_greys_do():
    black, white = np.zeros((90, 160, 3), np.uint8), np.full((90, 160, 3), 255, np.uint8)
    assert differs(black, black) == 0
    assert differs(black, white) == 1
    assert 0 < differs(draw(3), draw(4)) < differs(draw(0), draw(4095)) < 0.5
