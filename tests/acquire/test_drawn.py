import os
from itertools import combinations, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mien.acquire.drawing.drawn import DrawnFace, DrawnScene, draw_source, draw_video
from mien.acquire.drawing.film import actors_at, make_film
from mien.acquire.drawing.muscles import EXPRESSIONS, FULL, blend, express
from mien.acquire.drawing.person import generator
from mien.errors import SourceError

Box = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def happy() -> list[DrawnScene]:
    return list(draw_source("happy-1", 30))


@pytest.fixture(scope="module")
def film_scenes() -> list[DrawnScene]:
    return list(draw_source("video-1", 12))


def box(face: DrawnFace) -> Box:
    return face.x, face.y, face.width, face.height


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over the union of two boxes."""
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right = min(first[0] + first[2], second[0] + second[2])
    bottom = min(first[1] + first[3], second[1] + second[3])
    shared = max(right - left, 0) * max(bottom - top, 0)
    return shared / (first[2] * first[3] + second[2] * second[3] - shared)


def test_every_box_lies_inside_its_scene(
    happy: list[DrawnScene], film_scenes: list[DrawnScene]
) -> None:
    for scene in happy + film_scenes:
        height, width = scene.image.shape[:2]
        assert (width, height) == (640, 480)
        for face in scene.faces:
            assert face.x >= 0 and face.x + face.width <= width
            assert face.y >= 0 and face.y + face.height <= height
            assert 56 <= face.width <= 130


def test_no_two_faces_overlap(happy: list[DrawnScene], film_scenes: list[DrawnScene]) -> None:
    for scene in happy + film_scenes:
        pairs = combinations(scene.faces, 2)
        assert all(overlap(box(first), box(second)) == 0 for first, second in pairs)


def test_two_to_five_different_persons_are_in_a_photo(happy: list[DrawnScene]) -> None:
    counts = {len(scene.faces) for scene in happy}
    assert counts == {2, 3, 4, 5}
    assert all(len({face.person for face in scene.faces}) == len(scene.faces) for scene in happy)


def test_most_faces_show_the_expression_asked_for(happy: list[DrawnScene]) -> None:
    shown = [face.expression for scene in happy for face in scene.faces]
    assert 0.75 < shown.count("happy") / len(shown) < 0.95
    assert set(shown) == set(EXPRESSIONS)


def test_a_mixed_source_shows_all_expressions_alike() -> None:
    shown = [face.expression for scene in draw_source("mixed-2", 24) for face in scene.faces]
    assert all(0.1 < shown.count(expression) / len(shown) < 0.4 for expression in EXPRESSIONS)


def test_two_photos_in_a_row_show_one_cast_and_no_other_does(happy: list[DrawnScene]) -> None:
    assert [scene.author for scene in happy[:4]] == ["cast-happy-1-000"] * 2 + [
        "cast-happy-1-001"
    ] * 2
    cast_of = {face.person: set[str]() for scene in happy for face in scene.faces}
    for scene in happy:
        for face in scene.faces:
            cast_of[face.person].add(scene.author)
    assert all(len(casts) == 1 for casts in cast_of.values())
    assert len({scene.item_id for scene in happy}) == len(happy)


def test_sources_share_no_cast() -> None:
    authors = {next(draw_source(target, 1)).author for target in ("happy-1", "happy-2", "angry-1")}
    assert len(authors) == 3


def test_the_same_target_gives_the_same_pixels_however_many_are_asked_for(
    happy: list[DrawnScene],
) -> None:
    for again, first in zip(draw_source("happy-1", 3), happy, strict=False):
        assert np.array_equal(again.image, first.image)
        assert again.faces == first.faces


def test_another_number_gives_other_scenes(happy: list[DrawnScene]) -> None:
    other = next(draw_source("happy-2", 1))
    assert other.faces != happy[0].faces


def test_opencv_finds_the_faces(happy: list[DrawnScene]) -> None:
    scenes = happy[:9] + [
        scene
        for target in ("angry-1", "neutral-1", "surprised-1", "mixed-1")
        for scene in draw_source(target, 4)
    ]
    path = Path(cv2.data.haarcascades) / "haarcascade_frontalface_alt2.xml"
    cascade = cv2.CascadeClassifier(str(path))
    found = asked = false = 0
    for scene in scenes:
        grey = cv2.equalizeHist(cv2.cvtColor(scene.image, cv2.COLOR_BGR2GRAY))
        boxes = cascade.detectMultiScale(grey, 1.1, 2, minSize=(40, 40))
        hits = sum(
            any(overlap(box(face), tuple(seen)) >= 0.3 for seen in boxes) for face in scene.faces
        )
        found, false, asked = found + hits, false + len(boxes) - hits, asked + len(scene.faces)
    assert found / asked >= 0.9
    assert false / len(scenes) <= 0.4


def test_a_film_shows_one_cast_second_by_second(film_scenes: list[DrawnScene]) -> None:
    assert [scene.time_s for scene in film_scenes] == [float(second) for second in range(12)]
    assert {scene.author for scene in film_scenes} == {"cast-video-1"}
    assert {scene.item_id for scene in film_scenes} == {"video-1"}
    casts = {tuple(face.person for face in scene.faces) for scene in film_scenes}
    assert len(casts) == 1 and len(casts.pop()) in (2, 3)


def test_the_persons_of_a_film_change_expression(film_scenes: list[DrawnScene]) -> None:
    for shown in zip(*(scene.faces for scene in film_scenes), strict=True):
        assert len({face.expression for face in shown}) >= 3


def test_nothing_in_a_film_jumps() -> None:
    film = make_film("video-3")
    moments = [actors_at(film, time_s) for time_s in np.arange(0, 12, 0.05)]
    for before, after in pairwise(moments):
        for earlier, later in zip(before, after, strict=True):
            assert abs(later.muscles.smile - earlier.muscles.smile) < 0.25
            assert abs(later.muscles.jaw - earlier.muscles.jaw) < 0.25
            assert np.hypot(later.pose.x - earlier.pose.x, later.pose.y - earlier.pose.y) < 3


def test_a_film_file_holds_the_frames_it_says(tmp_path: Path) -> None:
    truth = draw_video(tmp_path / "film.mp4", seed=1, duration_s=2.0, fps=6)
    assert [time_s for time_s, _ in truth] == pytest.approx([number / 6 for number in range(12)])
    with av.open(str(tmp_path / "film.mp4")) as container:
        frames = list(container.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx([time_s for time_s, _ in truth])
    assert (frames[0].width, frames[0].height) == (640, 480)


def test_a_film_file_is_the_same_bytes_however_many_cores_there_are(tmp_path: Path) -> None:
    cores, written = os.sched_getaffinity(0), []
    for some in (cores, {min(cores)}):
        os.sched_setaffinity(0, some)
        try:
            draw_video(tmp_path / "film.mp4", seed=1, duration_s=2.0, fps=6)
        finally:
            os.sched_setaffinity(0, cores)
        written.append((tmp_path / "film.mp4").read_bytes())
    assert written[0] == written[1]


def test_a_film_file_shows_what_the_source_of_its_number_shows(
    tmp_path: Path, film_scenes: list[DrawnScene]
) -> None:
    truth = draw_video(tmp_path / "film.mp4", seed=1, duration_s=2.0, fps=1)
    assert [faces for _, faces in truth] == [scene.faces for scene in film_scenes[:2]]
    with av.open(str(tmp_path / "film.mp4")) as container:
        seen = next(container.decode(video=0)).to_ndarray(format="bgr24")
    difference = np.abs(seen.astype(float) - film_scenes[0].image)
    assert difference.mean() < 10


def test_a_weak_expression_stays_nearer_to_rest() -> None:
    def mean_smile(strength: float) -> float:
        drawn = (express(generator("smile", number), "happy", strength) for number in range(200))
        return float(np.mean([muscles.smile for muscles in drawn]))

    assert mean_smile(0.0) == pytest.approx(0, abs=0.05)
    assert mean_smile(0.5) == pytest.approx(0.5, abs=0.05)
    assert mean_smile(1.0) == pytest.approx(1, abs=0.05)


def test_halfway_between_two_expressions_is_their_mean() -> None:
    half = blend(FULL["angry"], FULL["surprised"], 0.5)
    assert half.brow_raise == pytest.approx((-0.35 + 1.0) / 2)
    assert half.jaw == pytest.approx(0.5)


@pytest.mark.parametrize("target", ["sad-1", "happy", "happy-x", "video-1.mp4", ""])
def test_an_unknown_target_is_told_what_it_may_be(target: str) -> None:
    with pytest.raises(SourceError) as error:
        draw_source(target, 1)
    assert str(error.value) == (
        f"drawn target is {target!r}; it must be angry, happy, neutral, surprised, mixed or video, "
        "then a dash and a number, as in happy-1"
    )
