"""The table of sources, checked before any job."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from mien.acquire.tables import SOURCES
from mien.errors import SourceError, TableError, quoted, suggestion
from mien.ids import NAME
from mien.tables import parse_csv, read_bytes

REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # an address, or a search such as ytsearch20:


def read_sources(path: Path, expressions: Sequence[str], held: bytes | None = None) -> pd.DataFrame:
    """Return the table of sources; `held` is the content of the file if it was read before.

    Raises TableError, with the line, for a source_id that cannot name a file, a limit below 1, an
    expression that is not in labels.expressions, and a group that is no pattern with one bracket.
    """
    sources, where = parse_csv(read_bytes(path) if held is None else held, SOURCES, path)
    if sources.empty:
        raise TableError(f"{path}: there are no sources; write one line for each")
    for row, source in enumerate(sources.itertuples(index=False)):
        if fault := _fault(source, expressions):
            raise TableError(f"{where(row)}: {fault}")
    return sources


def is_remote(kind: str, target: str) -> bool:
    """Return whether a source is fetched from the network; a video may also be a user's file."""
    return kind == "flickr" or (kind == "video" and REMOTE.match(target) is not None)


def own_place(target: str | Path) -> Path:
    """Return the path of a user's own files, with `~` replaced by the home folder.

    Raises SourceError for the home folder of an unknown user.
    """
    try:
        return Path(target).expanduser()
    except RuntimeError:
        raise SourceError(f"{target}: there is no such home folder; write the whole path") from None


def public_targets(sources: pd.DataFrame) -> list[str]:
    """Return the targets as they may be published: of a path only the last part."""
    return [
        public_address(target)
        if kind == "drawn" or is_remote(kind, target)
        else PurePath(target).name
        for kind, target in zip(sources["kind"], sources["target"], strict=True)
    ]


def public_address(url: str) -> str:
    """Return the address without user name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that is not closed
        return url
    _, has_user, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl() if has_user else url


def _fault(source: Any, expressions: Sequence[str]) -> str:
    """Return what is wrong with one row, or an empty text."""
    if not re.fullmatch(NAME, source.source_id):
        return (
            f"source_id is {quoted(source.source_id)}; "
            "it names files: lower-case letters, digits, '-' and '_'"
        )
    if source.limit < 1:
        return f"limit is {source.limit}; it must be at least 1"
    if pd.notna(source.expression) and source.expression not in expressions:
        hint = suggestion(source.expression, expressions)
        return (
            f"expression is {quoted(source.expression)}, which is not in labels.expressions{hint}"
        )
    if pd.notna(source.group):
        try:
            brackets = re.compile(source.group).groups
        except re.error as error:
            return f"group is {quoted(source.group)}: {error}"
        if brackets != 1:
            return f"group is {quoted(source.group)}; it must be a pattern with one bracket"
    return ""
