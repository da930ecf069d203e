"""Listing a folder without opening a file, and reading a file without waiting for it.

A folder may come from a stranger: a link in it could lead in a circle or to private pictures, and
reading a pipe would block. So links to folders are never followed, links to files only within the
folder, and only regular files are opened. What is left out is named with its reason.
"""

import os
import stat
from pathlib import Path

from mien.errors import PictureError, SourceError

MOST_BYTES = 200_000_000
LARGER = f"larger than {MOST_BYTES // 1_000_000} MB"


def files_in(folder: Path) -> list[Path]:
    """Return the paths of `names_in`."""
    return [folder / name for name in names_in(folder)]


def names_in(folder: Path) -> list[str]:
    """Return the sorted names of everything in the folder and below that is not hidden.

    They include links to folders and unreadable folders, which `why_not` explains. Raises
    SourceError when the folder is missing, unreadable or empty.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder; correct its target in sources.csv")
    top = os.fspath(folder)
    found: list[str] = []
    closed: list[OSError] = []
    for place, folders, names in os.walk(top, onerror=closed.append):
        folders[:] = [name for name in folders if name[0] != "."]
        links = [name for name in folders if Path(place, name).is_symlink()]
        inside = place[len(top) :].lstrip("/")
        start = f"{inside}/" if inside else ""
        found += [start + name for name in (*names, *links) if name[0] != "."]
    unread = [os.fspath(error.filename or top)[len(top) :].lstrip("/") for error in closed]
    if "" in unread:
        raise SourceError(f"{folder}: the folder is not readable: {closed[0].strerror}")
    if not found and not unread:
        raise SourceError(f"{folder}: the folder is empty; put pictures there, or name another")
    return sorted([*found, *unread])


def name_in(folder: Path, path: Path) -> str:
    """Return the file's path within the folder, as `as_text` writes it."""
    return as_text(path.relative_to(folder).as_posix())


def as_text(name: str) -> str:
    """Return a file's name as UTF-8; every other byte becomes a backslash and its number."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def why_not(path: Path, folder: Path | None = None) -> str:
    """Return why a file must not be opened, or an empty text; links must stay in `folder`."""
    try:
        mode, is_link = path.stat().st_mode, path.is_symlink()
        if is_link and folder and not path.resolve().is_relative_to(folder.resolve()):
            return "a link that leads out of the folder; put a copy in its place"
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        return f"not readable: {getattr(error, 'strerror', error)}"
    if stat.S_ISDIR(mode):
        link = "a link to a folder, which is not followed"
        return link if is_link else "a folder that is not readable"
    return "" if stat.S_ISREG(mode) else "no file, but a pipe, a socket or a device"


def read_file(path: Path, folder: Path | None = None) -> bytes:
    """Return the content of a file. Raises PictureError with the reason not to read it."""
    if reason := why_not(path, folder):
        raise PictureError(reason)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PictureError(LARGER)
        with open(path, "rb", opener=_without_waiting) as file:
            return file.read()
    except OSError as error:
        raise PictureError(f"not readable: {error.strerror}") from None


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; if a pipe has replaced it meanwhile, do not wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)
