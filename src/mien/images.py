"""Pictures: the one place where they are decoded, encoded, cropped and resized.

In memory a picture is an array of (height, width, 3), uint8, blue green red, upright. Training,
evaluation and the running classifier all use `crop`, `align` and `resize`, so that a model sees
the same pixels everywhere. Training and evaluation store the crop in between.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

from mien.depth import UNREAD, rgb
from mien.errors import PictureError
from mien.scans import MOST_SCANS, has_too_many_scans

Picture = NDArray[np.uint8]
Point = tuple[float, float]  # x and y in pixels
Box = tuple[int, int, int, int]  # x, y, width and height in pixels

MAX_CROP_PX = 256
EYES_APART, EYES_BELOW_TOP = 0.36, 0.38  # of the side of an aligned square
MOST_SCALED = 4 / 3

FORMATS = (  # without films, EPS, which is a program, and ICO, which is decoded when it is opened
    *("JPEG", "PNG", "GIF", "BMP", "DIB", "PPM", "WEBP", "AVIF", "HEIF", "TIFF", "JPEG2000"),
    *("TGA", "PCX", "PSD", "SGI", "SUN", "QOI", "DDS", "MSP", "XBM", "XPM", "PCD"),
)
TURNS = {  # by EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
IS_REDUCED = 254  # a tag of TIFF
DEEP = (b"II*\0", b"MM\0*", b"#?RADIANCE", b"v/1\x01", b"PF\n")  # TIFF, and formats of floats
REASON_LETTERS = 120

register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # `size_of` refuses by its own limit, before anything is decoded
warnings.filterwarnings("ignore", module="PIL|pillow_heif")  # what is odd and can be read


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height as the header gives them, decoding no pixel.

    Raises PictureError when the bytes are empty or no picture.
    """
    with _open(data) as image:
        return image.size


def format_of(data: bytes) -> str:
    """Return the picture's format as a file's suffix has it: jpeg, png, heif ..."""
    with _open(data) as image:
        return (image.format or "picture").lower()


def decode(data: bytes) -> Picture:
    """Return the picture, upright by its EXIF orientation; of an animation the first frame.

    No colour profile is applied. depth.py converts pictures of more than 8 bits or with
    transparency. Raises PictureError, and nothing else, when the bytes are empty, no picture,
    truncated, corrupt, or of unknown brightness.
    """
    if has_too_many_scans(data):
        raise PictureError(f"a JPEG of more than {MOST_SCANS} scans")
    with _open(data) as image, _refusing():
        colour = rgb(image, data)
        turn = TURNS.get(_orientation(image))
        upright = colour if turn is None else colour.transpose(turn)
        return np.ascontiguousarray(np.asarray(upright)[:, :, ::-1])


def is_picture(path: Path) -> bool:
    """Return whether the file begins as a picture does; an animated GIF is a film."""
    try:
        with path.open("rb") as file:
            if file.read(len(max(DEEP, key=len))).startswith(DEEP):
                return True
            file.seek(0)
            with Image.open(file, formats=FORMATS) as image:
                return not (image.format == "GIF" and getattr(image, "is_animated", False))
    except Exception:  # a damaged file may raise anything
        return False


def encode_png(picture: Picture) -> bytes:
    """Return the picture as PNG: lossless, the same bytes for the same pixels."""
    return bytes(cv2.imencode(".png", picture)[1])


def encode_jpeg(picture: Picture, quality: int = 85) -> bytes:
    """Return the picture as JPEG, for pages that people look at."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def crop(scene: Picture, box: Box, margin: float) -> Picture:
    """Return a square of the scene around the box, at most 256 px a side.

    The square is centred on the box (x, y, width, height) and as wide as the box's longer side
    with `margin` of it added on both sides. Outside the scene its edge pixels are repeated.
    """
    left, top, side = square_around(box, margin)
    rows, columns = scene.shape[:2]
    inside = scene[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    beyond = (-top, top + side - rows, -left, left + side - columns)
    above, below, before, after = (max(0, px) for px in beyond)
    square = cv2.copyMakeBorder(inside, above, below, before, after, cv2.BORDER_REPLICATE)
    return resize(square, MAX_CROP_PX) if side > MAX_CROP_PX else square


def square_around(box: Box, margin: float) -> tuple[int, int, int]:
    """Return the left, top and side of the square that `crop` cuts, in pixels of the scene."""
    x, y, width, height = box
    side = max(1, round(max(width, height) * (1 + 2 * margin)))
    return round(x + width / 2 - side / 2), round(y + height / 2 - side / 2), side


def align(square: Picture, left_eye: Point, right_eye: Point) -> Picture:
    """Return the square turned, moved and scaled so that the eyes lie where they always do.

    Aligned eyes are level, 0.38 of the side below the top and 0.36 of the side apart. The size
    changes by at most a third, since the eyes of a face in profile are close together. Outside
    the square its edge pixels are repeated.
    """
    side = square.shape[0]
    across, down = right_eye[0] - left_eye[0], right_eye[1] - left_eye[1]
    wanted = EYES_APART * side / max(1.0, math.hypot(across, down))
    scale = min(max(wanted, 1 / MOST_SCALED), MOST_SCALED)
    centre = ((left_eye[0] + right_eye[0]) / 2, (left_eye[1] + right_eye[1]) / 2)
    turn = cv2.getRotationMatrix2D(centre, math.degrees(math.atan2(down, across)), scale)
    turn[:, 2] += side / 2 - centre[0], EYES_BELOW_TOP * side - centre[1]
    return np.asarray(
        cv2.warpAffine(
            square, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def resize(square: Picture, size_px: int) -> Picture:
    """Return the square picture at `size_px` a side: by area when it shrinks, else bilinear."""
    if square.shape[:2] == (size_px, size_px):
        return square
    smaller = size_px < square.shape[0]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=method), np.uint8)


def shrink(picture: Picture, longest_px: int) -> Picture:
    """Return the picture shrunk by area until its longer side is at most `longest_px`."""
    factor = longest_px / max(picture.shape[:2])
    if factor >= 1:
        return picture
    height, width = (max(1, round(factor * side)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _open(data: bytes) -> Image.Image:
    if not data:
        raise PictureError("empty file")
    with _refusing():
        try:
            image = Image.open(BytesIO(data), formats=FORMATS)
        except UnidentifiedImageError:
            raise PictureError(UNREAD if data.startswith(DEEP) else "not a picture") from None
        if getattr(image, "tag_v2", {}).get(IS_REDUCED, 0) & 1:
            raise PictureError("a raw photograph, of which only a preview is read; save it as JPEG")
        return image


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever a damaged picture raises into a PictureError that says why, on one line."""
    try:
        yield
    except PictureError:
        raise
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise PictureError(f"truncated or corrupt: {words[:REASON_LETTERS]}") from None


def _orientation(image: Image.Image) -> int:
    """Return the picture's EXIF orientation; 1, upright, where that cannot be read."""
    try:
        turn = image.getexif().get(ORIENTATION, 1)
        return turn if isinstance(turn, int) else 1
    except Exception:  # EXIF that is damaged may raise anything
        return 1
