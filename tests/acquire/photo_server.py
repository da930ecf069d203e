"""A server of photos on the loopback address, some of which come as photos on the web do."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from zlib import crc32

import numpy as np
import pillow_heif
from PIL import Image

PLACEHOLDER = "/pw/images/en-us/photo_unavailable.png"


def picture(seed: int = 0, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Return coloured blocks, others for another seed: red at the left, blue at the right."""
    blocks = np.random.default_rng(seed).integers(0, 80, (6, 8, 3), np.uint8)
    blocks[:, 0] = (250, 0, 0)
    blocks[:, -1] = (0, 0, 250)
    return Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)


def encoded(image: Image.Image, form: str = "JPEG", **settings: object) -> bytes:
    file = BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes whose header declares 144 megapixels."""
    data = bytearray(encoded(picture(), "PNG"))
    data[16:24] = (12_000).to_bytes(4, "big") * 2
    data[29:33] = crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def heic() -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(picture()).save(file)
    return file.getvalue()


def turned() -> bytes:
    """Return a photo that lies on its side, with EXIF orientation 6, which says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(picture().transpose(Image.Transpose.ROTATE_90), exif=exif)


JPEG = encoded(picture())
FILES = {
    "fine": JPEG,
    "cut": JPEG[: len(JPEG) // 2],
    "page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "empty": b"",
    "bomb": bomb(),
    "heic": heic(),
    "animated": encoded(
        picture(), "GIF", save_all=True, append_images=[picture(1), picture(2)], duration=100
    ),
    "turned": turned(),
    "cmyk": encoded(picture().convert("CMYK")),
}


class PhotoServer(ThreadingHTTPServer):
    """What was asked, when, and how many at once; `/number-7` is a photo of its own."""

    daemon_threads = True

    def __init__(self, delay_s: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.delay_s = delay_s
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        self.asked: list[tuple[float, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def counts(self) -> Counter[str]:
        return Counter(path for _, path in self.asked)

    def times(self, path: str) -> list[float]:
        return [at for at, asked in self.asked if asked == path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: PhotoServer

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            self.server.asked.append((time.monotonic(), self.path))
        time.sleep(self.server.delay_s)
        try:
            self.answer(self.path.removeprefix("/").removesuffix(".jpg"))
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.server.lock:
                self.server.at_once -= 1

    def answer(self, name: str) -> None:
        first = self.server.counts()[self.path] == 1
        if name in FILES:
            self.send(FILES[name])
        elif name.startswith("number-"):
            self.send(encoded(picture(int(name.removeprefix("number-")))))
        elif name.isdigit():
            self.send(b"", int(name))
        elif self.path == PLACEHOLDER:
            self.send(encoded(picture(9), "PNG"))
        elif name in ("removed", "moved"):
            self.send(b"", 302, Location=PLACEHOLDER if name == "removed" else "/else/moved.jpg")
        elif name == "else/moved":
            self.send(JPEG)
        elif name == "busy-once":
            self.send(*((b"", 503) if first else (JPEG, 200)), **{"Retry-After": "1"})
        elif name == "busy-for-long":
            self.send(b"", 503, **{"Retry-After": "3600"})
        elif name == "short":
            self.send(JPEG[:100], length=len(JPEG))
        elif name == "short-once":
            self.send(JPEG[: 100 if first else None], length=len(JPEG))
        elif name == "drip":
            self.send(JPEG, pause_s=0.05)
        elif name == "after-12":  # answered when twelve others were
            while self.server.at_once > 1 or len(self.server.asked) <= 12:
                time.sleep(0.01)
            self.send(JPEG)
        elif name == "stall":
            time.sleep(3)
        elif name == "dropped":
            self.close_connection = True

    def send(
        self, body: bytes, status: int = 200, length: int | None = None, pause_s: float = 0,
        **headers: str,
    ) -> None:  # fmt: skip
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for place in range(0, len(body), 8) if pause_s else [0]:
            self.wfile.write(body[place : place + 8] if pause_s else body)
            self.wfile.flush()
            time.sleep(pause_s)
        if length is not None and length > len(body):
            self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@contextmanager
def photo_server(delay_s: float = 0) -> Iterator[PhotoServer]:
    server = PhotoServer(delay_s)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
