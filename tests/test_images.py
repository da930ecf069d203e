"""One way to crop and resize, for training, evaluation and the running classifier alike."""

import numpy as np
import pytest
from PIL import Image

from mien.images import (
    MAX_CROP_PX,
    align,
    crop,
    decode,
    encode_png,
    is_picture,
    resize,
    shrink,
)
from mien.view import View
from mien.viewing import seen_in_scene


@pytest.fixture
def scene():
    """A scene whose pixels tell where they come from: blue is x, green is y."""
    y, x = np.mgrid[0:100, 0:120]
    return np.dstack([x, y, np.zeros_like(x)]).astype(np.uint8)


def test_a_crop_is_square_and_centred_on_the_box(scene):
    face = crop(scene, (40, 30, 20, 10), margin=0.0)
    assert face.shape == (20, 20, 3)
    assert tuple(face[0, 0]) == (40, 25, 0)
    assert tuple(face[-1, -1]) == (59, 44, 0)


def test_the_margin_is_added_on_every_side(scene):
    face = crop(scene, (40, 40, 20, 20), margin=0.25)
    assert face.shape == (30, 30, 3)
    assert tuple(face[0, 0]) == (35, 35, 0)


def test_outside_the_scene_the_edge_is_repeated(scene):
    face = crop(scene, (-10, 90, 20, 20), margin=0.0)
    assert face.shape == (20, 20, 3)
    assert face[:, :10, 0].max() == 0
    assert face[10:, :, 1].min() == face[10:, :, 1].max() == 99


def test_a_box_partly_outside_on_every_side_is_still_square(scene):
    assert crop(scene, (-20, -20, 160, 140), margin=0.1).shape == (192, 192, 3)


def test_a_large_face_is_kept_at_256_pixels():
    large = np.full((900, 900, 3), 77, np.uint8)
    face = crop(large, (100, 100, 600, 500), margin=0.2)
    assert face.shape == (MAX_CROP_PX, MAX_CROP_PX, 3)
    assert (face == 77).all()


def test_shrinking_averages_the_area():
    board = np.zeros((4, 4, 3), np.uint8)
    board[::2, ::2] = 200
    assert (resize(board, 2) == 50).all()


def test_png_loses_nothing(scene):
    assert (decode(encode_png(scene)) == scene).all()


def test_a_large_scene_is_shrunk_in_proportion_and_a_small_one_kept(scene):
    assert shrink(np.zeros((300, 1200, 3), np.uint8), 360).shape == (90, 360, 3)
    assert shrink(np.zeros((1200, 1, 3), np.uint8), 360).shape == (360, 1, 3)
    assert shrink(scene, 4000) is scene


def dots(points: list[tuple[int, int]], side: int = 200) -> np.ndarray:
    """A grey square with a white dot at each point."""
    square = np.full((side, side, 3), 90, np.uint8)
    for x, y in points:
        square[y - 3 : y + 4, x - 3 : x + 4] = 255
    return square


def centre_of_dots(square: np.ndarray) -> list[tuple[float, float]]:
    """Return the middle of each half's bright pixels, from left to right."""
    rows, columns = np.nonzero(square[:, :, 0] > 200)
    middle = columns.mean()
    halves = [columns < middle, columns >= middle]
    return [(columns[half].mean(), rows[half].mean()) for half in halves]


@pytest.mark.parametrize("eyes", [[(60, 60), (120, 100)], [(70, 120), (150, 90)]])
def test_aligned_eyes_are_level_and_lie_where_they_always_do(eyes):
    left, right = centre_of_dots(align(dots(eyes), *eyes))
    assert left == pytest.approx((0.32 * 200, 0.38 * 200), abs=1)
    assert right == pytest.approx((0.68 * 200, 0.38 * 200), abs=1)


def test_a_face_in_profile_is_not_blown_up():
    eyes = [(95, 80), (105, 80)]
    left, right = centre_of_dots(align(dots(eyes), *eyes))
    assert right[0] - left[0] < 10 * 4 / 3 + 2


@pytest.mark.parametrize("side", [90, 600])
def test_a_face_is_cut_aligned_and_resized_at_once_as_it_is_step_by_step(side):
    scene = np.random.default_rng(0).integers(0, 256, (700, 700, 3)).astype(np.uint8)
    box = (20, 30, side, side)
    eyes = (20 + 0.3 * side, 30 + 0.4 * side, 20 + 0.7 * side, 30 + 0.5 * side)
    square = crop(scene, box, 0.2)
    scale = len(square) / round(1.4 * side)
    places = [((x - 20 + 0.2 * side) * scale, (y - 30 + 0.2 * side) * scale)
              for x, y in (eyes[:2], eyes[2:])]  # fmt: skip
    asked = {"scene": scene, "box": box, "margin": 0.2}
    turned = seen_in_scene(points=eyes, view=View(64, aligned=True), **asked)
    assert (turned == resize(align(square, *places), 64)).all()
    plain = resize(square, 64)
    assert (seen_in_scene(points=eyes, view=View(64), **asked) == plain).all()
    assert (seen_in_scene(points=None, view=View(64, aligned=True), **asked) == plain).all()
    assert (turned != plain).any()


def test_what_begins_as_a_picture_is_one(tmp_path):
    still, moving, text = (tmp_path / name for name in ("still.gif", "moving.gif", "text.png"))
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 120, 240)]
    frames[0].save(still)
    frames[0].save(moving, save_all=True, append_images=frames[1:])
    text.write_text("no picture")
    assert [is_picture(path) for path in (still, moving, text)] == [True, False, False]
