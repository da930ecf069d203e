"""Acquisition and `mien predict` read one film alike: the same frames, at the same times, upright."""

import shutil
import subprocess
from fractions import Fraction
from hashlib import md5
from pathlib import Path

import av
import numpy as np
import pytest
import videos

from mien.acquire.check import check_video
from mien.errors import VideoError
from mien.video.container import opened
from mien.video.film import open_film, write_mp4
from mien.video.in_order import InOrder
from mien.video.sampling import Lost, Sample, sample_frames

CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
FPS = 25


def plain(folder: Path, name: str, frames: int = 60, **made) -> Path:
    return videos.write_video(folder / name, frames, **made)


def trimmed(folder: Path) -> Path:
    options = {"bf": "2", "sc_threshold": "0"}
    whole = plain(folder, "whole.mp4", 112, keyframe_every=50, options=options)
    return videos.trim(whole, folder / "v.mp4", 52 / FPS)


def joined(ending: str, first: int = 60, starts: tuple[float, float] = (0.0, 0.0), **made):
    def make(folder: Path) -> Path:
        parts = (
            plain(folder, f"a{ending}", first, start_s=starts[0], **made),
            plain(folder, f"b{ending}", 120 - first, first=first, start_s=starts[1], **made),
        )
        return videos.join(folder / f"v{ending}", *parts)

    return make


def remuxed(path: Path, to: Path, audio_s: float = 0, later_s: float = 0, **options: str) -> Path:
    """Copy the coded pictures, beside so many seconds of silence, into another container."""
    with av.open(str(path)) as whole, av.open(str(to), "w", container_options=options) as container:
        stream = container.add_stream_from_template(whole.streams.video[0])
        sound = container.add_stream("aac", rate=48000) if audio_s else None
        later = round(later_s / whole.streams.video[0].time_base)
        for packet in whole.demux(video=0):
            if packet.size:
                packet.pts, packet.dts = packet.pts + later, packet.dts + later
                packet.stream = stream
                container.mux(packet)
        for number in range(round(10 * audio_s)):
            container.mux(videos._silence(sound, number, 10))
        if sound is not None:
            container.mux(sound.encode(None))
    return to


def headless(folder: Path) -> Path:
    """Return a recording that was begun in the middle: 12 pictures that need one before them."""
    path = plain(folder, "v.ts", 84, keyframe_every=24)
    content, size = path.read_bytes(), 188
    with av.open(str(path)) as container:
        second = [packet.pos for packet in container.demux(video=0) if packet.size][12]
    path.write_bytes(content[: 3 * size] + content[second:])
    return path


