"""What may be looked at: pictures, folders of them, videos, cameras and streams."""

from pathlib import Path
from typing import Literal

from mien import folders
from mien.errors import PictureError, SourceError
from mien.folders import read_file
from mien.images import Picture, decode, is_picture, size_of
from mien.progress import say
from mien.video.film import is_film

PICTURES = {".avif", ".bmp", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
FILMS = {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm"}
Kind = Literal["picture", "folder", "video", "camera"]
MOST_MEGAPIXELS = 100  # a picture of a few kilobytes may say that it is larger than the memory


def kind_of(source: str) -> Kind:
    """Return what the text names: a path, the number of a camera, or the address of a stream.

    Raises SourceError when it is none of them.
    """
    if "://" in source:  # too long for a path, maybe
        return "camera"
    path = Path(source)
    try:
        if path.is_dir():
            return "folder"
        if path.is_file():
            return kind_of_file(path) or "video"
        is_camera = source.isdecimal() or path.is_char_device()
    except OSError as error:
        raise SourceError(f"{source}: not readable: {error.strerror}") from None
    if not is_camera:
        raise SourceError(
            f"{source}: no file or folder, no number of a camera such as 0, no address such as "
            "rtsp://host/path"
        )
    return "camera"


def kind_of_file(path: Path) -> Literal["picture", "video"] | None:
    """Return what the file holds; else what its name promises, or None."""
    if is_picture(path):
        return "picture"
    if is_film(path):
        return "video"
    suffix = path.suffix.lower()
    return "picture" if suffix in PICTURES else "video" if suffix in FILMS else None


def read_picture(path: Path) -> Picture:
    """Return the picture, upright; raise PictureError with the reason when it cannot be used."""
    data = read_file(path)
    width, height = size_of(data)
    if width * height > MOST_MEGAPIXELS * 1e6:
        raise PictureError(f"{width} x {height} pixels are more than {MOST_MEGAPIXELS} megapixels")
    return decode(data)


def files_in(folder: Path) -> list[Path]:
    """Return all files in the folder and below, hidden ones aside, by name.

    Why others are passed over is said. Raises SourceError when there is no file to look at.
    """
    found = folders.files_in(folder)
    reasons = {path: folders.why_not(path, folder) for path in found}
    for path in found:
        if reasons[path]:
            say(f"{path}: passed over: {reasons[path]}")
    if all(reasons.values()):
        raise SourceError(f"{folder}: no file in it can be read")
    return [path for path in found if not reasons[path]]
