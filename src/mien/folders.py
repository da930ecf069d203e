"""What a folder holds, told without opening a file; and one file read without waiting for it.

A folder may be a stranger's: a link in it could lead around in a circle or to private pictures
elsewhere, and a pipe would be waited for. So links to folders are never followed, links to files
only within the folder, and nothing but files is opened. What is left out is named with its reason.
"""

import os
import stat
from pathlib import Path

from mien.errors import PictureError, SourceError

MOST_BYTES = 200_000_000
LARGER = f"larger than {MOST_BYTES // 1_000_000} MB"


def files_in(folder: Path) -> list[Path]:
    """Return what is in the folder and below, in the order of the names, as `names_in` has them."""
    return [folder / name for name in names_in(folder)]


def names_in(folder: Path) -> list[str]:
    """Return the names of what is in the folder and below, in their order, hidden ones left out.

    Links to folders, and folders that cannot be read, are among them: `why_not` says so. Raises
    SourceError when the folder is not there, cannot be read or is empty.
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
    """Return what a file is called within the folder, as a text that every table can hold.

    A byte of a name that is not UTF-8 becomes a backslash and its number.
    """
    return as_text(path.relative_to(folder).as_posix())


def as_text(name: str) -> str:
    """Return the name of a file with every byte that is not UTF-8 as a backslash and its number."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def why_not(path: Path, folder: Path | None = None) -> str:
    """Return why a file is not to be opened, empty when it is; in a folder, if one is given."""
    try:
        mode, is_link = path.stat().st_mode, path.is_symlink()
        if is_link and folder and not path.resolve().is_relative_to(folder.resolve()):
            return "a link that leads out of the folder; put a copy in its place"
    except (OSError, RuntimeError) as error:  # the latter of links in a circle
        return f"not readable: {getattr(error, 'strerror', error)}"
    if stat.S_ISDIR(mode):
        return (
            "a link to a folder, which is not followed"
            if is_link
            else "a folder that is not readable"
        )
    return "" if stat.S_ISREG(mode) else "no file, but a pipe, a socket or a device"


def read_file(path: Path, folder: Path | None = None) -> bytes:
    """Return what a file holds. Raises PictureError with the reason when it is not to be read."""
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
    """Open a file; should a pipe lie there by now, do not wait for who writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)
