"""Pictures in a user's own folder and its sub-folders."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mien.acquire.scenes import Item, scene_row, skip, utc
from mien.acquire.tables import UNKNOWN
from mien.acquire.withdrawn import Withdrawn
from mien.errors import PictureError, SourceError
from mien.folders import name_in, read_file
from mien.shards import Row

SAME_FILE = "the same file as "


def read_folder(
    folder: Path,
    files: Iterable[Path],
    source_id: str,
    max_megapixels: float,
    withdrawn: Withdrawn,
    skipped: list[Row],
) -> Iterator[Row]:
    """Yield the pictures among the files as scenes, equal files once.

    An item's id is its path in the folder. Notes withdrawn and unusable files in `skipped`. Raises
    SourceError at the end when no picture was usable.
    """
    seen: dict[str, str] = {}
    for path in files:
        name = name_in(folder, path)
        if withdrawn.leaves_out(source_id, "folder", name, UNKNOWN, skipped):
            continue
        try:
            content = read_file(path, folder)
            item = Item(name, content, fetched_at=utc(path.stat().st_mtime))
            scene = scene_row(item, source_id, len(seen), max_megapixels)
        except (PictureError, OSError) as reason:
            skipped.append(skip(source_id, name, "unusable", str(reason)))
            continue
        if scene["scene_id"] in seen:
            first = seen[scene["scene_id"]]
            skipped.append(skip(source_id, name, "repeated", f"{SAME_FILE}{first}"))
            continue
        seen[scene["scene_id"]] = name
        yield scene
    if not seen:
        raise SourceError(
            f"{folder}: none of its {len(skipped)} files is a usable picture; "
            f"the first, {skipped[0]['item_id']}: {skipped[0]['reason']}"
        )


def unchanged(rows: Iterable[Row], held: Mapping[str, str]) -> Iterator[Row]:
    """Yield the scenes; raise SourceError for a file that has changed since `held` was read."""
    for row in rows:
        if held.get(row["item_id"]) != row["sha256"]:
            raise SourceError(f"{row['item_id']}: it changed while it was read; run snakemake")
        yield row
