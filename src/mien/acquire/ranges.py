"""A file on a server, of which only what is read is fetched, and that once.

Beside the sparse file of `path` lies `path`.blocks: what the server said of the file, and a line
for every block that is held, with its CRC-32, written after the block itself. So a run that was
killed loses one block at most.
"""

import io
import json
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests

BLOCK = 128 * 1024
Address = tuple[str, Mapping[str, str]]  # a URL, and the headers to ask with


class NoRanges(Exception):  # noqa: N818 (it names what is missing)
    """The server cannot send parts of the file; the message says what it did instead."""


class RangeFile(io.RawIOBase):
    """A seekable file to read, with the blocks that were read before on the disk.

    `address` is called when the first block is missing, as addresses expire. Reading raises
    NoRanges, and requests.RequestException for an answer that failed, was short or was not what
    was asked for. When the file changed on the server, the blocks are dropped; where some of them
    were read already, that is a requests.ConnectionError, and the reader must begin again.
    """

    def __init__(self, path: Path, address: Callable[[], Address], timeout_s: float) -> None:
        self._path, self._map = path, path.with_name(f"{path.name}.blocks")
        self._find, self._timeout_s = address, timeout_s
        self._address: Address | None = None
        self._session = requests.Session()
        self._place, self._was_read = 0, False
        self._about: dict[str, Any] = {}
        self._held: dict[int, int] = {}
        if path.is_file() and self._map.is_file():
            self._load()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._file = path.open("r+b", buffering=0)

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        if not self._about:
            self._fetch(0)
        return int(self._about["size"])

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer up to the end of a block; return how many bytes were read."""
        view = memoryview(buffer).cast("B")
        if not view or self._place >= self.size:
            return 0
        block, offset = divmod(self._place, BLOCK)
        content = self._block(block)[offset : offset + len(view)]
        view[: len(content)] = content
        self._place += len(content)
        self._was_read = True
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which may lie beyond the end; return it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place}
        place = offset + (self.size if whence == io.SEEK_END else origin[whence])
        if place < 0:
            raise ValueError(f"a place before the beginning: {place}")
        self._place = place
        return place

    def tell(self) -> int:
        """Return the place where the next read begins."""
        return self._place

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the file and the connection."""
        if not self.closed:
            self._session.close()
            self._file.close()
        super().close()

    def _block(self, number: int) -> bytes:
        if number in self._held:
            self._file.seek(number * BLOCK)
            content = self._file.read(self._length(number))
            if zlib.crc32(content) == self._held[number]:
                return content
        return self._fetch(number)

    def _length(self, number: int) -> int:
        return min(BLOCK, self.size - number * BLOCK)

    def _fetch(self, number: int) -> bytes:
        """Return a block that the server sends, having kept it."""
        if self._address is None:
            self._address = self._find()
        url, headers = self._address
        first = number * BLOCK
        last = (min(first + BLOCK, self._about["size"]) if self._about else first + BLOCK) - 1
        asked = {**headers, "Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}
        with self._session.get(
            url, headers=asked, stream=True, timeout=self._timeout_s
        ) as response:
            about = _about(response, first, last)
            if about != self._about:
                self._begin(about)
            content = _body(response, self._length(number))
        self._keep(number, content)
        return content

    def _begin(self, about: dict[str, Any]) -> None:
        """Start anew with another file than that of the blocks held."""
        known, self._about, self._held = self._about, about, {}
        self._map.unlink(missing_ok=True)
        self._file.truncate(0)
        self._map.write_text(json.dumps(about) + "\n", encoding="utf-8")
        if known and self._was_read:
            raise requests.ConnectionError("the file changed on the server; begin again")

    def _keep(self, number: int, content: bytes) -> None:
        self._file.seek(number * BLOCK)
        self._file.write(content)
        self._held[number] = zlib.crc32(content)
        with self._map.open("a", encoding="utf-8") as lines:
            lines.write(f"{number} {self._held[number]}\n")

    def _load(self) -> None:
        """Take up what an earlier run held; half a line is one that was being written."""
        first, *lines = self._map.read_text(encoding="utf-8").split("\n")[:-1] or [""]
        if first:
            self._about = json.loads(first)
            pairs = (line.split(" ") for line in lines)
            self._held = {int(number): int(crc) for number, crc in pairs}


def _about(response: requests.Response, first: int, last: int) -> dict[str, Any]:
    """Return the size and version of the file; raise when this is not the part asked for."""
    response.raise_for_status()
    place = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
    encoding = response.headers.get("Content-Encoding", "identity")
    if response.status_code != 206 or place is None or encoding != "identity":
        raise NoRanges(f"status {response.status_code} without the part of the file asked for")
    begins, ends, size = map(int, place.groups())
    if begins != first or ends != min(last, size - 1):
        raise requests.ConnectionError(f"asked for bytes {first}-{last}, got {begins}-{ends}")
    version = response.headers.get("ETag") or response.headers.get("Last-Modified", "")
    return {"size": size, "version": version, "block": BLOCK}


def _body(response: requests.Response, length: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(BLOCK):
        content += chunk
        if len(content) > length:
            break
    if len(content) != length:
        raise requests.ConnectionError(f"{len(content)} bytes came where {length} were announced")
    return bytes(content)
