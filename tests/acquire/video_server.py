"""A server of videos on the loopback address: a feed of them, ranges, and what goes wrong."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import numpy as np

SLICE = 1 << 16


@dataclass
class VideoServer:
    """What files there are, what goes wrong with each, and what was asked: path, range, time."""

    files: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)  # of the next answers
    retry_after: str = "1"
    stalls: set[str] = field(default_factory=set)
    pause_s: float = 0.0  # after every 64 KB
    url: str = ""
    asked: list[tuple[str, str, float]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def feed(self, *paths: str) -> str:
        """Make a feed of the paths at /feed.xml, which yt-dlp takes as a playlist; return its address."""
        items = "".join(
            f"<item><title>{path}</title><link>{self.url}{path}</link></item>" for path in paths
        )
        channel = f"<channel><title>Feed</title>{items}</channel>"
        self.files["/feed.xml"] = (
            f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()
        )
        return f"{self.url}/feed.xml"

    def requests(self, path: str) -> list[tuple[str, float]]:
        return [(bytes_, at) for asked, bytes_, at in self.asked if asked == path]


def make_video(
    path: Path, seconds: int = 3, seed: int = 0, kilobytes: int = 0, start_s: int = 0
) -> bytes:
    """Write an H.264 video of 10 frames a second, whose picture changes every second."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        options = {"crf": "1"} if kilobytes else {}
        stream = container.add_stream("libx264", rate=10, options={"threads": "1", **options})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        number = 10 * start_s
        for _ in range(seconds):
            blocks = rng.integers(0, 255, (240, 320, 3) if kilobytes else (6, 8, 3), np.uint8)
            image = blocks.repeat(240 // len(blocks), 0).repeat(320 // blocks.shape[1], 1)
            for _ in range(10):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, number = number, number + 1
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def make_sound(path: Path) -> bytes:
    """Write an MP4 with a second of sound and no picture."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100)
        tone = np.sin(np.arange(44_100) / 20).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


@contextmanager
def video_server() -> Iterator[VideoServer]:
    served, lock = VideoServer(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                asked = (self.path, self.headers.get("Range", ""), time.monotonic())
                served.asked.append(asked)
                served.at_once += 1
                served.most_at_once = max(served.most_at_once, served.at_once)
            try:
                self.answer()
            except ConnectionError:
                pass
            finally:
                with lock:
                    served.at_once -= 1

        def answer(self) -> None:
            status = (served.statuses.get(self.path) or [200]).pop(0)
            if status != 200:
                self.head(status, 0, **{"Retry-After": served.retry_after})
                return
            if self.path not in served.files:
                self.head(404, 0)
                return
            body = served.files[self.path]
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))

            start = int(wanted[1]) if wanted else 0
            stop = min(int(wanted[2]) + 1, len(body)) if wanted and wanted[2] else len(body)
            if start >= len(body) and wanted:
                self.head(416, 0, **{"Content-Range": f"bytes */{len(body)}"})
                return
            extra = {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"} if wanted else {}
            kind = "text/xml" if self.path.endswith("xml") else "video/mp4"
            self.head(206 if wanted else 200, stop - start, **{"Content-Type": kind}, **extra)
            if self.path in served.stalls:
                time.sleep(5)
            for place in range(start, stop, SLICE):
                self.wfile.write(body[place : min(place + SLICE, stop)])
                time.sleep(served.pause_s)

        def head(self, status: int, length: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Length": str(length),
                "Accept-Ranges": "bytes",
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        served.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield served
        server.shutdown()
