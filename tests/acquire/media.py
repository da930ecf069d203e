"""A web server on the loopback address that serves a folder, well or badly, and counts what it sends.

`behaviours` is a table of paths and what is wrong there; a behaviour answers by itself and returns
True, or returns False to let the file be sent.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"
TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".ts": "video/mp2t", ".m4a": "audio/mp4"}


@dataclass
class Request:
    """What was asked for, and how many bytes of body were sent."""

    method: str
    path: str
    range: str | None
    sent: int = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pause_s = 0.0  # after every 16 KB

    def do_GET(self):
        self.request_made = Request(self.command, self.path, self.headers["Range"])
        self.server.requests.append(self.request_made)
        path = self.path.split("?")[0]
        behave = self.server.behaviours.get(path)
        if behave is None or not behave(self):
            self.send_file(ranges=self.server.ranges)

    def do_HEAD(self):
        self.do_GET()

    def send_file(self, ranges=True):
        """Send the file, or the part asked for."""
        file = self.server.folder / self.path.split("?")[0].lstrip("/")
        if not file.is_file():
            self.answer(404)
            return
        content, status, headers = file.read_bytes(), 200, {"ETag": self.server.version(file)}
        headers["Content-Type"] = TYPES.get(file.suffix, "application/octet-stream")
        if ranges and self.request_made.range:
            first, _, last = self.request_made.range.removeprefix("bytes=").partition("-")
            size, first = len(content), int(first)
            if first >= size:
                self.answer(416, headers={"Content-Range": f"bytes */{size}"})
                return
            last = min(int(last or size - 1), size - 1)
            content, status = content[first : last + 1], 206
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        if ranges:
            headers["Accept-Ranges"] = "bytes"
        self.answer(status, content, headers)

    def answer(self, status, body=b"", headers=None, length=None):
        """Send the answer, `length` bytes of it announced."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            for start in range(0, len(body), 16384):
                chunk = body[start : start + 16384]
                self.request_made.sent += len(chunk)  # first, as the client may count at once
                self.wfile.write(chunk)
                sleep(self.pause_s)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if length is not None and length != len(body):
            self.close_connection = True

    def log_message(self, *_):
        pass


Behaviour = Callable[[Handler], bool]


class Media(ThreadingHTTPServer):
    """The server: `requests` are those made so far, in order."""

    def __init__(self, folder: Path, ranges: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.ranges = folder, ranges
        self.requests: list[Request] = []
        self.behaviours: dict[str, Behaviour] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def sent(self) -> int:
        return sum(request.sent for request in self.requests)

    @staticmethod
    def version(file: Path) -> str:
        return f'"{file.stat().st_mtime_ns}"'

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the tests


@contextmanager
def serving(folder: Path, ranges: bool = True) -> Iterator[Media]:
    """Give a server of the folder, listening on a free port."""
    with Media(folder, ranges) as media:
        threading.Thread(target=media.serve_forever, args=(0.05,), daemon=True).start()
        yield media
        media.shutdown()


def busy(times: int, retry_after_s: int = 1) -> Behaviour:
    """Answer 503 so many times."""
    left = iter(range(times))

    def behave(handler: Handler) -> bool:
        if next(left, None) is None:
            return False
        handler.answer(503, headers={"Retry-After": str(retry_after_s)})
        return True

    return behave


def status(code: int) -> Behaviour:
    """Answer with this status, such as 404, always."""
    return lambda handler: handler.answer(code) or True


def page(handler: Handler) -> bool:
    """Send a web page in the file's place, as if all were well."""
    handler.answer(200, PAGE, {"Content-Type": "text/html"})
    return True


def moved(to: str) -> Behaviour:
    """Redirect to another path."""
    return lambda handler: handler.answer(302, headers={"Location": to}) or True


def stalled(handler: Handler) -> bool:
    """Accept the request and send nothing for a long time."""
    sleep(5)
    handler.close_connection = True
    return True


def slow(pause_s: float) -> Behaviour:
    """Pause after every 16 KB."""

    def behave(handler: Handler) -> bool:
        handler.pause_s = pause_s
        handler.send_file()
        del handler.pause_s  # the connection may be used again
        return True

    return behave


def whole(handler: Handler) -> bool:
    """Send the whole file whatever part was asked for."""
    handler.send_file(ranges=False)
    return True


def cut(share: float, announced: bool) -> Behaviour:
    """Send only this share of the answer; `announced`: with a Content-Length that says so."""

    def behave(handler: Handler) -> bool:
        answer = handler.answer

        def shorter(code, body=b"", headers=None):
            kept = body[: int(len(body) * share)]
            answer(code, kept, headers, len(kept) if announced else len(body))

        handler.answer = shorter
        handler.send_file()
        del handler.answer  # the connection may be used again
        return True

    return behave


def elsewhere(handler: Handler) -> bool:
    """Send another part than was asked for."""
    handler.request_made.range = "bytes=7-1006"
    handler.send_file()
    return True
