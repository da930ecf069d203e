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
    mirrored: bool = False,  # whether a player must then swap left and right
    pixel_aspect: int = 1,  # how many times wider than high a player must show a pixel
    first: int = 0,  # what the first picture shows
    container_options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    noise: int = 0,  # grey levels of grain, which makes a file large
    options: dict[str, str] | None = None,
    audio: bool = False,
) -> Path:
    """Write a video whose n-th picture, from 0, shows n; return its path."""
    grain = np.random.default_rng(0)
    matrix = _matrix(turned, mirrored)
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=fps)
        height, width = _stored(draw(0), matrix, pixel_aspect).shape[:2]
        stream.width, stream.height = width, height
        if pixel_aspect != 1:
            stream.codec_context.sample_aspect_ratio = Fraction(pixel_aspect)
        stream.pix_fmt = pix_fmt
        stream.time_base = Fraction(1, 1000 if times_s else fps)
        stream.codec_context.time_base = Fraction(1, 1000 if times_s else fps)
        stream.codec_context.gop_size = keyframe_every
        stream.codec_context.options = options or {}
        sound = container.add_stream("aac", rate=48000) if audio else None
        for number in range(frames):
            picture = draw(first + number)
            if noise:
                picture = np.clip(
                    picture + grain.integers(-noise, noise + 1, picture.shape), 0, 255
                )
            shown = _stored(picture, matrix, pixel_aspect).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(shown, format="bgr24")
            time_s = times_s[number] if times_s else number / fps
            frame.time_base = stream.codec_context.time_base
            frame.pts = round((start_s + time_s) / frame.time_base)
            container.mux(stream.encode(frame))
            if sound is not None:
                container.mux(_silence(sound, number, fps))
        for one in filter(None, (stream, sound)):
            container.mux(one.encode(None))
    if turned or mirrored:
        _turn(path, matrix)
    return path


def trim(path: Path, to: Path, from_s: float) -> Path:
    """Copy an MP4's coded pictures so that an edit list hides those before a time; return `to`."""
    with av.open(str(path)) as whole, av.open(str(to), "w") as container:
        stream = container.add_stream_from_template(whole.streams.video[0])
        offset = round(from_s / whole.streams.video[0].time_base)
        whole.seek(offset, stream=whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.size:
                packet.pts, packet.dts = packet.pts - offset, packet.dts - offset
                packet.stream = stream
                container.mux(packet)
    return to


def join(path: Path, *parts: Path) -> Path:
    """Write the parts' bytes one after the other, as `cat` does; return the path."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
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


def cut_packet(path: Path, packet: int = 188) -> Path:
    """Leave of a transport stream's bytes the first third, up to the middle of a packet."""
    os.truncate(path, path.stat().st_size // 3 // packet * packet + packet // 2)
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


def _matrix(turned: int, mirrored: bool) -> tuple[int, ...]:
    """Return a, b, c, d: a player shows the stored pixel (x, y) at (a x + c y, b x + d y)."""
    turns = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = turns[turned]
    return (-a, b, -c, d) if mirrored else (a, b, c, d)


def _stored(picture: np.ndarray, matrix: tuple[int, ...], pixel_aspect: int) -> np.ndarray:
    """Return what must be stored, so that a player shows the picture."""
    a, b, c, d = matrix
    height, width = picture.shape[:2] if a else picture.shape[1::-1]
    y, x = np.mgrid[:height, :width]
    across, down = a * x + c * y, b * x + d * y
    return picture[down - down.min(), across - across.min()][:, pixel_aspect // 2 :: pixel_aspect]


def _turn(path: Path, matrix: tuple[int, ...]) -> None:
    """Write the display matrix into an MP4 file's track header."""
    a, b, c, d = (v * 0x10000 for v in matrix)
    values = [a, b, 0, c, d, 0, 0, 0, 0x40000000]
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # version 0: the matrix comes 40 bytes after the flags
    content[place : place + 36] = b"".join(v.to_bytes(4, "big", signed=True) for v in values)
    path.write_bytes(content)
