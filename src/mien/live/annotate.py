"""Drawing on a picture what is seen in it."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mien.images import Picture
from mien.live.metadata import UNSURE
from mien.live.track import Seen

Colour = tuple[int, int, int]  # blue, green, red

# of Okabe and Ito (2008), which people who see colours otherwise can tell apart
PALETTE: tuple[Colour, ...] = (
    (0, 94, 213),
    (0, 159, 230),
    (178, 114, 0),
    (115, 158, 0),
    (167, 121, 204),
    (233, 180, 86),
    (66, 228, 240),
)
GREY: Colour = (130, 130, 130)
WHITE: Colour = (255, 255, 255)
MOST_SMALL_PX = 11  # letters that can still be read
PADDING = 0.3  # of the height of the letters


def colour_of(expression: int | None) -> Colour:
    """Return the colour of a class, by its place; grey for unsure."""
    return GREY if expression is None else PALETTE[expression % len(PALETTE)]


def annotate(picture: Picture, seen: Sequence[Seen], classes: Sequence[str]) -> Picture:
    """Return a copy of the picture with a box, expression and probability for every face."""
    drawn = picture.copy()
    largest_px = max(MOST_SMALL_PX, round(min(drawn.shape[:2]) / 28))
    line_px = max(1, round(largest_px / 8))
    for one in seen:
        x, y, width, height = one.face.box
        colour = colour_of(one.expression)
        cv2.rectangle(drawn, (x, y), (x + width, y + height), colour, line_px, cv2.LINE_AA)
    for one in sorted(seen, key=lambda one: one.face.box[2]):  # a small face's below a large one's
        letters_px = min(max(MOST_SMALL_PX, one.face.box[2] // 7), largest_px)
        write_label(drawn, one.face.box[:2], words_of(one, classes), one.expression, letters_px)
    return drawn


def words_of(seen: Seen, classes: Sequence[str]) -> str:
    """Return what stands at a face, such as `2 happy 87 %`; the number is that of its track."""
    place = seen.expression
    if place is None:
        return f"{seen.track} {UNSURE}"
    return f"{seen.track} {classes[place]} {100 * seen.smoothed[place]:.0f} %"


def write_label(
    picture: Picture, corner: tuple[int, int], words: str, expression: int | None, letters_px: int
) -> None:
    """Write words on the class's colour above a box's corner, inside the picture."""
    letters = text_mask(words, letters_px)
    pad = round(PADDING * letters_px)
    high, wide = (length + 2 * pad for length in letters.shape)
    rows, columns = picture.shape[:2]
    left = max(0, min(corner[0], columns - wide))
    top = max(0, min(corner[1] - high, rows - high))
    place = picture[top : top + high, left : left + wide]
    place[:] = colour_of(expression)
    paint(place[pad:, pad:], letters, WHITE)


def paint(place: NDArray[np.uint8], letters: NDArray[np.uint8], colour: Colour) -> None:
    """Paint the letters into the top left of a place, as far as they fit into it."""
    rows, columns = min(place.shape[0], letters.shape[0]), min(place.shape[1], letters.shape[1])
    share = letters[:rows, :columns, None].astype(np.float32) / 255
    under = place[:rows, :columns]
    under[:] = np.round(under * (1 - share) + np.array(colour, np.float32) * share)


@lru_cache(maxsize=1024)
def text_mask(words: str, letters_px: int) -> NDArray[np.uint8]:
    """Return the words as grey levels, 255 where there is a letter; all of one size are as high."""
    font = ImageFont.load_default(letters_px)
    width = max(1, round(font.getlength(words)))
    image = Image.new("L", (width, round(1.2 * letters_px)))
    ImageDraw.Draw(image).text((0, letters_px), words, fill=255, font=font, anchor="ls")
    return np.asarray(image)
