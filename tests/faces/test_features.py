"""Features are computed once for every face of a source, and read in any order."""

from pathlib import Path

import numpy as np
import pytest

from mien import layout
from mien.errors import TableError
from mien.faces.extraction import write_features
from mien.faces.features import read_features
from mien.faces.tables import CROPS, FEATURES, LANDMARKS
from mien.images import encode_png
from mien.params import HogFeatures
from mien.shards import read_shard, write_shard
from mien.view import View
from mien.viewing import align_to, seen

HOG = HogFeatures(kind="hog", image_size_px=32, aligned=False)
LENGTH = 36 * 3 * 3


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for source, count in (("one", 70), ("two", 3), ("none", 0)):
        rows = [
            {
                **{"face_id": f"{source}-{n}", "scene_id": f"scene-{n}", "x": 0, "y": 0},
                **{"width": 40, "height": 40, "confidence": 1.0, **dict.fromkeys(LANDMARKS)},
                **{"sharpness": 1.0, "phash": "0" * 16},
                "image": encode_png(random.integers(0, 256, (48, 48, 3), np.uint8)),
            }
            for n in range(count)
        ]
        write_shard(layout.crops_of(source), rows, CROPS)
    return tmp_path


def extract(extractor: str, *sources: str) -> list[int]:
    shards = [(layout.crops_of(s), layout.features_of(extractor, s)) for s in sources]
    return [write_features(crops, HOG, 0.1, 1, shard) for crops, shard in shards]


def test_every_face_has_features_in_whatever_order_they_are_asked_for():
    assert extract("hog", "one", "two", "none") == [70, 3, 0]
    assert read_shard(layout.features_of("hog", "two"), ["scene_id"])["scene_id"].tolist() == [
        "scene-0", "scene-1", "scene-2",
    ]  # fmt: skip
    ids = ["two-1", "one-69", "one-0"]
    found = read_features(["hog"], ["one", "none", "two"], ids)
    assert found.shape == (3, LENGTH)
    assert found.dtype == np.float32
    for face, row in zip(ids, found, strict=True):
        assert (read_features(["hog"], [face[:3]], [face]) == row).all()
    assert (found[0] != found[1]).any()


def test_features_of_several_extractors_stand_side_by_side():
    extract("hog", "one")
    extract("other", "one")
    found = read_features(["hog", "other"], ["one"], ["one-3", "one-4"])
    assert found.shape == (2, 2 * LENGTH)
    assert (found[:, :LENGTH] == found[:, LENGTH:]).all()


def test_a_face_that_two_sources_show_is_read_once():
    Path("data/faces/again.parquet").write_bytes(layout.crops_of("two").read_bytes())
    extract("hog", "two", "again")
    alone = read_features(["hog"], ["two"], ["two-2", "two-0"])
    assert (read_features(["hog"], ["two", "again"], ["two-2", "two-0"]) == alone).all()


def test_a_face_without_features_is_named():
    extract("hog", "one", "two")
    with pytest.raises(TableError) as error:
        read_features(["hog"], ["one", "two"], ["one-1", "ghost"])
    assert str(error.value) == (
        "data/features/hog has no features of 1 of the wanted faces, such as ghost; delete the "
        "folder and run snakemake"
    )


def test_numbers_that_are_none_are_refused_and_leave_no_file(monkeypatch):
    monkeypatch.setattr(
        "mien.faces.extraction.runner", lambda *_: lambda faces: np.full((len(faces), 2), np.nan)
    )
    with pytest.raises(TableError, match=r"the extractor hog gives NaN or infinity for the face"):
        extract("hog", "two")
    assert not layout.features_of("hog", "two").exists()


def test_a_vector_is_as_long_for_every_face():
    write_shard(Path("a.parquet"), [], FEATURES)
    assert read_shard(Path("a.parquet"), ["face_id"]).empty


def test_five_points_come_to_lie_where_they_shall():
    crop = np.zeros((200, 200, 3), np.uint8)
    goal = [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]  # fmt: skip
    turn = 1.4 * np.exp(0.4j)
    points = [(p.real, p.imag) for p in ((x + 1j * y) * turn + 30 - 10j for x, y in goal)]
    for x, y in points:
        crop[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 255
    aligned = align_to(crop, points, goal, 112)
    assert aligned.shape == (112, 112, 3)
    for x, y in goal:
        around = aligned[round(y) - 4 : round(y) + 5, round(x) - 4 : round(x) + 5, 0].astype(float)
        rows, columns = np.mgrid[-4:5, -4:5]
        off = [(around * axis).sum() / around.sum() for axis in (rows, columns)]
        assert np.hypot(*off) < 1
    view = View(112, points=tuple(goal))
    assert (seen(crop, points, view) == aligned).all()
    assert (seen(crop, None, view) == seen(crop, None, View(112))).all()


def test_points_in_one_place_turn_nothing():
    crop = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    points = [(30.0, 30.0)] * 5
    goal = tuple((10.0 * n, 5.0) for n in range(5))
    assert (seen(crop, points, View(32, points=goal)) == seen(crop, None, View(32))).all()


def test_grey_has_three_equal_channels_and_leaves_a_grey_picture_as_it_is():
    colour = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    made = seen(colour, None, View(32, grey=True))
    assert (made[..., 0] == made[..., 1]).all()
    assert (made[..., 1] == made[..., 2]).all()
    assert (seen(made, None, View(32, grey=True)) == made).all()
