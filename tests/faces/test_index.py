import cv2
import numpy as np
import pandas as pd
import pytest

from mien.acquire.withdrawn import Withdrawn, hashed
from mien.errors import SourceError
from mien.faces.duplicates import thumbnail
from mien.faces.index import (
    count_faces,
    group_names,
    index_faces,
    large_groups,
    look_alikes,
    order_faces,
)

NOTHING = Withdrawn()
FAR = ["0000000000000000", "00000000ffffffff", "ffffffff00000000", "ffffffffffffffff"]
FAR += ["0f0f0f0f0f0f0f0f", "f0f0f0f0f0f0f0f0", "00ff00ff00ff00ff", "ff00ff00ff00ff00"]


def sources_of(*rows):
    columns = ["source_id", "kind", "expression", "group"]
    return pd.DataFrame(rows, columns=columns, dtype="string")


def scenes_of(*rows):
    columns = ["source_id", "scene_id", "position", "time_s", "item_id", "author"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"time_s": "Float64", "item_id": "string", "author": "string"}
    )


def crops_of(*rows):
    columns = ["source_id", "scene_id", "face_id", "x", "phash"]
    return pd.DataFrame(rows, columns=columns).assign(y=0, width=50, height=50, sharpness=100.0)


@pytest.fixture
def index(params):
    """Index the faces; those of equal hashes have equal pictures, others have others."""

    def build(crops, scenes, sources, params=params, withdrawn=NOTHING):
        ordered = order_faces(crops, scenes, sources, withdrawn, params)
        pairs = look_alikes(ordered, params.max_phash_distance)
        return index_faces(ordered, pairs, {n: picture(ordered["phash"][n]) for n in pairs.flat})

    return build


def picture(phash):
    noise = np.random.default_rng(int(phash, 16) % 997).integers(0, 256, (64, 64, 3))
    return thumbnail(cv2.GaussianBlur(noise.astype(np.uint8), (0, 0), 3))


TWO = sources_of(("b", "flickr", "happy", pd.NA), ("a", "flickr", "angry", pd.NA))


def test_faces_stand_in_the_order_of_sources_then_position_time_and_box(index):
    scenes = scenes_of(
        ("a", "s1", 0, pd.NA, "i1", "ann"),
        ("b", "s2", 1, 9.0, "i2", "bob"),
        ("b", "s3", 1, 3.0, "i3", "bob"),
        ("b", "s4", 0, 5.0, "i4", "bob"),
    )
    crops = crops_of(
        ("a", "s1", "f1", 0, FAR[0]),
        ("b", "s2", "f2", 0, FAR[1]),
        ("b", "s3", "f3", 70, FAR[2]),
        ("b", "s3", "f4", 60, FAR[3]),
        ("b", "s4", "f5", 0, FAR[4]),
    )
    assert index(crops, scenes, TWO)["face_id"].tolist() == ["f5", "f4", "f3", "f2", "f1"]


def test_a_duplicate_names_the_face_that_comes_first_in_the_sources(index):
    scenes = scenes_of(("a", "s1", 0, pd.NA, "i1", "ann"), ("b", "s2", 0, pd.NA, "i2", "bob"))
    crops = crops_of(("a", "s1", "f1", 0, FAR[0]), ("b", "s2", "f2", 0, FAR[0]))
    faces = index(crops, scenes, TWO).set_index("face_id")
    assert faces.loc["f2", "status"] == "kept"
    assert faces.loc["f1", "status"] == "duplicate"
    assert faces.loc["f1", "duplicate_of"] == "f2"
    assert pd.isna(faces.loc["f2", "duplicate_of"])


def test_near_hashes_of_different_pictures_are_no_duplicates(index):
    scenes = scenes_of(("a", "s1", 0, pd.NA, "i1", "ann"), ("b", "s2", 0, pd.NA, "i2", "bob"))
    crops = crops_of(
        ("a", "s1", "f1", 0, "0000000000000000"), ("b", "s2", "f2", 0, "0000000000000003")
    )
    assert index(crops, scenes, TWO)["status"].tolist() == ["kept", "kept"]


