"""A fake Flickr on the loopback address: its search, and the files of its photos.

It answers as Flickr does: at most 500 photos a page and 4,000 a search, after which the last page
comes again and again. What it shall do wrong is a `Reply`, for the next calls or for a file.
"""

import io
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from PIL import Image

from mien.acquire.drawing.drawn import draw_source
from mien.images import encode_jpeg

KEY, SECRET = "0123456789abcdef0123456789abcdef", "fedcba9876543210"
REACH = 4000
SIZES = {"t": 100, "m": 240, "n": 320, "w": 400, "z": 640, "c": 800, "l": 1024, "h": 1600}
OWNERS = ["Ada Lovelace", "Grace Hopper", "Ada Lovelace", "Mary Somerville"]  # two of one name
PLACEHOLDER = "/photo_unavailable.png"  # what a removed photo is redirected to


@dataclass(frozen=True)
class Reply:
    """An answer: as it should be, but for what is said here."""

    status: int = 200
    body: bytes | None = None  # None: what was asked for
    headers: dict[str, str] = field(default_factory=dict)
    share: float = 1.0  # of the body that is sent
    admits: bool = False  # Content-Length says what is sent, not what should have been
    stall_s: float = 0.0  # before the body


def fail(code: int, message: str) -> Reply:
    """Return how Flickr says that a call failed: with status 200."""
    return Reply(body=json.dumps({"stat": "fail", "code": code, "message": message}).encode())


def busy(status: int = 503, after: str = "1") -> Reply:
    return Reply(status, b"busy", {"Retry-After": after})


OK, GONE, NOT_FOUND = Reply(), Reply(410, b""), Reply(404, b"")
HTML = Reply(body=b"<html><body>Bad gateway</body></html>", headers={"Content-Type": "text/html"})
REMOVED = Reply(302, b"", {"Location": PLACEHOLDER})
CUT, TRUNCATED = Reply(share=0.5), Reply(share=0.5, admits=True)


