"""The errors a user can cause and mend: one line each, exit code 2.

Anything else that is raised is a fault of mien's own and keeps its traceback.
"""

import difflib
import reprlib
from collections.abc import Collection
from typing import Any

BRIEF = reprlib.Repr()
BRIEF.maxstring = 80


class MienError(Exception):
    """A fault a user can mend: where, what and what to do, in one line."""


class ParamsError(MienError):
    """A setting in params.yaml is missing, unknown or out of range."""


class TableError(MienError):
    """A table has a wrong column, value, key or reference."""


class SourceError(MienError):
    """A source of pictures or weights cannot be read or used."""


class DiskError(SourceError):
    """A file cannot be written; an older file at its path is unchanged."""


class ModelError(MienError):
    """An exported model cannot be used."""


class PictureError(MienError):
    """A picture cannot be decoded; the message is the reason alone."""


class VideoError(MienError):
    """A video cannot be used; the message is the reason alone."""


def quoted(value: Any) -> str:
    """Return the value as Python writes it; a long one is cut in the middle."""
    return BRIEF.repr(value)


def suggestion(word: str, known: Collection[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known word, or an empty text."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f"; did you mean {near[0]!r}?" if near else ""
