"""Which faces a run is asked about, and how its answers become a table."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mien.errors import SourceError, TableError
from mien.evaluate.predict import faces_to_predict, predict_faces, prediction_table
from mien.evaluate.tables import PREDICTIONS
from mien.faces.tables import CROPS, LANDMARKS
from mien.images import Picture, encode_png
from mien.params import ResnetVariant
from mien.shards import write_shard
from mien.tables import check
from mien.train.card import Card, refuse_card
from mien.view import View

CLASSES = ["surprised", "angry", "happy"]
CARD = Card("a", "resnet", 0, None, CLASSES, 64, 11, "random", {}, False, False, {}, {}, {})


def variant(classes: list[str] | None = None) -> ResnetVariant:
    return ResnetVariant(
        family="resnet",
        weights="random",
        image_size_px=64,
        epochs=11,
        labels="consensus",
        classes=classes,
        scheme="grouped",
        seeds=[0],
        cross_validate=False,
    )


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return split and labels of nine faces in three folds of three classes, and a test face."""
    names = [f"face{number}" for number in range(10)]
    folds = pd.Series([0, 0, 0, 1, 1, 1, 2, 2, 2, pd.NA], dtype="Int64")
    parts = ["val"] * 3 + ["train"] * 6 + ["test"]
    split = pd.DataFrame({"face_id": names, "group_id": names, "split": parts, "fold": folds})
    truth = [*CLASSES * 3, "happy"]
    labels = pd.DataFrame({"face_id": names[::-1], "initial": pd.NA, "label": truth[::-1]})
    labels.loc[labels["face_id"] == "face1", "initial"] = "happy"
    return split, labels


def test_a_run_is_asked_about_the_validation_faces_in_the_order_of_the_split() -> None:
    rows = faces_to_predict(*tables(), variant(), CLASSES, None)
    assert list(rows["face_id"]) == ["face0", "face1", "face2"]
    assert list(rows["actual"]) == list(rows["consensus"]) == CLASSES
    assert rows["initial"].isna().tolist() == [True, False, True]
    assert rows["fold"].isna().all()


def test_a_run_of_a_fold_is_asked_about_that_fold() -> None:
    rows = faces_to_predict(*tables(), variant(), CLASSES, 2)
    assert list(rows["face_id"]) == ["face6", "face7", "face8"]
    assert list(rows["fold"]) == [2, 2, 2]
    assert set(rows["split"]) == {"val"}


def test_faces_of_a_class_the_variant_leaves_out_are_not_asked_about() -> None:
    some = ["surprised", "happy"]
    rows = faces_to_predict(*tables(), variant(some), some, None)
    assert list(rows["face_id"]) == ["face0", "face2"]


def test_the_likeliest_class_is_predicted_and_of_equal_ones_the_first() -> None:
    rows = faces_to_predict(*tables(), variant(), CLASSES, None)
    found = np.array([[0.1, 0.2, 0.7], [0.2, 0.4, 0.4], [0.3333331, 0.3333332, 0.3333337]])
    table = check(prediction_table(rows, found, CLASSES), PREDICTIONS, Path("p.csv"))
    assert list(table["predicted"]) == ["happy", "angry", "happy"]
    assert list(table["p_happy"]) == [0.7, 0.4, 0.333334]
    assert [name for name in table if name.startswith("p_")] == [f"p_{name}" for name in CLASSES]


def test_what_is_predicted_is_likeliest_by_the_digits_that_are_written() -> None:
    rows = faces_to_predict(*tables(), variant(), CLASSES, None)
    found = np.tile([0.49999991, 0.50000009, 0.0], (3, 1)).astype(np.float32)
    assert set(prediction_table(rows, found, CLASSES)["predicted"]) == {"surprised"}


def test_a_model_that_has_diverged_is_named_as_such() -> None:
    rows = faces_to_predict(*tables(), variant(), CLASSES, None)
    found = np.array([[0.1, 0.2, 0.7], [np.nan] * 3, [np.nan] * 3])
    with pytest.raises(TableError) as error:
        prediction_table(rows, found, CLASSES)
    assert str(error.value) == (
        "the model gives no probabilities for the face face1, since its training has diverged; "
        "lower the variant's learning rate"
    )


def shard(path: Path, greys: dict[str, int]) -> Path:
    """Write one plain grey crop a face."""
    rows = [
        {
            **{"face_id": face, "scene_id": "s", "x": 0, "y": 0, "width": 8, "height": 8},
            **{"confidence": 1.0, "sharpness": 0.0, "phash": "0", **dict.fromkeys(LANDMARKS)},
            "image": encode_png(np.full((8, 8, 3), grey, np.uint8)),
        }
        for face, grey in greys.items()
    ]
    write_shard(path, rows, CROPS)
    return path


def brightness(_: Path, pictures: Iterable[Picture], __: int) -> np.ndarray:
    """A model of two classes that looks at nothing but how bright a crop is."""
    shares = np.array([picture.mean() / 255 for picture in pictures])
    return np.column_stack([shares, 1 - shares])


def test_answers_come_in_the_order_of_the_faces_whatever_shard_they_lie_in(tmp_path: Path) -> None:
    shards = [
        shard(tmp_path / "1.parquet", {"c": 51, "x": 9, "a": 102}),
        shard(tmp_path / "2.parquet", {"b": 204}),
    ]
    found = predict_faces(brightness, tmp_path, ["a", "b", "c"], shards, 1, View(32), 0.1)
    assert found[:, 0].tolist() == pytest.approx([0.4, 0.8, 0.2])


def test_a_run_of_another_variant_family_classes_or_fold_is_refused() -> None:
    refuse_card(CARD, Path("models/a/seed-0"), "a", "resnet", CLASSES, None)
    messages = []
    for asked in (
        ("b", "resnet", CLASSES, None),
        ("a", "yolo", CLASSES, None),
        ("a", "resnet", CLASSES[:2], None),
        ("a", "resnet", CLASSES, 1),
    ):
        with pytest.raises(SourceError) as error:
            refuse_card(CARD, Path("models/a/seed-0"), *asked)
        messages.append(str(error.value))
    end = "is asked for; name another run or train this one again"
    assert messages == [
        f"models/a/seed-0/model.json: variant is 'a', but 'b' {end}",
        f"models/a/seed-0/model.json: family is 'resnet', but 'yolo' {end}",
        "models/a/seed-0/model.json: classes is ['surprised', 'angry', 'happy'], but "
        f"['surprised', 'angry'] {end}",
        f"models/a/seed-0/model.json: fold is None, but 1 {end}",
    ]
