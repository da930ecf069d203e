import cv2
import imagehash
import numpy as np
import pytest
from PIL import Image

from mien.acquire.tables import SCENES
from mien.errors import TableError
from mien.faces.crop import crop_faces, detect_scenes, phash, sharpness
from mien.faces.detections import Detection
from mien.ids import face_id, scene_id
from mien.images import decode, encode_png
from mien.shards import read_shard, write_shard


def test_a_crop_is_square_centred_on_the_box_and_has_the_margin(scene, params):
    row = crop_faces(scene, "a" * 16, [Detection(80, 40, 40, 20, 1.0)], params)[0]
    crop = decode(row["image"])
    # side 40 * 1.4 = 56, centre (100, 50): from (72, 22) to (128, 78)
    assert np.array_equal(crop, scene[22:78, 72:128])


def test_a_crop_at_the_border_repeats_the_edge_of_the_scene(scene, params):
    row = crop_faces(scene, "a" * 16, [Detection(0, 0, 40, 40, 1.0)], params)[0]
    crop = decode(row["image"])
    assert crop.shape == (56, 56, 3)
    assert np.array_equal(crop[8:, 8:], scene[:48, :48])
    assert (crop[:8, 8:] == scene[0, :48]).all()
    assert (crop[:8, :8] == scene[0, 0]).all()


def test_a_large_face_is_stored_at_256_pixels(params):
    large = np.full((800, 800, 3), 90, np.uint8)
    row = crop_faces(large, "a" * 16, [Detection(100, 100, 600, 600, 1.0)], params)[0]
    assert decode(row["image"]).shape == (256, 256, 3)


def test_a_row_has_the_id_of_its_scene_and_box_and_the_landmarks(scene, params):
    points = tuple(float(n) for n in range(10))
    row = crop_faces(scene, "a" * 16, [Detection(80, 40, 40, 20, 0.75, points)], params)[0]
    assert row["face_id"] == face_id("a" * 16, 80, 40, 40, 20)
    assert (row["confidence"], row["x1"], row["y1"], row["y5"]) == (0.75, 0.0, 1.0, 9.0)


def test_sharpness_is_the_variance_of_the_laplacian():
    dot = np.zeros((64, 64, 3), np.uint8)
    dot[32, 32] = 100
    # the Laplacian is -400 at the dot, 100 at its four neighbours, 0 at 4091 others: mean 0,
    # variance (400**2 + 4 * 100**2) / 4096
    assert sharpness(dot) == pytest.approx(200_000 / 4096)


def test_a_blurred_crop_is_less_sharp(scene):
    blurred = cv2.GaussianBlur(scene[:100, :100], (0, 0), 4)
    assert sharpness(blurred) < sharpness(scene[:100, :100]) / 10


def test_the_hash_is_that_of_imagehash_on_the_colours_of_the_picture(scene):
    picture = Image.fromarray(cv2.cvtColor(scene, cv2.COLOR_BGR2RGB))
    assert phash(scene) == str(imagehash.phash(picture))


@pytest.fixture
def shard(tmp_path, scene):
    """A shard of 70 scenes of two shapes."""
    rows = []
    for position in range(70):
        image = encode_png(np.roll(scene[: 120 - position % 2], position, axis=1))
        rows.append(
            {
                "scene_id": scene_id(image),
                "source_id": "s",
                "position": position,
                "image": image,
                "width": 200,
                "height": 120 - position % 2,
                "item_id": f"item-{position}",
                "author": "unknown",
                "time_s": None,
                "page_url": "unknown",
                "licence": "unknown",
                "fetched_at": "unknown",
                "title": "unknown",
                "sha256": "0" * 64,
                "tool": "mien",
            }
        )
    write_shard(tmp_path / "scenes.parquet", rows, SCENES)
    return tmp_path / "scenes.parquet"


def find_in_even(scenes):
    return [[Detection(50, 30, 40, 40, 1.0)] if len(s) == 120 else [] for s in scenes]


def test_every_scene_is_counted_and_every_face_stored_in_order(shard, tmp_path, params):
    counts = detect_scenes(shard, find_in_even, params, tmp_path / "faces.parquet")
    assert counts == {"scenes": 70, "without_a_face": 35, "faces": 35}
    faces = read_shard(tmp_path / "faces.parquet", ["scene_id"])
    scenes = read_shard(shard, ["scene_id", "position"])
    assert faces["scene_id"].tolist() == scenes["scene_id"][::2].tolist()


def test_no_more_than_32_scenes_are_decoded_at_a_time(shard, tmp_path, params):
    sizes = []

    def note(scenes):
        sizes.append(len(scenes))
        return find_in_even(scenes)

    detect_scenes(shard, note, params, tmp_path / "faces.parquet")
    assert sizes == [32, 32, 6]


def test_no_more_than_64_megapixels_are_decoded_at_a_time(tmp_path, shard, params):
    rows = [
        row | {"width": 8000, "height": 5000} if row["position"] < 3 else row
        for row in read_shard(shard, SCENES.names).replace({np.nan: None}).to_dict("records")
    ]
    write_shard(tmp_path / "declared.parquet", rows, SCENES)
    sizes = []

    def note(scenes):
        sizes.append(len(scenes))
        return find_in_even(scenes)

    detect_scenes(tmp_path / "declared.parquet", note, params, tmp_path / "faces.parquet")
    assert sizes == [1, 1, 32, 32, 4]


def test_a_scene_that_is_no_picture_any_more_is_named_with_its_shard(shard, tmp_path, params):
    rows = read_shard(shard, SCENES.names).replace({np.nan: None}).to_dict("records")
    write_shard(shard, [rows[0] | {"scene_id": "s1", "image": b"<html>"}], SCENES)
    with pytest.raises(TableError) as error:
        detect_scenes(shard, find_in_even, params, tmp_path / "faces.parquet")
    assert str(error.value) == (
        f"{shard}: scene s1: not a picture; delete the shard and run snakemake"
    )


def test_the_same_scenes_give_the_same_bytes(shard, tmp_path, params):
    for name in ("one.parquet", "two.parquet"):
        detect_scenes(shard, find_in_even, params, tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
