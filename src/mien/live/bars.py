"""Probabilities as bars, under or beside a picture."""

from collections.abc import Sequence

import numpy as np

from mien.images import Picture
from mien.live.annotate import INK, PAPER, Colour, colour_of, paint, text_mask
from mien.live.classifier import Probabilities

TROUGH: Colour = (231, 235, 238)


def bars(
    probabilities: Probabilities, classes: Sequence[str], width_px: int, letters_px: int
) -> Picture:
    """Return a picture with a line for each class: name, bar and per cent."""
    row_px = round(1.7 * letters_px)
    panel = sheet(row_px * len(classes), width_px)
    left = 3 * letters_px // 2 + max(text_mask(name, letters_px).shape[1] for name in classes)
    right = width_px - letters_px - text_mask("100 %", letters_px).shape[1]
    for place, name in enumerate(classes):
        row = panel[place * row_px : (place + 1) * row_px]
        paint(row[round(0.25 * letters_px) :, letters_px // 2 :], text_mask(name, letters_px), INK)
        trough = row[round(0.25 * row_px) : round(0.8 * row_px), left:right]
        trough[:] = TROUGH
        trough[:, : round(float(probabilities[place]) * trough.shape[1])] = colour_of(place)
        number = text_mask(f"{100 * probabilities[place]:.0f} %", letters_px)
        paint(row[round(0.25 * letters_px) :, right + letters_px // 2 :], number, INK)
    return panel


def sheet(height_px: int, width_px: int) -> Picture:
    """Return an empty sheet of paper."""
    return np.full((height_px, width_px, 3), PAPER, np.uint8)


def line(words: str, width_px: int, letters_px: int) -> Picture:
    """Return a sheet of one line of words."""
    panel = sheet(2 * letters_px, width_px)
    place = panel[round(0.4 * letters_px) :, letters_px // 2 :]
    paint(place, text_mask(words, letters_px), INK)
    return panel
