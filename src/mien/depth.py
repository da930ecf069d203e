"""From a decoded picture of any depth to red, green and blue of 8 bits.

A picture seldom says which number is white: a camera stores 12 bits in 16, and white is 4095. So
white is the largest number of the smallest usual depth that holds the brightest pixel. Floats are
light from 0 to 1, or numbers of such a depth. Anything else is refused: no picture is better than
a black or white one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.errors import PictureError

DEPTHS = (8, 10, 12, 14, 16, 24, 32)  # bits
OVERSHOOT = 0.1  # below black and above white, in floats that were sharpened or resized
DIM = 16  # floats up to this may be light brighter than white, or a dark picture of 8 bits
SHALLOW = 63  # 14 bits in 16 are no brighter, when only the upper 8 are looked at
BITS, WHITE_IS_ZERO, TURNED, PLANES, SIGN = 258, 262, 274, 284, 339  # tags of TIFF
SIGNED = 2
UNREAD = "damaged, or a kind of picture that mien cannot read; save it as PNG or JPEG"


def rgb(image: Image.Image, data: bytes) -> Image.Image:
    """Decode the image that Pillow opened from the data, and return it as RGB on white.

    Raises PictureError for numbers of unknown brightness, and whatever Pillow raises.
    """
    tags = dict(getattr(image, "tag_v2", {}))  # Pillow deletes that of the orientation later
    is_deep = any(";16" in str(tile) for tile in getattr(image, "tile", ()))
    is_deep |= max(tags.get(BITS, (8,))) > 8
    if (is_deep and tags.get(PLANES) == 2) or (not is_deep and SIGNED in tags.get(SIGN, ())):
        raise PictureError(UNREAD)
    image.load()
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_grey(image, tags)).convert("RGB")
    is_wrapped = image.format == "JPEG2000" and _jpeg2000_bits(data) > 8  # white becomes black
    if is_wrapped or (is_deep and np.asarray(image.convert("RGB")).max() <= SHALLOW):
        return _deep_colours(image, tags, data)
    return _on_white(image)


def _grey(image: Image.Image, tags: Mapping[int, Any]) -> NDArray[np.uint8]:
    values: NDArray[Any] = np.asarray(image)
    bits, sign = tags.get(BITS, (16,))[0], tags.get(SIGN, (0,))[0]
    if image.mode == "F":
        grey = _from_floats(values)
    else:
        if image.mode == "I" and sign == 1:
            values = values.astype(np.uint32)
        if values.min() < 0:
            raise PictureError(f"its numbers go down to {values.min()}; save it with 8 bits")
        is_declared = image.format == "PPM" or bits < 16 or tags.get(WHITE_IS_ZERO) == 0
        depths = sorted({*DEPTHS, bits - 1}) if sign == SIGNED else DEPTHS
        grey = _by_depth(values, 2**bits - 1 if is_declared else None, depths)
    return np.uint8(255) - grey if tags.get(WHITE_IS_ZERO) == 0 else grey


def _from_floats(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    if low >= -OVERSHOOT and high <= 1 + OVERSHOOT:
        return _by_depth(np.clip(values, 0, 1), 1)
    if low >= 0 and DIM < high <= 65535:
        return _by_depth(values)
    raise PictureError(
        f"its numbers go from {low:g} to {high:g}, which is neither 0 to 1 nor 8 or 16 bits; "
        "save it with 8 bits"
    )


def _by_depth(
    values: NDArray[Any], white: float | None = None, depths: Sequence[int] = DEPTHS
) -> NDArray[np.uint8]:
    """Return the values as 8 bits; without `white`, that of the first depth that holds them."""
    if white is None:
        white = next(2**bits - 1 for bits in depths if values.max() < 2**bits)
    return np.rint(values * (255 / white)).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture as RGB; an alpha of 0 everywhere was never filled in and is ignored."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    if image.mode == "La":
        image = image.convert("LA")
    clear = image.convert("RGBA")
    least, most = clear.getchannel("A").getextrema()
    if most and least != 255:
        clear = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return clear.convert("RGB")


def _deep_colours(image: Image.Image, tags: Mapping[int, Any], data: bytes) -> Image.Image:
    """Return a picture of 16 bits a colour as 8 bits; Pillow would drop the lower bits."""
    deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    is_turned, has_ink = tags.get(TURNED, 1) != 1, image.mode == "CMYK"
    if deep is None or deep.dtype != np.uint16 or is_turned or has_ink:
        raise PictureError(UNREAD)
    if deep.ndim == 2:
        return Image.fromarray(_by_depth(deep)).convert("RGB")
    colours = _by_depth(deep[:, :, 2::-1])
    if deep.shape[2] == 4:
        colours = np.dstack([colours, _by_depth(deep[:, :, 3])])
    return _on_white(Image.fromarray(np.ascontiguousarray(colours)))


def _jpeg2000_bits(data: bytes) -> int:
    """Return how many bits a colour has, as the codestream says at its beginning."""
    start = data.find(b"\xff\x4f\xff\x51")
    return (data[start + 42] & 0x7F) + 1 if start >= 0 else 8
