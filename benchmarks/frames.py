"""Measure the sampling of frames beside ffmpeg's fps filter, OpenCV and torchcodec.

Run `python benchmarks/frames.py` in the project's folder, on a machine that does nothing else. It
needs the clip in ../shared/data and writes benchmarks/results/frames.json. Peers that are absent
are left out and named: the program ffmpeg, and torchcodec, looked for in TORCHCODEC_PYTHON.

The videos: 8 minutes of the clip played forwards and backwards, scaled to 720p, 30 frames a second,
each with its number in binary digits along the top; x264 at `veryfast` with 3 B-frames, and key
frames every 143 frames (4.8 s) or every 250 (8.3 s), which is x264's default. Neither divides the
step of 10 s, so that hardly a wanted frame is a key frame.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np

from mien.files import atomic
from mien.video.sampling import Sample, sample_frames

CLIP = Path("../shared/data/videos/WolfgangLanger_Pexels.mp4")
WIDTH, HEIGHT, FPS, SECONDS, EVERY_S = 1280, 720, 30, 480, 10
DIGITS, CELL = 16, 80
REPEATS = 3
KEYFRAMES = {"a key frame every 143 frames": 143, "a key frame every 250 frames": 250}
EXPECTED = [n * EVERY_S * FPS for n in range(SECONDS // EVERY_S)]
FFMPEG = "-vf fps=1/10:round=up -f rawvideo -pix_fmt bgr24 -"
TORCHCODEC = """
import json, sys, time
from torchcodec.decoders import VideoDecoder
started = time.perf_counter()
decoder = VideoDecoder(sys.argv[1], seek_mode=sys.argv[2], num_ffmpeg_threads=2)
frames = decoder.get_frames_played_at([float(s) for s in range(0, 480, 10)]).data
elapsed = time.perf_counter() - started
greys = frames[:, :, 10:30, :].float().mean(dim=(1, 2))
digits = greys.reshape(len(frames), 16, 80)[:, :, 20:60].mean(dim=2) > 128
print(json.dumps([elapsed, [sum(1 << n for n, on in enumerate(d) if on) for d in digits.tolist()]]))
"""


def write(path: Path, keyframe_every: int) -> None:
    """Write the video that the module's docstring describes."""
    with av.open(str(CLIP)) as clip:
        scaled = [f.reformat(WIDTH, HEIGHT, "yuv420p").to_ndarray() for f in clip.decode(video=0)][
            :250
        ]
    order = [*range(250), *range(248, 0, -1)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        settings = f"keyint={keyframe_every}:bframes=3"
        stream.codec_context.options = {"preset": "veryfast", "x264-params": settings}
        for number in range(SECONDS * FPS):
            planes = scaled[order[number % len(order)]].copy()
            for digit in range(DIGITS):
                planes[:40, digit * CELL : (digit + 1) * CELL] = 235 if number >> digit & 1 else 16
            planes[HEIGHT : HEIGHT + 10] = 128  # no colour behind the digits
            planes[HEIGHT + HEIGHT // 4 : HEIGHT + HEIGHT // 4 + 10] = 128
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def number_in(picture: np.ndarray) -> int:
    """Return the number that the digits at the top show."""
    greys = picture[10:30].mean(axis=(0, 2)).reshape(DIGITS, CELL)[:, 20:60].mean(axis=1)
    return sum(1 << n for n, grey in enumerate(greys) if grey > 128)


def mien(video: Path) -> list[int]:
    """Return the numbers of our frames."""
    return [number_in(f.picture) for f in sample_frames(video, EVERY_S) if isinstance(f, Sample)]


def ffmpeg(video: Path) -> list[int]:
    """Return the numbers of the frames that ffmpeg's fps filter gives, through a pipe."""
    words = ["ffmpeg", "-v", "error", "-i", str(video), *FFMPEG.split()]
    numbers, size = [], WIDTH * HEIGHT * 3
    with subprocess.Popen(words, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        while len(content := run.stdout.read(size)) == size:
            numbers.append(number_in(np.frombuffer(content, np.uint8).reshape(HEIGHT, WIDTH, 3)))
    return numbers


def opencv(video: Path) -> list[int]:
    """Return the numbers of the frames that OpenCV gives after seeks by time."""
    capture, numbers = cv2.VideoCapture(str(video)), []
    for asked_s in range(0, SECONDS, EVERY_S):
        capture.set(cv2.CAP_PROP_POS_MSEC, asked_s * 1000)
        came, picture = capture.read()
        numbers += [number_in(picture)] if came else []
    return numbers


def torchcodec(mode: str) -> Callable[[Path], tuple[float, list[int]]]:
    """Return a peer that samples with torchcodec in another Python, its start not counted."""

    def peer(video: Path) -> tuple[float, list[int]]:
        python = os.environ["TORCHCODEC_PYTHON"]
        words = [python, "-c", TORCHCODEC, str(video), mode]
        elapsed, numbers = json.loads(subprocess.check_output(words, text=True))
        return elapsed, numbers

    return peer


def timed(sample: Callable[[Path], list[int]]) -> Callable[[Path], tuple[float, list[int]]]:
    """Return the peer with the seconds it takes."""

    def peer(video: Path) -> tuple[float, list[int]]:
        started = time.perf_counter()
        numbers = sample(video)
        return time.perf_counter() - started, numbers

    return peer


def measure(video: Path) -> dict[str, object]:
    """Return seconds and exact frames of each, the median of interleaved rounds."""
    peers = {"mien": timed(mien), "opencv": timed(opencv)}
    if shutil.which("ffmpeg"):
        peers["ffmpeg"] = timed(ffmpeg)
    if "TORCHCODEC_PYTHON" in os.environ:
        peers |= {f"torchcodec {mode}": torchcodec(mode) for mode in ("exact", "approximate")}
    took: dict[str, list[float]] = {name: [] for name in peers}
    exact = {}
    for _ in range(REPEATS):
        for name, peer in peers.items():
            elapsed, numbers = peer(video)
            took[name].append(elapsed)
            exact[name] = sum(a == b for a, b in zip(numbers, EXPECTED, strict=False))
    results: dict[str, object] = {
        name: {"seconds": round(statistics.median(s), 2), "exact_of_48": exact[name]}
        for name, s in took.items()
    }
    for name in peers.keys() - {"mien"}:
        ratios = [theirs / ours for theirs, ours in zip(took[name], took["mien"], strict=True)]
        spread = [round(r, 1) for r in (statistics.median(ratios), min(ratios), max(ratios))]
        results[f"{name}_to_mien"] = dict(zip(("median", "lowest", "highest"), spread, strict=True))
    absent = {"ffmpeg", "torchcodec exact"} - peers.keys()
    return results | ({"not_measured": sorted(absent)} if absent else {})


def main() -> None:
    """Measure all, print it and write it down."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, keyframe_every in KEYFRAMES.items():
            video = Path(folder) / f"{keyframe_every}.mp4"
            write(video, keyframe_every)
            results[name] = {"size_mb": video.stat().st_size // 1_000_000} | measure(video)
            print(name, results[name], file=sys.stderr, flush=True)
    text = json.dumps(results, indent=2) + "\n"
    print(text)
    with atomic(Path("benchmarks/results/frames.json")) as temporary:
        temporary.write_text(text)


if __name__ == "__main__":
    main()