def two_tracks(folder: Path) -> Path:
    """Return a film whose second track of pictures is the one to be shown."""
    path = folder / "v.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=FPS) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = videos.WIDTH, videos.HEIGHT, "yuv420p"
        streams[0].disposition, streams[1].disposition = 0, av.stream.Disposition.default
        for number in range(60):
            for stream, shown in zip(streams, (999, number), strict=True):
                frame = av.VideoFrame.from_ndarray(videos.draw(shown), format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


HEVC = {"codec": "libx265", "options": {"x265-params": "log-level=error"}}

# name -> how the film is made; each shows 0, 1, 2 …, a frame every 1 / FPS
FILMS = {
    "plain": lambda f: plain(f, "v.mp4"),
    "trimmed by an edit list": trimmed,
    "without a declared duration": lambda f: plain(
        f, "v.webm", codec="libvpx", container_options={"live": "1"}
    ),
    "in fragments, without a declared duration": lambda f: plain(
        f, "v.mp4", container_options={"movflags": "frag_keyframe+empty_moov+skip_trailer"}
    ),
    "Matroska that does not start at 0": lambda f: plain(f, "v.mkv", start_s=5.0),
    "MP4 that does not start at 0": lambda f: plain(f, "v.mp4", start_s=5.0),
    "wide pixels": lambda f: plain(f, "v.mp4", pixel_aspect=2),
    "wide pixels in Matroska": lambda f: plain(f, "v.mkv", pixel_aspect=3),
    "turned, of wide pixels": lambda f: plain(f, "v.mp4", pixel_aspect=2, turned=90),
    "two recordings of MPEG-TS": joined(".ts"),
    "two recordings of MPEG-TS, the second much later": joined(".ts", starts=(1.0, 4000.0)),
    "two short recordings of MPEG-TS": joined(".ts", first=15),
    "two recordings of Matroska": joined(".mkv"),
    "two recordings of MPEG": joined(".mpg", codec="mpeg2video"),
    "a recording of a second": lambda f: plain(f, "v.ts", 25, keyframe_every=50),
    "animation of QuickTime": lambda f: plain(f, "v.mov", codec="qtrle", pix_fmt="rgb24"),
    "ten bits": lambda f: plain(f, "v.mp4", pix_fmt="yuv420p10le", **HEVC),
    "a recording begun in the middle": headless,
    "B-frames in AVI": lambda f: plain(f, "v.avi", options={"bf": "2"}),
    "a bare stream": lambda f: remuxed(plain(f, "a.mp4", options={"bf": "2"}), f / "v.h264"),
    "longer sound in Flash": lambda f: remuxed(plain(f, "a.mp4"), f / "v.flv", audio_s=9),
    "longer sound in Matroska": lambda f: remuxed(plain(f, "a.mp4"), f / "v.mkv", audio_s=9),
    "longer sound in MP4": lambda f: remuxed(plain(f, "a.mp4"), f / "v.mp4", audio_s=9),
    "later than its sound": lambda f: remuxed(plain(f, "a.mp4"), f / "v.mp4", 2, later_s=1.0),
    "open groups of pictures": lambda f: plain(
        f, "v.ts", options={"x264-params": "open-gop=1:bframes=2"}
    ),
    "the second track of two": two_tracks,
    "one frame": lambda f: plain(f, "v.mkv", 1),
    **{
        f"turned by {turned}{', mirrored' * mirrored}": lambda f, t=turned, m=mirrored: plain(
            f, "v.mp4", 5, turned=t, mirrored=m
        )
        for turned in (0, 90, 180, 270)
        for mirrored in (False, True)
        if turned or mirrored
    },
}  # fmt: skip


def frames_of(path: Path) -> list[tuple[float, np.ndarray]]:
    with open_film(path) as film:
        frames = [(frame.time_s, frame.picture) for frame in film.frames()]
        assert film.fault is None
    return frames


@pytest.mark.parametrize("kind", FILMS)
def test_both_read_every_frame_at_its_time(tmp_path, kind):
    path = FILMS[kind](tmp_path)
    frames = frames_of(path)
    numbers = [videos.read(picture) for _, picture in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(frames)))
    assert [time_s for time_s, _ in frames] == pytest.approx(
        [n / FPS for n in range(len(frames))], abs=0.002
    )
    found = check_video(path)
    assert (found.width, found.height) == (videos.WIDTH, videos.HEIGHT)
    assert found.duration_s == pytest.approx(len(frames) / FPS, abs=0.1)
    for every_s in (0.11, 1.0):
        sampled = list(sample_frames(path, every_s))
        assert len(sampled) * every_s > frames[-1][0]  # none is missing at the end
        if not path.name.endswith(".ts"):  # where two meet, a packet counts as damaged
            assert all(isinstance(one, Sample) for one in sampled)
        for one in (one for one in sampled if isinstance(one, Sample)):
            time_s, picture = next(f for f in frames if f[0] >= one.asked_s - 1e-6)
            assert one.time_s == pytest.approx(time_s, abs=1e-9)
            assert np.array_equal(one.picture, picture)


@pytest.mark.parametrize("kind", ["two recordings of MPEG-TS", "two recordings of Matroska"])
def test_where_times_begin_anew_nothing_is_left_out(tmp_path, kind):
    assert len(frames_of(FILMS[kind](tmp_path))) == 120


def test_a_trimmed_film_begins_where_a_player_begins(tmp_path):
    frames = frames_of(trimmed(tmp_path))
    assert [videos.read(picture) for _, picture in frames] == list(range(52, 112))


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is absent")
@pytest.mark.parametrize("film", ["made", "kept"])
def test_a_trimmed_film_has_the_frames_and_times_that_ffmpeg_shows(tmp_path, film):
    path = CASES / "edit-list" / "trimmed.mp4" if film == "kept" else trimmed(tmp_path)
    if not path.is_file():
        pytest.skip("the film is absent")
    words = "ffmpeg -v error -i {} -fps_mode passthrough -f framemd5 -pix_fmt yuv420p -"
    told = subprocess.run(
        words.format(path).split(), check=True, capture_output=True, text=True
    ).stdout.splitlines()
    (unit,) = (Fraction(line.split()[2]) for line in told if line.startswith("#tb 0"))
    lines = [line.replace(",", " ").split() for line in told if not line.startswith("#")]
    shown = [(float(int(line[2]) * unit), line[-1]) for line in lines]
    with opened(path) as track:
        found = [
            (float(one.ticks * track.time_base), md5(one.frame.to_ndarray().tobytes()).hexdigest())
            for one in InOrder(track).frames()
            if one.sound_from is not None
        ]
    assert [time_s for time_s, _ in found] == pytest.approx([time_s for time_s, _ in shown])
    assert [digest for _, digest in found] == [digest for _, digest in shown]
    assert len(list(sample_frames(path, 1 / FPS))) == pytest.approx(len(shown), abs=3)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is absent")
