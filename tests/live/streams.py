"""A camera on the network: pictures one after the other over HTTP, as many cameras send them."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from mien.images import Picture, encode_jpeg

BOUNDARY = "picture"


@contextmanager
def camera(pictures: Sequence[Picture], fps: float, frames: int | None = None) -> Iterator[str]:
    """Serve the pictures over and over, or so many frames; give the address."""
    encoded = [encode_jpeg(picture, 90) for picture in pictures]
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
            self.send_header("Content-Type", kind)
            self.end_headers()
            begun = time.monotonic()
            for number in count() if frames is None else range(frames):
                if is_over.wait(max(0.0, begun + number / fps - time.monotonic())):
                    return
                try:
                    self.send(encoded[number % len(encoded)])
                except OSError:
                    return

        def send(self, data: bytes) -> None:
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + data + b"\r\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video.mjpg"
    finally:
        is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()
