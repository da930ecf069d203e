"""The sources of predictions: pictures, folders, videos, cameras and streams."""

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
MOST_MEGAPIXELS = 100  # a few kilobytes may decode to more than the memory


def kind_of(source: str) -> Kind:
    """Return what kind of source the text names; raise SourceError when it names none."""
    if "://" in source:  # first, since an address may be too long for a path
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
            f"{source}: not a file, a folder, a camera's number such as 0, or an address such as "
            "rtsp://host/path"
        )
    return "camera"


def kind_of_file(path: Path) -> Literal["picture", "video"] | None:
    """Return the kind of the file by its content, else by its name; None if neither tells."""
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
    """Return all readable files in the folder and below, by name, without hidden ones.

    Says why others are skipped. Raises SourceError when there is no readable file.
    """
    found = folders.files_in(folder)
    reasons = {path: folders.why_not(path, folder) for path in found}
    for path in found:
        if reasons[path]:
            say(f"{path}: passed over: {reasons[path]}")
    if all(reasons.values()):
        raise SourceError(f"{folder}: no file in it can be read")
    return [path for path in found if not reasons[path]]