@dataclass(frozen=True)
class FakePhoto:
    number: int
    title: str
    licence: int
    uploaded: int
    width: int = 2048
    height: int = 1536

    @property
    def id(self) -> str:
        return str(50_000_000_000 + self.number)

    def in_json(self, extras: set[str], url: str) -> dict:
        owner = self.number % len(OWNERS)
        told = {"id": self.id, "owner": f"{1000 + owner}@N00", "title": self.title, "ispublic": 1}
        if "license" in extras:
            told["license"] = str(self.licence)
        if "owner_name" in extras:
            told["ownername"] = OWNERS[owner]
        if "date_upload" in extras:
            told["dateupload"] = str(self.uploaded)
        for size, (width, height) in self.sizes().items():
            if f"url_{size}" in extras:
                told[f"url_{size}"] = f"{url}/photos/{self.id}_5ec3e7_{size}.jpg"
                told[f"width_{size}"], told[f"height_{size}"] = width, height
        return told

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return width and height of each size; Flickr makes none that is larger than the original."""
        longer = max(self.width, self.height)
        return {
            size: (round(self.width * px / longer), round(self.height * px / longer))
            for size, px in {**SIZES, "o": longer}.items()
            if px <= longer
        }


def make_photos(count: int, title: str = "a happy face", licence: int = 4) -> list[FakePhoto]:
    """Return photos of 2010 to 2024, many on some days and none on others."""
    chance = random.Random(title)
    days = [chance.randrange(1_262_304_000, 1_735_689_600, 86_400) for _ in range(1 + count // 20)]
    dates = [chance.choice(days) + chance.randrange(86_400) for _ in range(count)]
    first = chance.randrange(10**9)
    return [FakePhoto(first + n, title, licence, date) for n, date in enumerate(dates)]


def colour_blocks(photo: FakePhoto, width: int, height: int) -> bytes:
    """Return a JPEG that shows the same for the same photo, and for no other one."""
    blocks = Image.frombytes("RGB", (8, 6), random.Random(photo.id).randbytes(8 * 6 * 3))
    file = io.BytesIO()
    blocks.resize((width, height), Image.Resampling.NEAREST).save(file, "JPEG", quality=85)
    return file.getvalue()


def drawn_faces(photo: FakePhoto, *_size: int) -> bytes:
    """Return a drawn scene with faces, of another cast for each photo; it is 640 x 480 pixels."""
    (scene,) = draw_source(f"happy-{photo.number}", 1)
    return encode_jpeg(scene.image)


@dataclass
class FakeFlickr:
    """What there is, what goes wrong, and what was asked; `url` is that of the server."""

    photos: list[FakePhoto] = field(default_factory=list)
    replies: Iterator[Reply] = field(default_factory=lambda: iter(()))  # to the next calls
    files: dict[str, Iterator[Reply]] = field(default_factory=dict)  # the same, by photo
    draw: Callable[[FakePhoto, int, int], bytes] = colour_blocks
    drifts: bool = False  # a photo is deleted after every call, so that the others move up
    is_unsorted: bool = False  # the photos come in an order of its own
    overlaps: bool = False  # a page begins with the last ten photos of the page before
    url: str = ""
    calls: list[dict[str, str]] = field(default_factory=list)  # the parameters of each call,
    call_times: list[float] = field(default_factory=list)  # and when it came, by time.monotonic
    fetched: list[tuple[float, str]] = field(default_factory=list)  # the same of files: the path
    at_once: int = 0
    most_at_once: int = 0  # requests for files
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rest_url(self) -> str:
        return f"{self.url}/services/rest/"

    def search(self, asked: dict[str, str], key: str) -> Reply:
        """Return the answer to flickr.photos.search."""
        with self.lock:
            self.calls.append(asked)
            self.call_times.append(time.monotonic())
            reply = next(self.replies, OK)
            found = self._matching(asked)
            if self.drifts and found:
                self.photos.remove(found[len(found) // 3])
        if reply.body is not None:
            return reply
        if key != KEY:
            return fail(100, f"Invalid API Key (Key {key} not found)")
        if asked.get("method") != "flickr.photos.search":
            return fail(112, f'Method "{asked.get("method")}" not found')
        if not asked.get("text", "").strip():
            return fail(3, "Parameterless searches have been disabled.")
        page = json.dumps({"photos": self._page(found, asked), "stat": "ok"}).encode()
        return replace(reply, body=page)

    def _matching(self, asked: dict[str, str]) -> list[FakePhoto]:
        since, until = int(asked.get("min_upload_date", 0)), int(asked.get("max_upload_date", 2e9))
        licences = set(asked.get("license", "").split(",")) - {""}
        words = set(asked.get("text", "").lower().split())
        found = [
            photo
            for photo in self.photos
            if since <= photo.uploaded <= until
            and (not licences or str(photo.licence) in licences)
            and words <= set(photo.title.lower().split())
        ]
        if self.is_unsorted:
            return sorted(found, key=lambda photo: photo.id[::-1])
        return sorted(found, key=lambda photo: (photo.uploaded, photo.id), reverse=True)

    def _page(self, found: list[FakePhoto], asked: dict[str, str]) -> dict:
        per_page = min(int(asked.get("per_page", 100)), 500)
        last = -(-min(len(found), REACH) // per_page) or 1
        page = min(int(asked.get("page", 1)), last)
        start = (page - 1) * per_page
        before = 10 if self.overlaps and start else 0
        extras = set(asked.get("extras", "").split(","))
        shown = found[:REACH][start - before : start + per_page]
        photos = [photo.in_json(extras, self.url) for photo in shown]
        pages = -(-len(found) // per_page)
        counts = {"page": page, "pages": pages, "perpage": per_page, "total": len(found)}
        return {**counts, "photo": photos}

    def file(self, path: str) -> tuple[Reply, bytes]:
        """Return what to do about a file that was asked for, and what is in it."""
        name = re.fullmatch(r"/photos/(\d+)_5ec3e7_(\w+)\.jpg", path)
        photo = next((p for p in self.photos if name and p.id == name[1]), None)
        if path == PLACEHOLDER:
            file = io.BytesIO()
            Image.new("RGB", (500, 374), "lightgrey").save(file, "PNG")
            return OK, file.getvalue()
        if photo is None:
            return NOT_FOUND, b""
        with self.lock:
            reply = next(self.files.get(photo.id, iter(())), OK)
        return reply, self.draw(photo, *photo.sizes()[name[2]])

    @contextmanager
    def counted(self, path: str) -> Iterator[None]:
        with self.lock:
            self.fetched.append((time.monotonic(), path))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self.lock:
                self.at_once -= 1


@contextmanager
def fake_flickr(photos: list[FakePhoto]) -> Iterator[FakeFlickr]:
    """Serve the photos for as long as the context lasts."""
    flickr = FakeFlickr(photos)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            key = re.search(r'oauth_consumer_key="(\w*)"', self.headers.get("Authorization", ""))
            self.reply(flickr.search(asked, key[1] if key else ""), b"")

        def do_GET(self):
            with flickr.counted(self.path):
                self.reply(*flickr.file(self.path))

        def reply(self, reply: Reply, body: bytes) -> None:
            body = body if reply.body is None else reply.body
            sent = body[: round(len(body) * reply.share)]
            self.send_response(reply.status)
            length = len(sent) if reply.admits else len(body)
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            time.sleep(reply.stall_s)
            self.wfile.write(sent)

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(ConnectionError):  # a client that did not wait
                super().handle()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        flickr.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield flickr
        server.shutdown()
