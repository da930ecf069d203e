"""A model and a film that all tests of the running classifier share, made once."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from models import write_model

from mien.acquire.drawing.drawn import draw_video

FPS, SECONDS = 12, 16


@dataclass(frozen=True)
class Drawn:
    """A drawn film of two or three persons, and the truth: of each frame, boxes and expressions."""

    path: Path
    truth: list[tuple[float, list[tuple[tuple[int, int, int, int], str]]]]


@pytest.fixture(scope="session")
def model(once) -> Path:
    """Return a classifier of drawn faces, in the form of an export."""
    return once("plain.onnx", write_model)


@pytest.fixture(scope="session")
def film(once) -> Drawn:
    """Return a drawn film of 640 x 480 pixels."""

    def write(path: Path) -> None:
        truth = draw_video(path, 5, SECONDS, FPS)
        rows = [
            [time_s, [[[f.x, f.y, f.width, f.height], f.expression] for f in faces]]
            for time_s, faces in truth
        ]
        path.parent.joinpath("film.json").write_text(json.dumps(rows))

    path = once("film.mp4", write)
    rows = json.loads(path.parent.joinpath("film.json").read_text())
    return Drawn(path, [(t, [(tuple(box), name) for box, name in faces]) for t, faces in rows])
