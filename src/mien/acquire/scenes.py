"""Pictures as rows of a shard of scenes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from mien import __version__
from mien.acquire.tables import UNKNOWN
from mien.errors import PictureError
from mien.ids import scene_id
from mien.images import decode, size_of
from mien.shards import Row


@dataclass(frozen=True)
class Item:
    """One fetched picture: its bytes and its origin."""

    item_id: str
    image: bytes
    title: str = UNKNOWN
    author: str = UNKNOWN
    time_s: float | None = None
    page_url: str = UNKNOWN
    licence: str = UNKNOWN
    fetched_at: str = UNKNOWN
    sha256: str = ""  # of the fetched file, if the picture is only a part of it
    tool: str = f"mien {__version__}"


def scene_row(item: Item, source_id: str, position: int, max_megapixels: float) -> Row:
    """Return the item as a row of scenes. Raises PictureError as `check_picture` does."""
    width, height = check_picture(item.image, max_megapixels)
    return {
        "scene_id": scene_id(item.image),
        "source_id": source_id,
        "position": position,
        "width": width,
        "height": height,
        **vars(item),
        "sha256": item.sha256 or sha256(item.image).hexdigest(),
    }


def check_picture(image: bytes, max_megapixels: float) -> tuple[int, int]:
    """Decode the picture; return its upright width and height.

    Raises PictureError with the reason when it cannot be decoded or exceeds `max_megapixels`.
    """
    width, height = size_of(image)
    if width * height > max_megapixels * 1e6:
        limit = f"{max_megapixels:g}"
        raise PictureError(f"{width} x {height} pixels; acquire.max_megapixels is {limit}")
    rows, columns = decode(image).shape[:2]
    return columns, rows


def skip(source_id: str, item_id: str, state: str, reason: str) -> Row:
    """Return a row of the table of skipped items; `state` is one of tables.STATES."""
    return {"source_id": source_id, "item_id": item_id, "state": state, "reason": reason}


def utc(timestamp: float) -> str:
    """Return a time in seconds since 1970 as ISO 8601 in UTC; `unknown` beyond the calendar."""
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return UNKNOWN
