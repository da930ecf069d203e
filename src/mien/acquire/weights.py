"""Pretrained weights: fetched by URL or copied from a path, and checked by their hash."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from mien import layout
from mien.acquire.sources import own_place
from mien.errors import SourceError
from mien.files import atomic
from mien.ids import sha256_of
from mien.params import Weights
from mien.progress import track

CHUNK = 1 << 20
TIMEOUT_S = 30


def fetch_weights(name: str, weights: Weights, path: Path) -> None:
    """Write the weights to `path`, whole or not at all.

    A file of this name and hash that `mien acquire weights` fetched is taken, and not kept on.
    Raises SourceError when they cannot be fetched, or their sha256 differs.
    """
    kept = layout.FETCHED / name
    if kept.is_file() and sha256_of(kept) == weights.sha256:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept.replace(path)
        return
    digest = hashlib.sha256()
    with atomic(path) as temporary, temporary.open("wb") as file:
        for chunk in _chunks(name, weights):
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != weights.sha256:
            raise SourceError(
                f"{name}: its sha256 is {digest.hexdigest()}, but params.yaml says "
                f"{weights.sha256}; if you trust the file, put its hash there"
            )


def _chunks(name: str, weights: Weights) -> Iterator[bytes]:
    """Yield the content of the path or URL."""
    if weights.path is not None:
        try:
            with own_place(weights.path).open("rb") as file:
                yield from iter(lambda: file.read(CHUNK), b"")
        except OSError as error:
            raise SourceError(f"{name}: {weights.path}: {error.strerror}") from None
        return
    assert weights.url is not None
    yield from download(name, weights.url)


def download(name: str, url: str) -> Iterator[bytes]:
    """Yield the content of a URL; raise SourceError, with ways to do without, where none comes."""
    import requests

    try:
        with requests.get(url, stream=True, timeout=TIMEOUT_S) as response:
            response.raise_for_status()
            size = int(response.headers.get("Content-Length", 0))
            chunks = response.iter_content(CHUNK)
            yield from track(chunks, name, -(-size // CHUNK) or None)
    except requests.RequestException as error:
        raise SourceError(
            f"{name}: {url} cannot be fetched ({_reason(error)}); fetch it elsewhere and give its "
            "path under acquire.weights, or do without it: the variants' weights "
            "yolov8n-cls.yaml and random, and the detector haar, need no file"
        ) from None


def _reason(error: Exception) -> str:
    """Return the status, or the kind of failure, of an error of requests."""
    response = getattr(error, "response", None)
    return f"status {response.status_code}" if response is not None else type(error).__name__