def test_a_film_spliced_without_encoding_is_read_alike(tmp_path):
    plain(tmp_path, "a.mp4", 75, options={"bf": "2"})
    parts = "file a.mp4\ninpoint 0.5\noutpoint 1.5\nfile a.mp4\ninpoint 2.0\n"
    (tmp_path / "list").write_text(parts)
    words = "ffmpeg -v error -f concat -i list -c copy v.mp4"
    subprocess.run(words.split(), cwd=tmp_path, check=True)
    frames = frames_of(tmp_path / "v.mp4")
    assert len(frames) > 40
    for one in sample_frames(tmp_path / "v.mp4", 0.11):
        time_s, picture = next(f for f in frames if f[0] >= one.asked_s - 1e-6)
        assert one.time_s == pytest.approx(time_s, abs=1e-9)
        assert np.array_equal(one.picture, picture)


@pytest.mark.parametrize("name", ["v.mkv", "v.mp4"])
def test_a_format_that_nobody_knows_is_said(tmp_path, name):
    path = plain(tmp_path, name, 5)
    content = path.read_bytes()
    known, unknown = (b"avc1", b"xyz1") if name == "v.mp4" else (b"ISO/AVC", b"ISO/XYZ")
    path.write_bytes(content.replace(known, unknown))
    with pytest.raises(VideoError, match="a format that FFmpeg does not know"):
        check_video(path)
    with pytest.raises(VideoError, match="a format that FFmpeg does not know"), open_film(path):
        pass


def test_what_is_drawn_on_has_square_pixels(tmp_path):
    path = plain(tmp_path, "v.mp4", 3, pixel_aspect=2)
    with open_film(path) as film, write_mp4(tmp_path / "drawn.mp4", film.time_base) as drawn:
        for frame in film.frames():
            drawn.add(frame.picture, frame.ticks)
    with av.open(str(tmp_path / "drawn.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (videos.WIDTH, videos.HEIGHT)
        assert stream.sample_aspect_ratio in (None, 1)


def test_damage_before_the_cut_of_a_trimmed_film_is_not_shown(tmp_path):
    path = trimmed(tmp_path)
    true = {f.asked_s: f for f in sample_frames(path, 1 / FPS)}
    with av.open(str(path)) as container:
        hidden = [p for p in container.demux(video=0) if p.is_discard and not p.is_keyframe]
    content = bytearray(path.read_bytes())
    place = hidden[0].pos + hidden[0].size // 2
    content[place : place + 20] = bytes(range(1, 21))
    path.write_bytes(content)
    found = list(sample_frames(path, 1 / FPS))
    assert any(isinstance(one, Lost) for one in found)
    for one in found:
        if isinstance(one, Sample):
            assert np.array_equal(one.picture, true[one.asked_s].picture)


@pytest.mark.parametrize("name", ["v.avi", "v.h264"])
def test_damage_of_a_film_without_times_never_gives_a_wrong_frame(tmp_path, name):
    alike = {"x264-params": "threads=1:no-asm=1:bframes=2"}
    made = plain(tmp_path, f"a{Path(name).suffix}", 100, noise=60, options=alike)
    path = made.rename(tmp_path / name)
    true = {f.asked_s: f for f in sample_frames(path, 0.12)}
    content, lost = path.read_bytes(), 0
    for share in (0.2, 0.35, 0.5, 0.65, 0.8):
        path.write_bytes(content)
        for one in sample_frames(videos.spoil(path, share, bytes(1000)), 0.12):
            if isinstance(one, Lost):
                lost += 1
            else:
                assert np.array_equal(one.picture, true[one.asked_s].picture)
    assert lost > 5


def test_of_a_time_that_is_days_away_no_days_are_read(tmp_path):
    times_s = [n / FPS for n in range(30)] + [9e5 + n / FPS for n in range(30)]
    path = plain(tmp_path, "v.mkv", times_s=times_s, container_options={"live": "1"})
    assert len(frames_of(path)) == 60
    assert len(list(sample_frames(path, 1.0))) == 3
