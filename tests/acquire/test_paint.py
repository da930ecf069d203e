import numpy as np
import pytest

from mien.acquire.drawing.paint import Canvas, band, ellipse


def canvas(scale: float = 1.0, tilt_deg: float = 0.0) -> Canvas:
    return Canvas(np.zeros((80, 120, 3), np.float32), 60, 40, scale, tilt_deg)


def test_a_stencil_has_the_area_of_its_outline_and_a_rim_of_less_than_a_pixel() -> None:
    stencil = canvas(scale=2).stencil(ellipse(0, 0, 15, 9))
    area, around = np.pi * 30 * 18, 2 * np.pi * np.sqrt((30**2 + 18**2) / 2)
    assert area <= stencil.alpha.sum() < area + around


def test_softening_moves_the_edge_and_keeps_the_area() -> None:
    hard, soft = (canvas().stencil(ellipse(0, 0, 20, 12), soft) for soft in (0, 3))
    assert soft.alpha.sum() == pytest.approx(hard.alpha.sum(), rel=0.01)


def test_what_lies_outside_the_canvas_is_cut_off() -> None:
    board = canvas()
    board.fill(ellipse(60, 0, 20, 20), (10, 20, 30))
    board.fill(ellipse(500, -500, 20, 20), (10, 20, 30), soft=2)
    assert board.pixels[40, 119].tolist() == [10, 20, 30]
    assert board.pixels[:, :90].sum() == 0


def test_paint_within_another_stencil_stays_there() -> None:
    board = canvas()
    left = board.stencil([(-40, -30), (0, -30), (0, 30), (-40, 30)])
    board.fill(ellipse(0, 0, 20, 20), (100, 100, 100), within=left)
    assert board.pixels[40, 50].tolist() == [100, 100, 100]
    assert board.pixels[:, 63:].sum() == 0


def test_two_stencils_apart_share_nothing() -> None:
    board = canvas()
    far = board.stencil(ellipse(40, 0, 5, 5))
    assert board.stencil(ellipse(-40, 0, 5, 5)).within(far).alpha.sum() == 0


def test_a_positive_tilt_turns_with_the_clock() -> None:
    tilted = canvas(tilt_deg=90).project([(10, 0)])
    assert tilted == pytest.approx(np.array([[60, 50]]))


def test_a_band_is_as_wide_as_asked() -> None:
    outline = band([(0, 0), (5, 0), (10, 0)], 4)
    assert outline[:, 1].tolist() == [2, 2, 2, -2, -2, -2]
