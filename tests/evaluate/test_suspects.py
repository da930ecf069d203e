"""Which labels are doubted, counted against labels that were flipped on purpose."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mien.cli import app
from mien.evaluate.suspects import suspects, witnesses
from mien.evaluate.tables import PREDICTIONS, SUSPECTED
from mien.labels.tables import labels as labels_table
from mien.params import ResnetVariant, Variant
from mien.tables import check, read_csv, write_csv

ROOT = Path(__file__).parents[2]
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
CLASSES = np.array(EXPRESSIONS, object)


def variant(**changes: object) -> Variant:
    base = {"family": "resnet", "weights": "random", "image_size_px": 64, "epochs": 11}
    base |= {"labels": "consensus", "classes": None, "scheme": "grouped", "seeds": [0]}
    return ResnetVariant.model_validate(base | {"cross_validate": False} | changes)


def predicted(
    truth: np.ndarray, given: np.ndarray, margin: float, seed: int, name: str = "a"
) -> pd.DataFrame:
    """Return what a model would say that knows the truth so well: 2.5 is right nine times in ten."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(len(truth), 4))
    scores[np.arange(len(truth)), truth] += margin
    chances = np.exp(1.5 * scores)
    chances /= chances.sum(axis=1, keepdims=True)
    columns = {f"p_{name}": chances[:, place] for place, name in enumerate(EXPRESSIONS)}
    faces = [f"{number:016x}" for number in range(len(truth))]
    table = pd.DataFrame({"face_id": faces, "split": "val", "actual": CLASSES[given]} | columns)
    table["initial"] = table["consensus"] = table["actual"]
    return table.assign(predicted=CLASSES[chances.argmax(axis=1)], variant=name)


