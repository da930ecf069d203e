"""A run sees the faces of its part, its fold and its classes, and nothing else."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from training import Project

from mien.errors import TableError
from mien.images import decode, resize
from mien.params import Variant, YoloVariant
from mien.train.dataset import classes_of, load_pictures, training_faces, unpack
from mien.view import View

EXPRESSIONS = ["surprised", "happy", "angry"]


def variant(classes: list[str] | None = None, labels: str = "consensus") -> Variant:
    return YoloVariant.model_validate(
        {
            "family": "yolo",
            "weights": "yolov8n-cls.yaml",
            "image_size_px": 32,
            "epochs": 1,
            "labels": labels,
            "classes": classes,
            "scheme": "grouped",
            "seeds": [0],
            "cross_validate": False,
            "checkpoint": "last",
        }
    )


@pytest.fixture
def split() -> pd.DataFrame:
    parts = ["train", "train", "val", "val", "train", "train", "test"]
    folds = pd.array([1, 1, 0, 0, 2, 2, pd.NA], dtype="Int64")
    return pd.DataFrame(
        {"face_id": list("abcdefg"), "group_id": list("abcdefg"), "split": parts, "fold": folds}
    )


@pytest.fixture
def labels() -> pd.DataFrame:
    label = ["happy", "angry", "happy", "angry", "happy", "angry", "happy"]
    initial = ["angry", "happy", "happy", "angry", "happy", "angry", "happy"]
    return pd.DataFrame(
        {"face_id": list("abcdefg"), "initial": initial, "label": label}, dtype="string"
    )


def rows(frame: pd.DataFrame) -> list[str]:
    return [" ".join(row) for row in frame.to_numpy()]


def test_the_classes_keep_the_order_of_the_expressions() -> None:
    assert classes_of(variant(), EXPRESSIONS) == EXPRESSIONS
    assert classes_of(variant(["angry", "surprised"]), EXPRESSIONS) == ["surprised", "angry"]


def test_without_a_fold_the_split_decides(split: pd.DataFrame, labels: pd.DataFrame) -> None:
    faces = training_faces(split, labels, variant(), ["happy", "angry"], None)
    assert rows(faces) == [
        "a train happy",
        "b train angry",
        "c val happy",
        "d val angry",
        "e train happy",
        "f train angry",
    ]


def test_with_a_fold_it_validates_and_all_others_train(
    split: pd.DataFrame, labels: pd.DataFrame
) -> None:
    faces = training_faces(split, labels, variant(), ["happy", "angry"], 2)
    assert list(faces["split"]) == ["train"] * 4 + ["val"] * 2


def test_the_variant_says_whose_word_is_true(split: pd.DataFrame, labels: pd.DataFrame) -> None:
    faces = training_faces(split, labels, variant(labels="initial"), ["happy", "angry"], None)
    assert list(faces["label"][:2]) == ["angry", "happy"]


def test_other_classes_are_left_out(split: pd.DataFrame, labels: pd.DataFrame) -> None:
    faces = training_faces(split, labels, variant(["happy", "angry"]), ["happy"], None)
    assert list(faces["face_id"]) == ["a", "c", "e"]


def test_a_class_without_faces_is_named(split: pd.DataFrame, labels: pd.DataFrame) -> None:
    with pytest.raises(TableError) as error:
        training_faces(split, labels, variant(), EXPRESSIONS, None)
    assert str(error.value) == (
        "under the scheme grouped surprised has no labelled faces at all; label more such faces, "
        "take another scheme, or leave the class out of the variants' classes "
        "(variants.<name>.classes)"
    )
    with pytest.raises(TableError, match="angry has 2 labelled faces and none to validate with;"):
        training_faces(split.drop(3), labels, variant(), ["happy", "angry"], None)


def test_a_fold_that_is_not_there_is_named(split: pd.DataFrame, labels: pd.DataFrame) -> None:
    with pytest.raises(TableError) as error:
        training_faces(split, labels, variant(), ["happy", "angry"], 3)
    assert str(error.value) == "the table of splits has no fold 3; its folds are 0 to 2"
    with pytest.raises(TableError) as error:
        none = split.assign(fold=pd.array([pd.NA] * 7, dtype="Int64"))
        training_faces(none, labels, variant(), ["happy", "angry"], 0)
    assert str(error.value) == "the table of splits has no fold 0; it has no folds"


def test_a_split_older_than_the_labels_is_refused(
    split: pd.DataFrame, labels: pd.DataFrame
) -> None:
    with pytest.raises(TableError) as error:
        training_faces(split, labels[1:], variant(), ["happy", "angry"], None)
    assert str(error.value) == (
        "the face a is in the split but has no label of the kind consensus; "
        "delete the table of splits and run snakemake"
    )


def some_faces(project: Project) -> pd.DataFrame:
    ids = ["face-03", "face-00", "face-02", "face-01"]
    parts = ["train", "train", "val", "train"]
    return pd.DataFrame(
        {"face_id": ids, "split": parts, "label": [project.labels[name] for name in ids]}
    )


def test_pictures_are_unpacked_into_a_folder_a_class(project: Project, tmp_path: Path) -> None:
    shard = project.folder / "data" / "faces" / "drawn.parquet"
    counts = unpack(some_faces(project), [shard], tmp_path, View(32), 0.1)
    assert counts == {"train": {"happy": 2, "surprised": 1}, "val": {"surprised": 1}}
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png"))
    assert found == [
        "train/happy/face-01.png",
        "train/happy/face-03.png",
        "train/surprised/face-00.png",
        "val/surprised/face-02.png",
    ]
    picture = decode((tmp_path / found[0]).read_bytes())
    assert np.array_equal(picture, resize(project.crops["face-01"], 32))


def test_arrays_are_red_green_blue_in_the_order_of_the_faces(project: Project) -> None:
    shard = project.folder / "data" / "faces" / "drawn.parquet"
    pictures = load_pictures(["face-03", "face-00", "face-01"], [shard], View(48), 0.1)
    assert pictures.dtype == np.uint8
    assert pictures.shape == (3, 48, 48, 3)
    assert np.array_equal(pictures[1], project.crops["face-00"][:, :, ::-1])
