"""Drawing boxes, expressions and probabilities on a picture."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mien.images import Picture
from mien.live.smooth import Shown
from mien.live.track import Seen

Colour = tuple[int, int, int]  # blue, green, red

# Okabe and Ito (2008): colours that colour-blind people can tell apart
PALETTE: tuple[Colour, ...] = (
    (0, 94, 213),
    (0, 159, 230),
    (178, 114, 0),
    (115, 158, 0),
    (167, 121, 204),
    (233, 180, 86),
    (66, 228, 240),
)
WHITE: Colour = (255, 255, 255)
PAPER: Colour = (250, 252, 253)
INK: Colour = (37, 33, 29)
MOST_SMALL_PX = 11  # the smallest readable letters
PADDING = 0.3  # of the height of the letters


def colour_of(place: int) -> Colour:
    """Return the colour of the class at this place."""
    return PALETTE[place % len(PALETTE)]


def annotate(picture: Picture, seen: Sequence[Seen], classes: Sequence[str]) -> Picture:
    """Return a copy of the picture with a box, expression and probability for every face.

    If the model is not sure of a face, its box is dashed and its label is not filled.
    """
    drawn = picture.copy()
    largest_px = max(MOST_SMALL_PX, round(min(drawn.shape[:2]) / 28))
    line_px = max(1, round(largest_px / 8))
    for one in seen:
        write_box(drawn, one, line_px)
    for one in sorted(seen, key=lambda one: one.face.box[2]):  # labels of large faces on top
        letters_px = min(max(MOST_SMALL_PX, one.face.box[2] // 7), largest_px)
        write_label(drawn, one.face.box[:2], words_of(one, classes), one.shown, letters_px)
    return drawn


def words_of(seen: Seen, classes: Sequence[str]) -> str:
    """Return a face's label, with its track: `2 happy 87 %`, or `2 happy? 48 %` if not sure."""
    return f"{seen.track} {guess_of(seen, classes)}"


def guess_of(seen: Seen, classes: Sequence[str]) -> str:
    """Return a face's expression and its probability."""
    place, mark = seen.shown.place, "" if seen.shown.is_sure else "?"
    return f"{classes[place]}{mark} {100 * seen.smoothed[place]:.0f} %"


def write_box(picture: Picture, seen: Seen, line_px: int) -> None:
    """Draw the box of a face, dashed if the model is not sure."""
    x, y, width, height = seen.face.box
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        dashes = 1 if seen.shown.is_sure else max(2, round(max(width, height) / (10 * line_px)))
        shares = np.linspace(0, 1, 2 * dashes)[:, None]
        points = np.round(np.array(start) + shares * (np.array(end) - start)).astype(int).tolist()
        for one, other in zip(points[::2], points[1::2], strict=True):
            cv2.line(picture, one, other, colour_of(seen.shown.place), line_px, cv2.LINE_AA)


def write_label(
    picture: Picture, corner: tuple[int, int], words: str, shown: Shown, letters_px: int
) -> None:
    """Write words above a box's corner, inside the picture, on the class's colour or framed."""
    letters = text_mask(words, letters_px)
    pad = round(PADDING * letters_px)
    high, wide = (length + 2 * pad for length in letters.shape)
    rows, columns = picture.shape[:2]
    left = max(0, min(corner[0], columns - wide))
    top = max(0, min(corner[1] - high, rows - high))
    place = picture[top : top + high, left : left + wide]
    place[:] = colour_of(shown.place)
    if not shown.is_sure:
        line_px = max(1, round(letters_px / 8))
        place[line_px:-line_px, line_px:-line_px] = PAPER
    paint(place[pad:, pad:], letters, WHITE if shown.is_sure else INK)


def paint(place: NDArray[np.uint8], letters: NDArray[np.uint8], colour: Colour) -> None:
    """Paint the letters into the top left of a place, cut to its size."""
    rows, columns = min(place.shape[0], letters.shape[0]), min(place.shape[1], letters.shape[1])
    share = letters[:rows, :columns, None].astype(np.float32) / 255
    under = place[:rows, :columns]
    under[:] = np.round(under * (1 - share) + np.array(colour, np.float32) * share)


@lru_cache(maxsize=1024)
def text_mask(words: str, letters_px: int) -> NDArray[np.uint8]:
    """Return the words as grey levels, 255 for a letter; the height depends only on the size."""
    font = ImageFont.load_default(letters_px)
    width = max(1, round(font.getlength(words)))
    image = Image.new("L", (width, round(1.2 * letters_px)))
    ImageDraw.Draw(image).text((0, letters_px), words, fill=255, font=font, anchor="ls")
    return np.asarray(image)