def test_hoped_for_expressions_that_differ_leave_none(index):
    scenes = scenes_of(
        ("a", "s1", 0, pd.NA, "i1", "ann"),
        ("b", "s2", 0, pd.NA, "i2", "bob"),
        ("b", "s3", 1, pd.NA, "i3", "bob"),
    )
    crops = crops_of(
        ("a", "s1", "f1", 0, FAR[0]),
        ("b", "s2", "f2", 0, FAR[0]),
        ("b", "s3", "f3", 0, FAR[1]),
    )
    faces = index(crops, scenes, TWO).set_index("face_id")
    assert faces["expression"].isna().to_dict() == {"f2": True, "f3": False, "f1": True}
    assert faces.loc["f3", "expression"] == "happy"


def test_a_source_that_hopes_for_nothing_contradicts_nobody(index):
    sources = sources_of(("b", "flickr", pd.NA, pd.NA), ("a", "flickr", "angry", pd.NA))
    scenes = scenes_of(("a", "s1", 0, pd.NA, "i1", "ann"), ("b", "s2", 0, pd.NA, "i2", "bob"))
    crops = crops_of(("a", "s1", "f1", 0, FAR[0]), ("b", "s2", "f2", 0, FAR[0]))
    assert index(crops, scenes, sources)["expression"].tolist() == ["angry", "angry"]


def test_a_photo_of_two_sources_has_one_row_and_joins_their_groups(index):
    scenes = scenes_of(
        ("b", "s1", 0, pd.NA, "i1", "bob"),
        ("a", "s1", 0, pd.NA, "i1", "ann"),
        ("a", "s2", 1, pd.NA, "i2", "ann"),
    )
    crops = crops_of(
        ("b", "s1", "f1", 0, FAR[0]), ("a", "s1", "f1", 0, FAR[0]), ("a", "s2", "f2", 0, FAR[1])
    )
    faces = index(crops, scenes, TWO)
    assert faces["face_id"].tolist() == ["f1", "f2"]
    assert faces["source_id"].tolist() == ["b", "a"]
    assert faces["status"].tolist() == ["kept", "kept"]
    assert faces["group_id"].tolist() == ["bob", "bob"]
    assert pd.isna(faces["expression"][0])
    counts = count_faces(crops, faces, TWO)
    assert counts.loc["a"].to_dict() == {
        "kept": 1,
        "duplicate": 0,
        "too_small": 0,
        "blurred": 0,
        "withdrawn": 0,
        "repeated": 1,
    }


def authors(*names):
    return Withdrawn(authors=frozenset(map(hashed, names)))


def test_a_withdrawn_face_is_told_so_and_its_duplicate_is_kept_in_its_place(index):
    scenes = scenes_of(("b", "s1", 0, pd.NA, "i1", "bob"), ("a", "s2", 0, pd.NA, "i2", "ann"))
    crops = crops_of(("b", "s1", "f1", 0, FAR[0]), ("a", "s2", "f2", 0, FAR[0]))
    faces = index(crops, scenes, TWO, withdrawn=authors("bob")).set_index("face_id")
    assert faces["status"].to_dict() == {"f2": "kept", "f1": "withdrawn"}
    assert faces["duplicate_of"].isna().all()
    assert faces.loc["f2", "expression"] == "angry"
    assert pd.isna(faces.loc["f1", "expression"])


def test_a_withdrawn_face_joins_no_groups_and_its_own_names_nobody(index):
    # without bob's, ann's face and cid's have nothing to do with each other
    scenes = scenes_of(
        *[("b", f"s{n}", n, pd.NA, f"i{n}", who) for n, who in enumerate(["ann", "bob", "bob"])],
        ("a", "s3", 0, pd.NA, "i3", "cid"),
    )
    hashes = [FAR[0], FAR[0], FAR[1], FAR[1]]
    crops = crops_of(*[("bbba"[n], f"s{n}", f"f{n}", 0, phash) for n, phash in enumerate(hashes)])
    assert set(index(crops, scenes, TWO)["group_id"]) == {"ann"}
    faces = index(crops, scenes, TWO, withdrawn=authors("bob")).set_index("face_id")
    assert faces["group_id"].to_dict() == {"f0": "ann", "f3": "cid", "f1": "f1", "f2": "f2"}


def test_another_sources_copy_of_a_withdrawn_scene_stays(index):
    scenes = scenes_of(("b", "s1", 0, pd.NA, "i1", "bob"), ("a", "s1", 0, pd.NA, "i2", "ann"))
    crops = crops_of(("b", "s1", "f1", 0, FAR[0]), ("a", "s1", "f1", 0, FAR[0]))
    (face,) = index(crops, scenes, TWO, withdrawn=authors("bob")).to_dict("records")
    assert (face["source_id"], face["status"], face["group_id"]) == ("a", "kept", "ann")
    assert face["expression"] == "angry"
    (face,) = index(crops, scenes, TWO, withdrawn=authors("ann", "bob")).to_dict("records")
    assert face["status"] == "withdrawn"


