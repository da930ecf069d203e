"""Comparing two pictures, such as one face with and without glasses."""

from pathlib import Path

import cv2
import numpy as np

from mien.errors import PictureError, SourceError
from mien.images import Picture
from mien.live.annotate import annotate
from mien.live.bars import bars, line, sheet
from mien.live.look import Looker
from mien.live.output import JPEG, write_picture
from mien.live.rows import likeliest_of, name_of
from mien.live.screen import area_of
from mien.live.sources import read_picture
from mien.live.track import Seen
from mien.live.watch import Watch

WIDTH_PX, HEIGHT_PX = 640, 560  # of each picture, at most
LETTERS_PX, GAP_PX = 20, 16


def compare_pictures(left: Path, right: Path, looker: Looker, output: Path) -> list[str]:
    """Write both pictures with the probabilities of their largest faces; return those as lines.

    Raises SourceError when a picture cannot be read or has no face.
    """
    if output.suffix.lower() not in {".png", *JPEG}:
        raise SourceError(f"--output {output}: name a .png or a .jpg")
    about = looker.about
    looked = [_look(path, looker) for path in (left, right)]
    panels = [
        _panel(path, picture, seen, largest, about.classes)
        for path, (picture, seen, largest) in zip((left, right), looked, strict=True)
    ]
    height = max(panel.shape[0] for panel in panels)
    gap = sheet(height, GAP_PX)
    filled = [np.vstack([panel, sheet(height - len(panel), WIDTH_PX)]) for panel in panels]
    whole = np.hstack([gap, filled[0], gap, filled[1], gap])
    write_picture(output, whole)
    return [*_table(left, right, [largest for _, _, largest in looked], about.classes), str(output)]


def _look(path: Path, looker: Looker) -> tuple[Picture, list[Seen], Seen]:
    """Return the picture, the faces in it, and the largest of them."""
    try:
        picture = read_picture(path)
    except PictureError as reason:
        raise SourceError(f"{path}: {reason}") from None
    [faces] = looker.look([picture])
    if not faces:
        raise SourceError(f"{path}: no face was found in it; try another by --detector")
    seen = Watch(path.name, looker.about).add(0.0, faces)
    return picture, seen, max(seen, key=area_of)


def _panel(
    path: Path, picture: Picture, seen: list[Seen], largest: Seen, classes: list[str]
) -> Picture:
    """Return the picture with its name above, and its largest face's bars below."""
    rows, columns = picture.shape[:2]
    scale = min(WIDTH_PX / columns, HEIGHT_PX / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8)
    shown = annotate(small, [largest.scaled(scale)], classes)
    frame = sheet(HEIGHT_PX, WIDTH_PX)
    top, left = (HEIGHT_PX - size[1]) // 2, (WIDTH_PX - size[0]) // 2
    frame[top : top + size[1], left : left + size[0]] = shown
    note = "" if len(seen) == 1 else f", the largest of {len(seen)} faces"
    return np.vstack(
        [
            line(f"{path.name}{note}", WIDTH_PX, LETTERS_PX),
            frame,
            sheet(LETTERS_PX // 2, WIDTH_PX),
            bars(largest.face.probabilities, classes, WIDTH_PX, LETTERS_PX),
            sheet(LETTERS_PX, WIDTH_PX),
        ]
    )


def _table(left: Path, right: Path, seen: list[Seen], classes: list[str]) -> list[str]:
    """Return a line for each class with both probabilities, the likeliest class, and the answer."""
    width = max(len(name) for name in (*classes, "expression"))
    guesses = [likeliest_of(one.face.probabilities, classes)["likeliest"] for one in seen]
    shown = [name_of(one.shown, classes) for one in seen]
    lines = [f"{'':<{width}}  {left.name:>14}  {right.name:>14}"]
    lines += [
        f"{name:<{width}}  "
        + "  ".join(f"{100 * one.face.probabilities[place]:>12.1f} %" for one in seen)
        for place, name in enumerate(classes)
    ]
    ends = {"likeliest": guesses, "expression": shown}
    return lines + [f"{name:<{width}}  {a:>14}  {b:>14}" for name, (a, b) in ends.items()]
