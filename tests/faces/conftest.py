from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.images import Picture
from mien.params import FacesParams

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is absent")
    return DATA


@pytest.fixture
def params() -> FacesParams:
    return FacesParams(
        detector="haar",
        weights=None,
        image_size_px=640,
        min_confidence=0.7,
        min_size_px=40,
        min_sharpness=0,
        margin=0.2,
        max_phash_distance=6,
    )


@pytest.fixture
def scene() -> Picture:
    """200 x 120 pixels of noise, softened so that re-encoding leaves it as it is."""
    noise = np.random.default_rng(0).integers(0, 256, (120, 200, 3)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)
