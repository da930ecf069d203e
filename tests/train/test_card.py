"""A run's folder says what it is, and its card says how it was made."""

from pathlib import Path

import pytest

from mien.errors import SourceError, TableError
from mien.train.card import Card, names_of, read_card, write_card
from mien.view import View

CARD = Card(
    variant="a",
    family="yolo",
    seed=1,
    fold=None,
    classes=["happy", "angry"],
    views=[View(64, aligned=True, points=((1.5, 2.0),) * 5)],
    features=[],
    epochs=2,
    weights="yolov8n-cls.yaml",
    settings={"batch": 4},
    multi_label=False,
    faces={"detector": "haar", "weights": None, "margin": 0.1},
    preprocessing={"colour": "RGB"},
    versions={"torch": "2"},
)


def test_a_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_card(tmp_path, CARD)
    assert read_card(tmp_path) == CARD


def test_a_missing_or_foreign_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="the file is missing; run snakemake"):
        read_card(tmp_path)
    (tmp_path / "model.json").write_text('{"name": "somebody"}')
    with pytest.raises(TableError, match=r"variant: field required.*delete it and run snakemake"):
        read_card(tmp_path)


def test_variant_seed_and_fold_are_the_names_of_the_folders() -> None:
    assert names_of(Path("models/yolov8n-64/seed-3")) == ("yolov8n-64", 3, None)
    assert names_of(Path("runs/a/seed-0-fold-12")) == ("a", 0, 12)
    with pytest.raises(SourceError) as error:
        names_of(Path("runs/a/best"))
    assert str(error.value) == (
        "runs/a/best: not the name of a run; it must be seed-<number> or seed-<number>-fold-<number>"
    )
