"""Small videos for tests: every picture shows its own number, legibly after compression.

The number is drawn as binary digits, a row of black and white squares; a red bar along the top
edge says which way is up.
"""

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

WIDTH, HEIGHT, DIGITS = 192, 96, 12
CELL = WIDTH // DIGITS


def draw(number: int) -> np.ndarray:
    """Return the picture of that number, blue green red."""
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    picture[:16] = (0, 0, 255)
    for digit in range(DIGITS):
        left = digit * CELL
        picture[48:80, left : left + CELL] = 255 if number >> digit & 1 else 0
    moving = number * 5 % (WIDTH - 16)
    picture[24:40, moving : moving + 16] = (0, 200, 80)
    return picture


def read(picture: np.ndarray) -> int:
    """Return the number that the picture shows; fail when it isn't upright or legible."""
    assert picture.shape == (HEIGHT, WIDTH, 3)
    blue, _, red = picture[4:12].mean(axis=(0, 1))
    assert red > 200 > 60 > blue, "the red bar is not on top"
    greys = [picture[56:72, n * CELL + 4 : (n + 1) * CELL - 4].mean() for n in range(DIGITS)]
    assert all(grey < 60 or grey > 195 for grey in greys), "a digit is not legible"
    return sum(1 << n for n, grey in enumerate(greys) if grey > 128)


def write_video(
    path: Path,
    frames: int,
    fps: int = 25,
    keyframe_every: int = 12,
    codec: str = "libx264",
    times_s: Sequence[float] | None = None,  # of each frame; None: `fps` a second
    start_s: float = 0.0,
    turned: int = 0,  # degrees clockwise that a player must turn the pictures, as a phone writes
    noise: int = 0,  # grey levels of grain, which makes a file large
    options: dict[str, str] | None = None,
    audio: bool = False,
) -> Path:
    """Write a video whose n-th picture, from 0, shows n; return its path."""
    grain = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        sideways = turned in (90, 270)
        stream.width, stream.height = (HEIGHT, WIDTH) if sideways else (WIDTH, HEIGHT)
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, 1000 if times_s else fps)
        stream.codec_context.time_base = Fraction(1, 1000 if times_s else fps)
        stream.codec_context.gop_size = keyframe_every
        stream.codec_context.options = options or {}
        sound = container.add_stream("aac", rate=48000) if audio else None
        for number in range(frames):
            picture = draw(number)
            if noise:
                picture = np.clip(
                    picture + grain.integers(-noise, noise + 1, picture.shape), 0, 255
                )
            shown = np.ascontiguousarray(np.rot90(picture, turned // 90), np.uint8)
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            time_s = times_s[number] if times_s else number / fps
            frame.time_base = stream.codec_context.time_base
            frame.pts = round((start_s + time_s) / frame.time_base)
            container.mux(stream.encode(frame))
            if sound is not None:
                container.mux(_silence(sound, number, fps))
        for one in filter(None, (stream, sound)):
            container.mux(one.encode(None))
    if turned:
        _turn(path, turned)
    return path


def write_gif(path: Path, frames: int) -> Path:
    """Write an animation of 10 frames a second whose n-th picture, from 0, shows n; return its path."""
    first, *others = (Image.fromarray(draw(number)[:, :, ::-1]) for number in range(frames))
    first.save(path, save_all=True, append_images=others, duration=100)
    return path


def write_audio(path: Path, seconds: int = 2) -> Path:
    """Write a file of silence, without a video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        for number in range(seconds * 10):
            container.mux(_silence(stream, number, 10))
        container.mux(stream.encode(None))
    return path


def cut(path: Path, share: float) -> Path:
    """Leave of the file's bytes only this share, from its beginning."""
    os.truncate(path, int(path.stat().st_size * share))
    return path


def spoil(path: Path, at_share: float, content: bytes) -> Path:
    """Put other bytes in the place of those from that share of the file on."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * at_share))
        file.write(content)
    return path


def _silence(stream: av.AudioStream, number: int, rate: int) -> list[av.Packet]:
    frame = av.AudioFrame.from_ndarray(
        np.zeros((1, 48000 // rate), np.float32), format="fltp", layout="mono"
    )
    frame.sample_rate, frame.pts = 48000, number * (48000 // rate)
    return stream.encode(frame)


def _turn(path: Path, degrees: int) -> None:
    """Write the display matrix into an MP4 file's track header."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 0x4000]
    values = [v * 0x10000 for v in matrix]
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # version 0: the matrix comes 40 bytes after the flags
    content[place : place + 36] = b"".join(v.to_bytes(4, "big", signed=True) for v in values)
    path.write_bytes(content)