def test_groups_are_joined_from_one_to_the_next(index):
    # ann's f1 shows the same as bob's f3, bob's f2 the same as cid's f4; dan is alone
    sources = sources_of(("s", "flickr", pd.NA, pd.NA))
    scenes = scenes_of(
        *[
            ("s", f"s{n}", n, pd.NA, f"i{n}", who)
            for n, who in enumerate(["ann", "bob", "bob", "cid", "dan", "cid"])
        ]
    )
    hashes = [FAR[0], FAR[1], FAR[0], FAR[1], FAR[2], FAR[3]]
    crops = crops_of(*[("s", f"s{n}", f"f{n}", 0, phash) for n, phash in enumerate(hashes)])
    faces = index(crops, scenes, sources)
    assert faces["group_id"].tolist() == ["ann", "ann", "ann", "ann", "dan", "ann"]
    assert faces["status"].tolist() == ["kept", "kept", "duplicate", "duplicate", "kept", "kept"]


def test_small_and_blurred_faces_are_said_so_and_not_compared(index, params):
    sources = sources_of(("s", "flickr", pd.NA, pd.NA))
    scenes = scenes_of(("s", "s0", 0, pd.NA, "i", "ann"))
    crops = crops_of(*[("s", "s0", f"f{n}", n, FAR[0]) for n in range(4)])
    crops["width"] = [39, 40, 50, 50]
    crops["sharpness"] = [5.0, 4.9, 5.0, 9.0]
    faces = index(crops, scenes, sources, params.model_copy(update={"min_sharpness": 5}))
    assert faces["status"].tolist() == ["too_small", "blurred", "kept", "duplicate"]
    assert faces["duplicate_of"].dropna().tolist() == ["f2"]


def test_a_group_comes_from_the_pattern_then_the_author_then_the_item():
    sources = sources_of(
        ("p", "folder", pd.NA, r"^([A-Z][a-z]+)_"),
        ("f", "flickr", pd.NA, pd.NA),
        ("v", "video", pd.NA, pd.NA),
        ("d", "folder", pd.NA, pd.NA),
    )
    scenes = scenes_of(
        ("p", "s1", 0, pd.NA, "Ann_0001.jpg", "unknown"),
        ("f", "s2", 0, pd.NA, "513", "carla"),
        ("v", "s3", 0, 1.0, "film-7", "unknown"),
        ("d", "s4", 0, pd.NA, "0001.jpg", "unknown"),
    )
    assert group_names(scenes, sources).tolist() == ["Ann", "carla", "film-7", "d/0001.jpg"]


def test_a_pattern_that_finds_nothing_is_named_with_the_item():
    sources = sources_of(("p", "folder", pd.NA, r"^([A-Z]+)_"))
    scenes = scenes_of(
        ("p", "s1", 0, pd.NA, "A_1.jpg", "unknown"), ("p", "s2", 1, pd.NA, "b_2.jpg", "unknown")
    )
    with pytest.raises(SourceError) as error:
        group_names(scenes, sources)
    assert str(error.value) == (
        "source p: the group pattern '^([A-Z]+)_' finds nothing in the item 'b_2.jpg' (1 such); "
        "correct it in sources.csv, or leave it empty"
    )


def test_a_pattern_that_finds_nothing_in_any_item_is_named_as_well():
    sources = sources_of(("p", "folder", pd.NA, "^(.+)-[0-9]+"))
    scenes = scenes_of(
        ("p", "s1", 0, pd.NA, "a_1.jpg", "unknown"), ("p", "s2", 1, pd.NA, "b_2.jpg", "unknown")
    )
    with pytest.raises(SourceError, match=r"finds nothing in the item 'a_1.jpg' \(2 such\)"):
        group_names(scenes.astype({"item_id": "string"}), sources)


def test_a_group_with_more_than_a_tenth_of_the_kept_faces_is_large():
    faces = pd.DataFrame(
        {
            "group_id": ["a"] * 3 + ["b"] * 2 + [f"g{n}" for n in range(15)] + ["c"] * 9,
            "status": ["kept"] * 20 + ["duplicate"] * 9,
        }
    )
    assert large_groups(faces).to_dict() == {"a": 3}
