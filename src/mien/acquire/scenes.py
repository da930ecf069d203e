"""Scenes: pictures as they came, on their way into a shard."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mien.errors import PictureError
from mien.ids import scene_id
from mien.images import decode, encode_jpeg, size_of
from mien.shards import Row

if TYPE_CHECKING:
    from mien.acquire.drawn import DrawnScene

UNKNOWN = "unknown"
DRAWN_LICENCE = "CC0-1.0"
DRAWN_QUALITY = 92


@dataclass(frozen=True)
class Item:
    """One fetched picture: its bytes, and what is known of where it comes from."""

    item_id: str
    image: bytes
    author: str = UNKNOWN
    time_s: float | None = None
    page_url: str = UNKNOWN
    licence: str = UNKNOWN
    fetched_at: str = UNKNOWN


def scene_row(item: Item, source_id: str, position: int, max_megapixels: float) -> Row:
    """Return the item as a row of a scenes shard; its bytes are kept as they are.

    The picture is decoded once to be sure that later phases can. Raises PictureError with the
    reason when it cannot be, or when its header says that it is larger than `max_megapixels`.
    """
    width, height = size_of(item.image)
    if width * height > max_megapixels * 1e6:
        raise PictureError(f"{width} x {height} pixels; acquire.max_megapixels is {max_megapixels}")
    rows, columns = decode(item.image).shape[:2]
    return {
        "scene_id": scene_id(item.image),
        "source_id": source_id,
        "position": position,
        "image": item.image,
        "width": columns,
        "height": rows,
        "item_id": item.item_id,
        "author": item.author,
        "time_s": item.time_s,
        "page_url": item.page_url,
        "licence": item.licence,
        "fetched_at": item.fetched_at,
    }


def drawn_rows(scenes: "Iterable[DrawnScene]", source_id: str, truth: list[Row]) -> Iterator[Row]:
    """Yield drawn scenes as rows of a shard, as JPEG; add their faces to `truth`."""
    for position, scene in enumerate(scenes):
        item = Item(
            scene.item_id,
            encode_jpeg(scene.image, DRAWN_QUALITY),
            author=scene.author,
            time_s=scene.time_s,
            licence=DRAWN_LICENCE,
        )
        height, width = scene.image.shape[:2]
        row = scene_row(item, source_id, position, max_megapixels=width * height / 1e6)
        truth.extend({"scene_id": row["scene_id"], **asdict(face)} for face in scene.faces)
        yield row


def utc(timestamp: float) -> str:
    """Return a time in seconds since 1970 as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