def drawn(faces: int, flipped_share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the true classes, unequal in number, and the given ones, so many of them wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(4, faces, p=[0.15, 0.4, 0.3, 0.15])
    wrong = rng.random(faces) < flipped_share
    return truth, np.where(wrong, (truth + rng.integers(1, 4, faces)) % 4, truth)


def todays(predictions: pd.DataFrame) -> pd.Series:
    return predictions.drop_duplicates("face_id").set_index("face_id")["actual"]


def test_most_flipped_labels_are_found_and_most_that_are_found_were_flipped():
    truth, given = drawn(800, 0.1)
    seeds = [predicted(truth, given, 2.5, seed) for seed in (1, 2, 3)]
    both = pd.concat(seeds)
    found = suspects(both, todays(both), EXPRESSIONS)
    is_flipped = pd.Series(truth != given, seeds[0]["face_id"])
    caught = is_flipped[found["face_id"]]
    assert is_flipped.sum() == 94
    assert caught.sum() / is_flipped.sum() > 0.85
    assert caught.mean() > 0.95
    assert caught.head(40).all()
    real = pd.Series(CLASSES[truth], seeds[0]["face_id"])
    right = found.set_index("face_id")["suggested"] == real[found["face_id"]]
    assert right[caught].mean() > 0.9


def test_the_mean_over_runs_finds_more_than_one_run():
    truth, given = drawn(800, 0.1)
    seeds = [predicted(truth, given, 1.5, seed) for seed in range(5)]
    is_flipped = pd.Series(truth != given, seeds[0]["face_id"])

    def precision(table: pd.DataFrame) -> float:
        return float(is_flipped[suspects(table, todays(table), EXPRESSIONS)["face_id"]].mean())

    assert precision(pd.concat(seeds)) > 0.2 + precision(seeds[0])


def test_probabilities_are_those_of_the_runs_that_predicted_the_face():
    truth, given = drawn(200, 0.1)
    one, other = (predicted(truth, given, 3.0, seed, name) for seed, name in ((1, "a"), (2, "b")))
    half = other.iloc[:100]  # a run without cross-validation predicts a part of the faces
    both = pd.concat([one, half])
    found = suspects(both, todays(both), EXPRESSIONS)
    check(found, SUSPECTED, Path())
    assert (found["quality"].diff().dropna() >= 0).all()
    assert set(found["variants"]) == {"a", "a;b"}
    row = found[found["variants"] == "a;b"].iloc[0]
    faces = [table.set_index("face_id").loc[row["face_id"]] for table in (one, half)]
    for place, expression in (("p_label", row["label"]), ("p_suggested", row["suggested"])):
        mean = sum(face[f"p_{expression}"] for face in faces) / 2
        assert row[place] == pytest.approx(mean)
    assert row["quality"] == pytest.approx((1 + row["p_label"] - row["p_suggested"]) / 2)


def test_nothing_is_doubted_where_every_label_is_right():
    truth, given = drawn(400, 0)
    sure = predicted(truth, given, 8.0, 1)
    assert suspects(sure, todays(sure), EXPRESSIONS).empty


def test_faces_without_today_s_label_never_appear():
    truth, given = drawn(400, 0.1)
    table = predicted(truth, given, 3.0, 1)
    labels = todays(table)
    found = suspects(table, labels, EXPRESSIONS)["face_id"]
    gone, unlabelled, relabelled = found[:3]
    labels = labels.drop(gone)
    labels[unlabelled] = pd.NA
    labels[relabelled] = next(name for name in EXPRESSIONS if name != labels[relabelled])
    left = set(suspects(table, labels, EXPRESSIONS)["face_id"])
    assert left.isdisjoint([gone, unlabelled, relabelled])
    assert len(left) >= len(found) - 5


@pytest.mark.parametrize("faces", [0, 1, 2, 5])
def test_a_handful_of_faces_is_no_error(faces):
    truth, given = drawn(400, 0.1)
    table = predicted(truth, given, 3.0, 1).head(faces)
    found = suspects(table, todays(table), EXPRESSIONS)
    assert len(found) <= faces
    assert list(found.columns) == list(SUSPECTED.columns)


def test_grouped_variants_that_tell_all_apart_are_asked_and_leaking_ones_only_instead():
    good, first, leaking = variant(), variant(labels="initial"), variant(scheme="paper-every5")
    three = variant(classes=EXPRESSIONS[:3])
    shares = variant(labels="shares", multi_label=True, classes=EXPRESSIONS[::-1])
    named = {"good": good, "shares": shares, "first": first, "leaking": leaking, "three": three}

    def asked(*names: str) -> list[str]:
        return list(witnesses({name: named[name] for name in names}, EXPRESSIONS))

    assert asked(*named) == ["good", "shares"]
    assert asked("leaking", "first", "three") == ["first"]
    assert asked("leaking", "three") == ["leaking"]
    assert asked("three") == []


def test_the_command_lists_doubtful_labels_and_says_of_how_many(tmp_path):
    truth, given = drawn(400, 0.1)
    table = predicted(truth, given, 3.0, 1)
    project = write(tmp_path, table, labels="consensus")
    done = run(project)
    assert done.exit_code == 0, done.output
    found = read_csv(project / "suspected.csv", SUSPECTED)
    assert done.output.startswith(f"labels doubted: {len(found)} of 400 faces, asked of only\n")
    assert list(found["face_id"]) == list(suspects(table, todays(table), EXPRESSIONS)["face_id"])


def test_leaking_variants_are_asked_for_want_of_others_and_that_is_said(tmp_path):
    truth, given = drawn(400, 0.1)
    project = write(tmp_path, predicted(truth, given, 3.0, 1), scheme="paper-every5")
    assert "no variant is grouped" in run(project).output
    assert len(read_csv(project / "suspected.csv", SUSPECTED)) > 10


def test_without_a_variant_for_all_expressions_the_table_is_empty_and_a_line_says_why(tmp_path):
    truth, given = drawn(40, 0.1)
    project = write(tmp_path, predicted(truth, given, 3.0, 1), classes=EXPRESSIONS[:3])
    done = run(project)
    assert done.exit_code == 0
    assert "no variant tells all of labels.expressions apart" in done.output
    assert read_csv(project / "suspected.csv", SUSPECTED).empty


def write(folder: Path, table: pd.DataFrame, **changes: object) -> Path:
    """Write settings of one variant, its predictions and the labels of the faces."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["variants"] = {"only": params["variants"]["resnet50-64"] | changes}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    run = folder / "metrics/runs/only/seed-0/predictions.csv"
    write_csv(run, table.drop(columns="variant"), PREDICTIONS)
    labels = table[["face_id", "initial"]].assign(label=table["actual"], status="agreed")
    counts = {f"votes_{name}": 1 * (labels["label"] == name) for name in EXPRESSIONS}
    shares = {f"share_{name}": 1.0 * (labels["label"] == name) for name in EXPRESSIONS}
    named = {f"named_{name}": pd.NA for name in EXPRESSIONS}
    labels = labels.assign(**counts, yes=4, no=0, reason=pd.NA, tags=pd.NA, **shares, **named)
    write_csv(folder / "data/labels.csv", labels, labels_table(EXPRESSIONS))
    return folder


def run(folder: Path):
    with contextlib.chdir(folder):
        return CliRunner().invoke(app, ["evaluate", "suspects", "--suspected", "suspected.csv"])
