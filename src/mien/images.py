"""Pictures: the one place where they are decoded, encoded, cropped and resized.

In memory a picture is an array of (height, width, 3), uint8, blue green red, upright. Training,
evaluation and the running classifier all take a face through `crop`, `align` and `resize`, so that
a model sees everywhere the pixels it was trained on: the first two with the crop kept in between,
the last at once, by `crop_and_resize`.
"""

import math
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from mien.errors import PictureError
from mien.scans import MOST_SCANS, has_too_many_scans

Picture = NDArray[np.uint8]
Point = tuple[float, float]  # x and y in pixels
Box = tuple[int, int, int, int]  # x, y, width and height in pixels

MAX_CROP_PX = 256
EYES_APART, EYES_BELOW_TOP = 0.36, 0.38  # of the side of an aligned square
MOST_SCALED = 4 / 3

register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # `size_of` refuses by its own limit, before anything is decoded


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

    Raises PictureError when the bytes are empty, no picture, truncated or corrupt.
    """
    if has_too_many_scans(data):
        raise PictureError(f"a JPEG of more than {MOST_SCANS} scans")
    with _open(data) as image:
        try:
            image.load()
            upright = _upright(image)
            if upright.mode.startswith("I;16"):
                grey = np.asarray(upright) // 257  # Pillow would cut off at 255
                upright = Image.fromarray(grey.astype(np.uint8))
            colour = upright.convert("RGB")
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise PictureError(f"truncated or corrupt: {error}") from None
    return np.ascontiguousarray(np.asarray(colour)[:, :, ::-1])


def is_picture(path: Path) -> bool:
    """Return whether the file begins as a picture does; no more of it is read.

    An animated GIF is a film, as is MPEG, whose beginning Pillow knows.
    """
    try:
        with Image.open(path) as image:
            is_film = image.format == "MPEG" or getattr(image, "is_animated", False)
            return not (is_film and image.format in ("MPEG", "GIF"))
    except (OSError, ValueError, SyntaxError):  # UnidentifiedImageError is an OSError
        return False


def encode_png(picture: Picture) -> bytes:
    """Return the picture as PNG: lossless, the same bytes for the same pixels."""
    return bytes(cv2.imencode(".png", picture)[1])


def encode_jpeg(picture: Picture, quality: int = 85) -> bytes:
    """Return the picture as JPEG, for pages that people look at."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def crop_and_resize(
    scene: Picture,
    box: Box,
    points: Sequence[float] | None,
    margin: float,
    aligned: bool,
    size_px: int,
) -> Picture:
    """Return the face of a scene as a model sees it, square, `size_px` a side.

    The points are x and y in turn, in pixels of the scene, of the eyes first; a face without them
    is not aligned.
    """
    square = crop(scene, box, margin)
    if aligned and points is not None:
        square = align(square, *eyes_in_crop(box, points, margin, square.shape[0]))
    return resize(square, size_px)


def crop(scene: Picture, box: Box, margin: float) -> Picture:
    """Return a square of the scene around the box, at most 256 px a side.

    The square is centred on the box (x, y, width, height) and as wide as the box's longer side
    with `margin` of it added on both sides. Outside the scene its edge pixels are repeated.
    """
    left, top, side = square_around(box, margin)
    rows, columns = scene.shape[:2]
    inside = scene[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    before, after = (
        (max(0, -top), max(0, -left)),
        (
            max(0, top + side - rows),
            max(0, left + side - columns),
        ),
    )
    square = cv2.copyMakeBorder(
        inside, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE
    )
    return resize(square, MAX_CROP_PX) if side > MAX_CROP_PX else square


def square_around(box: Box, margin: float) -> tuple[int, int, int]:
    """Return left, top and side of the square that `crop` cuts, in pixels of the scene."""
    x, y, width, height = box
    side = max(1, round(max(width, height) * (1 + 2 * margin)))
    return round(x + width / 2 - side / 2), round(y + height / 2 - side / 2), side


def eyes_in_crop(
    box: Box, points: Sequence[float], margin: float, crop_px: int
) -> tuple[Point, Point]:
    """Return both eyes in pixels of the crop, first the one that is left in the picture.

    The points are the eyes' x and y in turn, in pixels of the scene, and whatever follows them;
    the crop is what `crop` cuts, `crop_px` a side.
    """
    left, top, side = square_around(box, margin)
    scale = crop_px / side
    x1, y1, x2, y2 = points[:4]
    return ((x1 - left) * scale, (y1 - top) * scale), ((x2 - left) * scale, (y2 - top) * scale)


def align(square: Picture, left_eye: Point, right_eye: Point) -> Picture:
    """Return the square turned, moved and scaled so that the eyes lie where they always do.

    They lie level, 0.38 of the side below the top and 0.36 of the side apart, as in an upright
    face that fills the square; the size changes by at most a third, since the eyes of a face in
    profile are close together. Outside the square its edge pixels are repeated.
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
    """Return the picture with its longer side at most so many pixels, by area."""
    factor = longest_px / max(picture.shape[:2])
    if factor >= 1:
        return picture
    height, width = (max(1, round(factor * side)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture turned by its EXIF orientation; as it is where that cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, TypeError, AttributeError, KeyError, struct.error):
        return image


def _open(data: bytes) -> Image.Image:
    if not data:
        raise PictureError("empty file")
    try:
        return Image.open(BytesIO(data))
    except UnidentifiedImageError:
        raise PictureError("not a picture") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"truncated or corrupt: {error}") from None
