"""What may be looked at: pictures, folders of them, videos, cameras and streams."""

from pathlib import Path
from typing import Literal

from mien.errors import PictureError, SourceError
from mien.images import Picture, decode, is_picture, size_of

Kind = Literal["picture", "folder", "video", "camera"]
MOST_MEGAPIXELS = 100  # a picture of a few kilobytes may say that it is larger than the memory


def kind_of(source: str) -> Kind:
    """Return what the text names: a path, the number of a camera, or the address of a stream.

    Raises SourceError when it is none of them.
    """
    path = Path(source)
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "picture" if is_picture(path) else "video"
    if not (source.isdecimal() or "://" in source or path.is_char_device()):
        raise SourceError(
            f"{source}: no file or folder, no number of a camera such as 0, no address such as "
            "rtsp://host/path"
        )
    return "camera"


def read_picture(path: Path) -> Picture:
    """Return the picture, upright; raise PictureError with the reason when it cannot be used."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(error.strerror or "it cannot be read") from None
    width, height = size_of(data)
    if width * height > MOST_MEGAPIXELS * 1e6:
        raise PictureError(f"{width} x {height} pixels are more than {MOST_MEGAPIXELS} megapixels")
    return decode(data)


def files_in(folder: Path) -> list[Path]:
    """Return all files in the folder and below, hidden ones aside, by name.

    Raises SourceError when there is none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not found:
        raise SourceError(f"{folder}: the folder is empty")
    return found
