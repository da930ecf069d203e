"""A folder for each class, sorted by a person who moves pictures in a file manager."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien.errors import SourceError, suggestion
from mien.folders import as_text
from mien.labels.tables import NO_EXPRESSION

FURNITURE = {"thumbs.db", "desktop.ini"}  # what file managers leave behind


@dataclass
class Sorted:
    """The class into which each face was put, and the files that name no face."""

    votes: dict[str, str] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)


def read_sorted(folder: Path, expressions: Sequence[str]) -> Sorted:
    """Return the faces in the folder's classes; pictures are named `<face_id>.png`.

    Raises SourceError for a folder that is no class, and for a face in two classes.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder")
    found = Sorted()
    for path in _visible(folder):
        if not path.is_dir():
            found.strays.append(as_text(path.name))
            continue
        vote = _class(path, expressions)
        for picture in _visible(path):
            face = as_text(picture.stem)
            if picture.suffix.lower() != ".png" or not picture.is_file():
                found.strays.append(as_text(f"{path.name}/{picture.name}"))
            elif found.votes.setdefault(face, vote) != vote:
                raise SourceError(
                    f"{picture}: {found.votes[face]} has this face too; keep one of the two"
                )
    return found


def _class(path: Path, expressions: Sequence[str]) -> str:
    known = [*expressions, *NO_EXPRESSION]
    name = unicodedata.normalize("NFC", path.name)
    if name not in known:
        way = suggestion(name, known) or f"; there are {', '.join(known)}"
        raise SourceError(f"{path}: {name!r} is no class{way}")
    return name


def _visible(folder: Path) -> list[Path]:
    """Return the visible files of the folder by name; raise SourceError if it cannot be read."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"{folder}: not readable: {error.strerror}") from None
    return [
        path
        for path in inside
        if not path.name.startswith(".") and path.name.lower() not in FURNITURE
    ]
