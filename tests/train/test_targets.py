"""What a run learns from each face: the label, the shares of its votes, and the weight of its class."""

import pandas as pd
import pytest

from mien.params import Variant, YoloVariant
from mien.train.targets import Targets, targets_of

CLASSES = ["happy", "angry"]
FACES = pd.DataFrame(
    {
        "face_id": ["a", "b", "c", "d", "e"],
        "split": ["train", "train", "train", "train", "val"],
        "label": ["happy", "happy", "happy", "angry", "angry"],
    }
)
# five votes on a: 3 happy, 1 angry, 1 neutral, which this variant does not know; nobody voted on d
LABELS = pd.DataFrame(
    {
        "face_id": ["e", "d", "c", "b", "a"],
        "share_happy": [0.25, pd.NA, 1.0, 0.5, 0.6],
        "share_angry": [0.75, pd.NA, 0.0, 0.5, 0.2],
        "share_neutral": [0.0, pd.NA, 0.0, 0.0, 0.2],
        "named_happy": [0.25, pd.NA, 1.0, 1.0, 0.6],
        "named_angry": [0.75, pd.NA, 0.0, 1.0, 0.2],
        "named_neutral": [0.0, pd.NA, 0.0, 0.0, 0.2],
    }
).astype(dict.fromkeys(["share_happy", "share_angry", "named_happy", "named_angry"], "Float64"))


def variant(**switches: object) -> Variant:
    common = {"family": "yolo", "weights": "yolov8n-cls.yaml", "image_size_px": 32, "epochs": 2}
    common |= {"labels": "consensus", "classes": None, "scheme": "grouped", "seeds": [0]}
    return YoloVariant.model_validate(
        {**common, "cross_validate": False, "checkpoint": "last", **switches}
    )


def learned(**switches: object) -> Targets:
    return targets_of(FACES, LABELS, variant(**switches), CLASSES)


def test_a_label_is_learnt_as_it_is():
    table, weights = learned()
    assert list(table.index) == list(weights.index) == list(FACES["face_id"])
    assert table["happy"].tolist() == [1, 1, 1, 0, 0]
    assert table["angry"].tolist() == [0, 0, 0, 1, 1]
    assert weights.tolist() == [1] * 5


def test_shares_are_those_of_the_votes_on_the_variants_classes():
    table, _ = learned(labels="shares")
    assert table["happy"].tolist() == pytest.approx([0.75, 0.5, 1, 0, 0.25])
    assert table["angry"].tolist() == pytest.approx([0.25, 0.5, 0, 1, 0.75])


def test_each_expression_on_its_own_is_the_share_of_voters_who_named_it():
    table, _ = learned(labels="shares", multi_label=True)
    assert table["happy"].tolist() == pytest.approx([0.6, 1, 1, 0, 0.25])
    assert table["angry"].tolist() == pytest.approx([0.2, 1, 0, 1, 0.75])


def test_class_weights_make_classes_equal_in_training_and_leave_validation_as_it_is():
    table, weights = learned(class_weights=True)
    assert weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2, 1])
    trained = FACES["split"].to_numpy() == "train"
    assert weights[trained].mean() == pytest.approx(1)
    happy, angry = ((table[name] * weights)[trained].sum() for name in CLASSES)
    assert happy == pytest.approx(angry)


@pytest.mark.parametrize("labels", ["consensus", "shares"])
@pytest.mark.parametrize("name", ["weight", "weights", "face_id", "split", "label", "index", "0"])
def test_a_class_may_be_called_as_what_is_beside_it(name, labels):
    renamed = {"happy": name}
    faces = FACES.replace({"label": renamed})
    table = LABELS.rename(columns=lambda column: column.replace("happy", name))
    chosen = variant(labels=labels, class_weights=True)
    shares, weights = targets_of(faces, table, chosen, [name, "angry"])
    plain = targets_of(FACES, LABELS, chosen, CLASSES)
    assert list(shares.columns) == [name, "angry"]
    assert shares.to_numpy().tolist() == plain.shares.to_numpy().tolist()
    assert weights.tolist() == plain.weights.tolist()
