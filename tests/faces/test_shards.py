"""Shards of all sources: what is read of them, and what is said of what cannot be."""

from pathlib import Path

import numpy as np
import pytest

from mien.acquire.tables import SCENES
from mien.errors import TableError
from mien.faces.crop import crop_faces
from mien.faces.detections import Detection
from mien.faces.shards import read_crops, read_shards, read_views
from mien.faces.tables import CROPS, LANDMARKS
from mien.ids import scene_id
from mien.images import encode_png
from mien.params import FacesParams
from mien.shards import write_shard
from mien.view import View

ALIGNED = View(None, aligned=True)


def test_a_scene_that_a_film_shows_twice_counts_as_its_first(tmp_path, monkeypatch, scene, params):
    monkeypatch.chdir(tmp_path)
    image = encode_png(scene)
    rows = [
        dict.fromkeys(SCENES.names, "unknown")
        | {"scene_id": scene_id(image), "image": image, "width": 200, "height": 120}
        | {"source_id": "film", "position": position, "time_s": float(position)}
        for position in (3, 4)
    ]
    face = crop_faces(scene, scene_id(image), [Detection(50, 30, 40, 40, 1.0)], params)
    write_shard(Path("data/scenes/film.parquet"), rows, SCENES)
    write_shard(Path("data/faces/film.parquet"), face * 2, CROPS)
    crops, scenes = read_shards(["film"])
    assert scenes["position"].tolist() == [3]
    assert crops["face_id"].tolist() == [face[0]["face_id"]] * 2
    assert crops["source_id"].tolist() == ["film", "film"]


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """130 faces, each as bright as its number; 0 is damaged, 100 and 129 are one face."""
    images = [encode_png(np.full((8, 8, 3), number, np.uint8)) for number in range(130)]
    names = [f"face{100 if number == 129 else number}" for number in range(130)]
    rows = [
        {
            **{"face_id": name, "scene_id": "s", "x": 0, "y": 0, "width": 8, "height": 8},
            **{"confidence": 1.0, "sharpness": 0.0, "phash": "0", **dict.fromkeys(LANDMARKS)},
            "image": image,
        }
        for name, image in zip(names, [b"torn", *images[1:]], strict=True)
    ]
    write_shard(tmp_path / "film.parquet", rows, CROPS)
    return tmp_path / "film.parquet"


def test_each_wanted_face_is_read_once_and_no_other(shard: Path) -> None:
    found = [
        (name, crop[0, 0, 0]) for name, crop in read_crops([shard, shard], ["face100", "face2"])
    ]
    assert found == [("face2", 2), ("face100", 100)]


def test_a_face_in_no_shard_is_named_at_the_end(shard: Path) -> None:
    crops = read_crops([shard], ["ghost", "face1", "spectre"])
    assert next(crops)[0] == "face1"
    with pytest.raises(TableError) as error:
        next(crops)
    assert str(error.value) == (
        "no shard of faces has 2 of the wanted faces, such as ghost; delete data/faces.csv and run "
        "snakemake"
    )


def test_a_damaged_crop_is_named_with_its_shard(shard: Path) -> None:
    with pytest.raises(TableError) as error:
        list(read_crops([shard], ["face0"]))
    assert str(error.value) == (
        f"{shard}: the crop of face face0: not a picture; delete the shard and run snakemake"
    )


def test_aligned_crops_have_level_eyes_whatever_their_size_and_margin(tmp_path: Path) -> None:
    """A face of 600 px, whose crop is kept at 256, and one of 90 px at the edge of the scene."""
    scene = np.full((900, 900, 3), 90, np.uint8)
    found = []
    for x, y, side in ((150, 100, 600), (0, 800, 90)):
        eyes = (x + 0.3 * side, y + 0.3 * side, x + 0.65 * side, y + 0.45 * side)
        for ex, ey in (eyes[:2], eyes[2:]):
            radius = side // 30
            scene[int(ey) - radius : int(ey) + radius, int(ex) - radius : int(ex) + radius] = 255
        found.append(Detection(x, y, side, side, 1.0, (*eyes, *[0.0] * 6)))
    params = FacesParams(
        **{"detector": "yunet", "weights": "w", "image_size_px": 640, "min_confidence": 0.5},
        **{"min_size_px": 40, "min_sharpness": 0, "margin": 0.2, "max_phash_distance": 10},
    )
    write_shard(tmp_path / "film.parquet", crop_faces(scene, "scene", found, params), CROPS)
    ids = [row["face_id"] for row in crop_faces(scene, "scene", found, params)]
    for _, face in read_views([tmp_path / "film.parquet"], ids, ALIGNED, 0.2):
        rows, columns = np.nonzero(face[:, :, 0] > 180)
        is_left = columns < columns.mean()
        assert rows[is_left].mean() == pytest.approx(rows[~is_left].mean(), abs=1.5)
        assert rows.mean() == pytest.approx(0.38 * len(face), abs=2)
        assert columns.mean() == pytest.approx(0.5 * len(face), abs=2)


def test_a_face_without_known_eyes_stays_as_it_is(shard: Path) -> None:
    [(_, face)] = read_views([shard], ["face7"], ALIGNED, 0.1)
    assert (face == 7).all()
