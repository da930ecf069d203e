"""The paper's schemes count faces; `grouped` keeps groups whole."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold
from training import Project
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import TableError
from mien.params import Scheme, SplitParams
from mien.tables import write_csv
from mien.train.split import (
    gate,
    labelled_faces,
    leak,
    of_fold,
    refuse_empty,
    scarce,
    split_faces,
)
from mien.train.tables import SPLIT

PARAMS = SplitParams(test_share=0.2, folds=4, seed=0)
NO_TEST = SplitParams(test_share=0, folds=2, seed=0)
CLASSES = ["angry", "happy", "neutral"]


def faces_of(labels: list[str], groups: list[str] | None = None) -> pd.DataFrame:
    ids = [f"face-{number}" for number in range(len(labels))]
    return pd.DataFrame({"face_id": ids, "group_id": groups or ids, "label": labels})


def parts_of(scheme: Scheme, labels: list[str]) -> list[str]:
    return list(split_faces(faces_of(labels), scheme, PARAMS, CLASSES)["split"])


def random_faces(seed: int, count: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    labels = random.choice(["angry", "happy", "neutral"], count, p=[0.2, 0.5, 0.3])
    groups = [f"group-{number}" for number in random.integers(0, 60, count)]
    return faces_of(list(labels), groups)


def test_every_fifth_face_of_each_class_validates() -> None:
    labels = ["happy", "happy", "angry", "happy", "angry", "happy", "angry", "angry"]
    labels += ["happy", "angry", "angry", "happy"]
    train, val = "train", "val"
    expected = [train] * 8 + [val, val, train, train]
    assert parts_of("paper-every5", labels) == expected


def test_the_first_twenty_faces_of_each_class_validate() -> None:
    labels = ["happy"] * 22 + ["angry"] * 21 + ["happy"]
    expected = ["val"] * 20 + ["train"] * 2 + ["val"] * 20 + ["train"] + ["train"]
    assert parts_of("paper-first20", labels) == expected


def test_of_each_25_faces_of_a_class_20_train_4_validate_and_1_tests() -> None:
    block = ["train"] * 20 + ["val"] * 4 + ["test"]
    assert parts_of("paper-20-4-1", ["happy"] * 27 + ["angry"] * 3) == [
        *block,
        *["train"] * 5,
    ]
    assert parts_of("paper-20-4-1", ["happy"] * 50) == block * 2


def test_the_papers_schemes_have_no_folds() -> None:
    split = split_faces(faces_of(["happy"] * 30), "paper-20-4-1", PARAMS, CLASSES)
    assert split["fold"].isna().all()


def test_grouped_never_leaks_and_keeps_the_shares_of_the_classes() -> None:
    for seed in range(50):
        faces = random_faces(seed)
        split = split_faces(faces, "grouped", PARAMS, CLASSES)
        assert gate(split, "grouped") == 0.0
        assert split.groupby("group_id")["split"].nunique().max() == 1
        assert split["fold"].isna().equals(split["split"] == "test")
        assert set(split.loc[split["split"] == "val", "fold"]) == {0}
        assert set(split.loc[split["split"] == "train", "fold"]) == {1, 2, 3}
        assert abs((split["split"] == "test").mean() - 0.2) < 0.05
        shares = faces["label"].value_counts(normalize=True)
        val = faces.loc[split["split"] == "val", "label"].value_counts(normalize=True)
        assert (val - shares).abs().max() < 0.1


def test_the_folds_are_those_of_scikit_learn() -> None:
    faces = random_faces(7)
    split = split_faces(faces, "grouped", NO_TEST, CLASSES)
    splitter = StratifiedGroupKFold(2, shuffle=True, random_state=0)
    _, first = next(splitter.split(faces, faces["label"], faces["group_id"]))
    assert list(np.flatnonzero(split["split"] == "val")) == list(first)
    assert not (split["split"] == "test").any()


def test_another_seed_gives_another_split() -> None:
    faces = random_faces(1)
    other = PARAMS.model_copy(update={"seed": 1})
    assert not split_faces(faces, "grouped", PARAMS, CLASSES).equals(
        split_faces(faces, "grouped", other, CLASSES)
    )


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from test_split import *;"
        "write_csv(Path(sys.argv[1]), split_faces(random_faces(3), 'grouped', PARAMS, CLASSES), SPLIT)"
    )
    here = Path(__file__).parent
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "there.csv"],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(here.parent)},
        cwd=here,
        check=True,
    )
    write_csv(
        tmp_path / "here.csv", split_faces(random_faces(3), "grouped", PARAMS, CLASSES), SPLIT
    )
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()


def test_too_few_groups_are_refused() -> None:
    faces = faces_of(["happy", "angry"] * 6, ["a", "b", "c"] * 4)
    with pytest.raises(TableError) as error:
        split_faces(faces, "grouped", PARAMS, CLASSES)
    assert str(error.value) == (
        "12 faces in 3 groups are too few for 5 parts under the scheme grouped; "
        "gather more groups, set train.split.test_share to 0, or take another scheme"
    )


def test_a_class_that_a_fold_would_lack_is_refused() -> None:
    labels = ["happy"] * 12 + ["angry"] * 3
    faces = faces_of(labels, [f"group-{number}" for number in range(12)] + ["alone"] * 3)
    with pytest.raises(TableError) as error:
        split_faces(faces, "grouped", NO_TEST, CLASSES)
    assert str(error.value) == (
        "the scheme grouped finds no angry for fold 1, since there are 3 faces in 1 group; "
        "gather more groups, lower train.split.folds, take another scheme, or leave angry out of the "
        "variants' classes (variants.<name>.classes)"
    )


def test_a_class_that_the_test_part_would_lack_is_refused() -> None:
    labels = ["happy"] * 12 + ["angry"] * 3
    faces = faces_of(labels, [f"group-{number}" for number in range(12)] + ["alone"] * 3)
    with pytest.raises(TableError, match="finds no angry for the test part") as error:
        split_faces(faces, "grouped", PARAMS, CLASSES)
    assert "set train.split.test_share to 0" in str(error.value)


def test_a_scarce_class_that_no_variant_wants_stops_nobody() -> None:
    labels = ["happy"] * 6 + ["neutral"] * 6 + ["angry"]
    faces = faces_of(labels)
    with pytest.raises(TableError, match="finds no angry"):
        split_faces(faces, "grouped", NO_TEST, CLASSES)
    split = split_faces(faces, "grouped", NO_TEST, ["happy", "neutral"])
    assert len(split) == 13


@pytest.mark.parametrize(
    ("scheme", "angry", "lacking"),
    [
        ("paper-first20", 0, "no labelled faces at all"),
        ("paper-first20", 1, "1 labelled face and none to train on"),
        ("paper-first20", 20, "20 labelled faces and none to train on"),
        ("paper-every5", 0, "no labelled faces at all"),
        ("paper-every5", 1, "1 labelled face and none to validate with"),
        ("paper-20-4-1", 20, "20 labelled faces and none to validate with"),
        ("grouped", 0, "no labelled faces at all"),
    ],
)
def test_a_class_with_nothing_to_learn_or_to_judge_is_refused_with_its_number(
    scheme: Scheme, angry: int, lacking: str
) -> None:
    faces = faces_of(["happy"] * 40 + ["angry"] * angry)
    split = split_faces(faces, scheme, PARAMS, ["happy", "angry"])
    refuse_empty(faces["label"], split["split"], ["happy"], scheme)
    with pytest.raises(TableError) as error:
        refuse_empty(faces["label"], split["split"], ["angry", "happy"], scheme)
    said = str(error.value)
    assert said.startswith(f"under the scheme {scheme} angry has {lacking}")
    assert "label more such faces" in said
    assert "variants.<name>.classes" in said


def test_a_class_of_few_faces_or_groups_is_named_with_its_numbers() -> None:
    labels = ["happy"] * 120 + ["angry"] * 27 + ["neutral"] * 120
    groups = [f"h{number}" for number in range(120)] + [f"a{number % 5}" for number in range(27)]
    faces = faces_of(labels, groups + [f"n{number % 4}" for number in range(120)])
    split = split_faces(faces, "paper-every5", PARAMS, CLASSES)
    assert scarce(faces, split, CLASSES).startswith(
        "angry has 22 faces to train on and 5 to validate with, of 5 groups; "
        "neutral has 96 faces to train on and 24 to validate with, of 4 groups. From fewer than"
    )
    assert scarce(faces, split, ["happy"]) == ""


def test_the_leak_is_the_share_of_faces_with_kin_in_training() -> None:
    split = pd.DataFrame(
        {
            "face_id": list("123456"),
            "group_id": list("aabbcc"),
            "split": ["train", "val", "train", "test", "val", "val"],
            "fold": pd.array([pd.NA] * 6, dtype="Int64"),
        }
    )
    assert leak(split, split) == 4 / 6
    assert leak(split[split["split"] == "test"], split) == 1.0
    assert gate(split, "paper-every5") == pytest.approx(1 / 3)
    assert leak(split[:0], split) == 0.0


def test_a_run_of_a_fold_trains_on_all_other_folds() -> None:
    folds = pd.array([0, 1, 1, 2, pd.NA], "Int64")
    parts = ["val", "train", "train", "train", "test"]
    split = pd.DataFrame({"group_id": list("abacb"), "split": parts, "fold": folds})
    seen = of_fold(split, 1)
    assert list(seen["split"]) == ["train", "val", "val", "train", "test"]
    assert leak(seen[seen["split"] == "val"], seen) == 0.5
    assert of_fold(split, None) is split


def test_the_gate_refuses_a_group_in_two_parts() -> None:
    split = pd.DataFrame(
        {
            "face_id": list("123"),
            "group_id": list("aab"),
            "split": ["train", "train", "val"],
            "fold": pd.array([1, 2, 0], dtype="Int64"),
        }
    )
    with pytest.raises(TableError) as error:
        gate(split, "grouped")
    assert str(error.value) == (
        "the group a is in fold 1 and in fold 2; under the scheme grouped it must be in one; "
        "delete the table of splits and run snakemake"
    )
    test = split.assign(split=["test", "train", "val"], fold=pd.array([pd.NA, 2, 0], "Int64"))
    with pytest.raises(TableError, match="the group a is in fold 2 and in test;"):
        gate(test, "grouped")


def test_faces_without_a_label_are_not_split() -> None:
    index = pd.DataFrame({"face_id": ["b", "a", "c"], "group_id": ["x", "y", "z"]})
    labels = pd.DataFrame(
        {
            "face_id": ["a", "b", "c"],
            "initial": ["happy", "angry", "happy"],
            "label": ["happy", pd.NA, "angry"],
        },
        dtype="string",
    )
    assert list(labelled_faces(index, labels, "initial")["label"]) == ["angry", "happy", "happy"]
    consensus = labelled_faces(index, labels, "consensus")
    assert consensus.to_numpy().tolist() == [["a", "y", "happy"], ["c", "z", "angry"]]
    with pytest.raises(TableError) as error:
        labelled_faces(index[1:], labels, "initial")
    assert str(error.value) == "the face b has a label but is not in the index; run snakemake"


def test_the_command_writes_the_table_and_tells_the_leak(project: Project, tmp_path: Path) -> None:
    project.copy(tmp_path)
    words = ["train", "split", "--truth", "consensus", "--scheme", "paper-every5"]
    with contextlib.chdir(tmp_path):
        result = CliRunner().invoke(app, words, catch_exceptions=False)
    path = tmp_path / "data/splits/consensus-paper-every5.csv"
    counted, warned = result.stderr.splitlines()
    assert counted == (
        "consensus-paper-every5: 26 train, 6 val; 100.0% of val faces share a group with train"
    )
    assert warned.startswith("warning: surprised has 13 faces to train on and 3 to validate with")
    assert warned.endswith("label more of it, or leave it out")
    assert path.read_text().splitlines()[:3] == [
        "face_id,group_id,split,fold",
        "face-00,face-0,train,",
        "face-01,face-0,train,",
    ]
