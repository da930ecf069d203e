"""Fetching photos, several at a time; each ends in an outcome."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from mien import __version__
from mien.acquire.downloads import Downloads, Outcome
from mien.acquire.flickr import Photo
from mien.acquire.patience import FetchError, Rests, patiently
from mien.acquire.scenes import check_picture, utc
from mien.errors import PictureError
from mien.files import atomic
from mien.images import format_of
from mien.params import AcquireParams

TOOL = f"mien {__version__}"
CHUNK = 1 << 16
WINDOW = 3  # so many times the photos under way may wait for the slowest one
MAX_BYTES = 50_000_000


def fetch_photos(
    wanted: Iterable[Photo], downloads: Downloads, params: AcquireParams
) -> Iterator[Outcome]:
    """Fetch the photos that were not asked for yet; yield the outcome of each, in their order.

    At most `acquire.photos_at_a_time` are under way at once.
    """
    for leftover in downloads.folder.glob(".*"):  # of a killed run
        leftover.unlink()
    with requests.Session() as session, ThreadPoolExecutor(params.photos_at_a_time) as threads:
        adapter = HTTPAdapter(pool_maxsize=params.photos_at_a_time)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        session.headers["User-Agent"] = TOOL
        asking: deque[Outcome | Future[Outcome]] = deque()
        pending: set[Future[Outcome]] = set()
        rests = Rests()
        try:
            for photo in wanted:
                if known := downloads.outcome(photo.item_id, photo.url, downloads.folder):
                    asking.append(known)
                else:
                    folder = downloads.folder
                    asked = threads.submit(_outcome, photo, session, folder, params, rests)
                    asking.append(asked)
                    pending.add(asked)
                if len(asking) > WINDOW * params.photos_at_a_time:
                    yield _kept(asking.popleft(), pending, downloads)
            while asking:
                yield _kept(asking.popleft(), pending, downloads)
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _kept(
    asked: "Outcome | Future[Outcome]", pending: set[Future[Outcome]], downloads: Downloads
) -> Outcome:
    """Wait for a photo's outcome and return it; keep every outcome that comes meanwhile."""
    if isinstance(asked, Outcome):
        return asked
    while asked in pending:
        for finished in wait(pending, return_when=FIRST_COMPLETED).done:
            downloads.keep(finished.result())
            pending.remove(finished)
    return asked.result()


def _outcome(
    photo: Photo, session: requests.Session, folder: Path, params: AcquireParams, rests: Rests
) -> Outcome:
    """Fetch one photo into the folder; return its outcome."""
    try:
        ask = partial(_fetch, photo, session, params)
        image = patiently(params, lambda: rests.ask(photo.url, ask))
        suffix = _judge(image, params)
    except FetchError as error:
        return Outcome(photo.item_id, photo.url, error.state, error.reason, tool=TOOL)
    file = folder / f"{photo.item_id}{suffix}"
    with atomic(file) as temporary:
        temporary.write_bytes(image)
    return Outcome(
        item_id=photo.item_id,
        asked=photo.url,
        state="fetched",
        file=file.name,
        sha256=sha256(image).hexdigest(),
        fetched_at=utc(time.time()),
        tool=TOOL,
        about=photo.about,
    )


def _fetch(photo: Photo, session: requests.Session, params: AcquireParams) -> bytes:
    """Return the content of the photo's address. Raises FetchError."""
    deadline = time.monotonic() + params.timeout_s
    try:
        with session.get(photo.url, stream=True, timeout=params.timeout_s) as response:
            if response.status_code != 200:
                after = response.headers.get("Retry-After")
                raise FetchError.by_status(response.status_code, after)
            if response.history and not _is_same(photo, response.url):
                raise FetchError("gone", "it leads to a placeholder, so it was removed")
            image = bytearray()
            # `read1` returns what is there: a slow server must not hold the thread
            while part := response.raw.read1(CHUNK, decode_content=True):
                image += part
                if len(image) > MAX_BYTES:
                    raise FetchError("unusable", f"larger than {MAX_BYTES // 1_000_000} MB")
                if time.monotonic() > deadline:
                    raise requests.Timeout
            return bytes(image)
    except (requests.Timeout, ReadTimeoutError):
        reason = f"not here within {params.timeout_s:g} s"
    except (requests.ConnectionError, HTTPError):
        reason = "the connection failed, or ended in the middle"
    except requests.RequestException as error:
        raise FetchError("failed", type(error).__name__) from None
    raise FetchError("failed", reason, again=True)


def _is_same(photo: Photo, url: str) -> bool:
    """Return whether a redirect leads to a file of the photo's name.

    For a removed photo Flickr redirects to a picture that says so.
    """
    asked, led = (PurePosixPath(urlsplit(place).path).stem for place in (photo.url, url))
    return asked == led


def _judge(image: bytes, params: AcquireParams) -> str:
    """Return the suffix of the picture's format. Raises FetchError when it is no usable picture."""
    try:
        check_picture(image, params.max_megapixels)
    except PictureError as error:
        is_page = image.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
        raise FetchError("unusable", "a web page, no picture" if is_page else str(error)) from None
    return f".{format_of(image)}"
