import cv2
import imagehash
import numpy as np

from mien.faces.crop import crop_faces, phash
from mien.faces.detect import yunet
from mien.faces.duplicates import (
    SAME_BELOW,
    components,
    difference,
    first_shown,
    near_hashes,
    thumbnail,
)
from mien.images import decode, encode_jpeg

YUNET = "face_detection_yunet_2023mar.onnx"


def test_near_hashes_are_those_of_brute_force_by_imagehash():
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, (300, 64)).astype(bool)
    for place in range(150, 300):  # half of them are others with up to 9 bits turned
        bits[place] = bits[place - 150]
        bits[place, rng.choice(64, rng.integers(0, 10), replace=False)] ^= True
    hashes = [imagehash.ImageHash(row.reshape(8, 8)) for row in bits]
    expected = [
        [earlier, later]
        for later in range(300)
        for earlier in range(later)
        if hashes[earlier] - hashes[later] <= 6
    ]
    assert near_hashes([str(h) for h in hashes], 6).tolist() == expected
    assert len(expected) > 50


def test_no_hashes_and_one_hash_have_no_pairs():
    assert near_hashes([], 6).tolist() == []
    assert near_hashes(["0123456789abcdef"], 6).tolist() == []


def test_distance_zero_pairs_equal_hashes_only():
    hashes = ["0" * 16, "0" * 15 + "1", "0" * 16]
    assert near_hashes(hashes, 0).tolist() == [[0, 2]]


def test_components_join_what_a_chain_of_pairs_joins():
    parts = components(np.array([[0, 2], [2, 4], [1, 5]]), 6)
    assert parts[0] == parts[2] == parts[4]
    assert parts[1] == parts[5]
    assert len({parts[0], parts[1], parts[3]}) == 3


def test_a_picture_does_not_differ_from_itself(scene):
    small = thumbnail(scene[:100, :100])
    assert difference(small, small) < 0.01


def test_a_flat_picture_fits_nothing(scene):
    flat = np.full((64, 64), 128, np.uint8)
    assert difference(thumbnail(scene[:100, :100]), flat) > SAME_BELOW


def test_a_duplicate_is_compared_with_what_is_kept_not_with_its_like(scene):
    noise = scene[:100, :100]
    other = scene[20:, 80:180]
    step = [cv2.addWeighted(noise, 1 - share, other, share, 0) for share in (0, 0.035, 0.07)]
    one, two, three = map(thumbnail, step)
    assert difference(one, two) < SAME_BELOW
    assert difference(two, three) < SAME_BELOW
    assert difference(one, three) > SAME_BELOW
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    assert first_shown(pairs, {0: one, 1: two, 2: three}, 3).tolist() == [0, 0, 2]


def faces_of(picture, detector, params):
    rows = crop_faces(picture, "a" * 16, detector([picture])[0], params)
    return [decode(row["image"]) for row in rows if row["width"] >= 60]


def test_photographs_saved_anew_are_recognised(data, params):
    detector = yunet(params, data / "weights" / YUNET)
    same = []
    for name in ("ageitgey_two_people", "ultralytics_zidane", "pyfeat_multi_face"):
        picture = decode((data / "scenes" / f"{name}.jpg").read_bytes())
        again = decode(encode_jpeg(picture, 60))
        for one, other in zip(
            faces_of(picture, detector, params), faces_of(again, detector, params), strict=True
        ):
            same.append(difference(thumbnail(one), thumbnail(other)) < SAME_BELOW)
    assert len(same) >= 6
    assert all(same)


def test_a_smile_is_no_duplicate_of_a_calm_face_however_near_their_hashes(data, params):
    film = cv2.VideoCapture(str(data / "videos" / "face_noface.mov"))
    detector = yunet(params, data / "weights" / YUNET)
    frames = []
    while (read := film.read())[0]:
        frames.append(read[1])
    crops = [c for f in frames[::15] for c in faces_of(f, detector, params)[:1]]
    hashes = [phash(c) for c in crops]
    near = near_hashes(hashes, 6)
    shown = first_shown(near, {n: thumbnail(c) for n, c in enumerate(crops)}, len(crops))
    assert len(near) >= 3
    assert 2 <= len(set(shown.tolist())) < len(crops)
