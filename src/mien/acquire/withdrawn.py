"""Withdrawn items and authors, as hashes, so that the table names nobody."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.acquire.scenes import skip
from mien.acquire.tables import UNKNOWN, WITHDRAWN
from mien.errors import TableError, quoted
from mien.shards import Row
from mien.tables import parse_csv, read_bytes

SHA256 = r"[0-9a-f]{64}"


def item_name(source_id: str, kind: str, item_id: str) -> str:
    """Return the item's name among all sources; a file of a folder gets the source's id."""
    return f"{source_id}/{item_id}" if kind == "folder" else item_id


def hashed(name: str) -> str:
    """Return the SHA-256 of a name in hex, as the table holds it."""
    return hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True)
class Withdrawn:
    """The hashes of withdrawn items and authors."""

    items: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()

    def holds(self, source_id: str, kind: str, item_id: str, author: str) -> bool:
        """Return whether the item or its author was withdrawn."""
        by_item = hashed(item_name(source_id, kind, item_id)) in self.items
        return by_item or (author != UNKNOWN and hashed(author) in self.authors)

    def leaves_out(
        self, source_id: str, kind: str, item_id: str, author: str, skipped: list[Row]
    ) -> bool:
        """Return whether the item was withdrawn; if so, note it in `skipped`."""
        held = self.holds(source_id, kind, item_id, author)
        if held:
            skipped.append(skip_withdrawn(source_id, kind, item_id))
        return held

    def __or__(self, other: "Withdrawn") -> "Withdrawn":
        """Return what either holds."""
        return Withdrawn(self.items | other.items, self.authors | other.authors)

    def among(self, scenes: pd.DataFrame, sources: pd.DataFrame) -> "pd.Series[bool]":
        """Return whether each scene was withdrawn."""
        kinds = dict(zip(sources["source_id"], sources["kind"], strict=True))
        named = zip(scenes["source_id"], scenes["item_id"], scenes["author"], strict=True)
        held = [self.holds(source, kinds[source], item, author) for source, item, author in named]
        return pd.Series(held, index=scenes.index, dtype=bool)


def withdrawn(items: Iterable[str], authors: Iterable[str]) -> Withdrawn:
    """Return the hashes of these names."""
    return Withdrawn(frozenset(map(hashed, items)), frozenset(map(hashed, authors)))


def read_withdrawn(path: Path) -> Withdrawn:
    """Return the content of the table at `path`.

    Raises TableError, with the line, for a value that is no SHA-256, such as a name in clear text.
    """
    table, where = parse_csv(read_bytes(path), WITHDRAWN, path)
    for row, value in enumerate(table["sha256"]):
        if not re.fullmatch(SHA256, value):
            raise TableError(
                f"{where(row)}: sha256 is {quoted(value)}; it must be a SHA-256 in lower-case hex: "
                "`mien forget` writes it"
            )
    hashes = {what: frozenset(rows["sha256"]) for what, rows in table.groupby("what")}
    return Withdrawn(hashes.get("item", frozenset()), hashes.get("author", frozenset()))


def skip_withdrawn(source_id: str, kind: str, item_id: str) -> Row:
    """Return the row of a withdrawn item in the table of skipped items; its name is a hash."""
    name = hashed(item_name(source_id, kind, item_id))[:16]
    return skip(source_id, name, "withdrawn", "withdrawn; its name is a hash")
