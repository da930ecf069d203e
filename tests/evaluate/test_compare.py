"""How variants are summarised and compared, against hand counts and known limits."""

import contextlib
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import binomtest, norm
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import TableError
from mien.evaluate.compare import compare_pairs, holm
from mien.evaluate.files import NoPair, Pair
from mien.evaluate.runs import Result, pool
from mien.evaluate.summary import summarise
from mien.evaluate.tables import PREDICTIONS, SUMMARY
from mien.params import AnyVariant, EvaluateParams, ResnetVariant
from mien.tables import check, read_csv, write_csv
from mien.train.tables import SPLIT

PARAMS = EvaluateParams(
    bootstrap_samples=2000,
    confidence=0.95,
    seed=0,
    answered_accuracy=0.9,
)
VARIANT = ResnetVariant(
    family="resnet",
    weights="random",
    image_size_px=64,
    epochs=11,
    labels="consensus",
    classes=None,
    scheme="grouped",
    seeds=[0],
    cross_validate=False,
)
RUNS = ("a", "b", "c")


def variants(*names: str) -> dict[str, AnyVariant]:
    return dict.fromkeys(names or RUNS, VARIANT)


def predictions(
    rights: str,
    first: int = 0,
    actual: str = "happy",
    classes: tuple[str, str] = ("angry", "happy"),
    fold: int | None = None,
) -> pd.DataFrame:
    """Return one face a letter, right where it is 1, each with all probability on its answer."""
    other = next(name for name in classes if name != actual)
    answers = [actual if letter == "1" else other for letter in rights]
    frame = pd.DataFrame(
        {
            "face_id": [f"face{first + place:04d}" for place in range(len(rights))],
            "split": "val",
            "fold": pd.Series([fold] * len(rights), dtype="Int64"),
            "actual": actual,
            "initial": pd.NA,
            "consensus": actual,
            **{f"p_{name}": [float(one == name) for one in answers] for name in classes},
            "predicted": answers,
        }
    )
    return check(frame, PREDICTIONS, Path("predictions.csv"))


def result(
    variant: str, frame: pd.DataFrame, seed: int = 0, faces_a_group: int = 1, leak: float = 0.0
) -> Result:
    groups = [f"group{int(face[4:]) // faces_a_group}" for face in frame["face_id"]]
    return Result(variant, seed, frame.assign(group_id=groups), leak)


def test_identical_predictions_show_no_difference_and_leave_a_little_room() -> None:
    """Of 40 faces the two might get one each that the other does not."""
    frame = predictions("1101" * 10)
    (pair,) = compare_pairs([result("a", frame), result("b", frame)], PARAMS)
    assert (pair.low, pair.high) == pytest.approx((-2 / 40, 2 / 40), abs=0.02)
    assert pair == Pair(
        a="a",
        b="b",
        difference=0,
        low=pair.low,
        high=pair.high,
        p_value=1,
        p_adjusted=1,
        faces=40,
        groups=40,
        reliable=True,
    )


def test_a_difference_is_paired_by_face() -> None:
    """Of 400 faces 40 are won and 20 lost: the difference is 0.05, and by the formula for paired
    shares its standard error is the root of (40 + 20 - 20 * 20 / 400) / 400 / 400.
    """
    one = predictions("1" * 40 + "0" * 20 + "1" * 340)
    two = predictions("0" * 40 + "1" * 20 + "1" * 340)
    (pair,) = compare_pairs([result("a", one), result("b", two)], PARAMS)
    error = np.sqrt((60 - 20 * 20 / 400) / 400 / 400)
    assert pair.difference == pytest.approx(0.05)
    half = norm.ppf(0.975) * error
    assert (pair.low, pair.high) == pytest.approx((0.05 - half, 0.05 + half), abs=0.003)
    assert pair.p_value == pytest.approx(binomtest(20, 60).pvalue, abs=0.01)  # McNemar's test


def test_p_values_are_adjusted_as_by_holm() -> None:
    """As p.adjust of R has it for 0.03, 0.01, 0.05, 0.02 and 0.04: times 3, 5, 1, 4 and 2, and
    none smaller than that of a smaller p-value.
    """
    assert holm([0.03, 0.01, 0.05, 0.02, 0.04]) == pytest.approx([0.09, 0.05, 0.09, 0.08, 0.09])
    assert holm([0.6, 0.9]) == [1, 1]
    assert holm([]) == []


def test_with_several_pairs_each_says_its_p_value_alone_and_among_all() -> None:
    frames = ("1" * 40, "1" * 30 + "0" * 10, "1" * 28 + "0" * 12)
    results = [result(name, predictions(rights)) for name, rights in zip(RUNS, frames, strict=True)]
    pairs = compare_pairs([*results, result("d", predictions("1", first=99))], PARAMS)
    numbers = [pair for pair in pairs if isinstance(pair, Pair)]
    assert [(pair.a, pair.b) for pair in numbers] == [("a", "b"), ("a", "c"), ("b", "c")]
    adjusted = holm([pair.p_value for pair in numbers])
    assert [pair.p_adjusted for pair in numbers] == adjusted


def test_swapping_two_variants_swaps_the_sign() -> None:
    one, two = predictions("1100" * 10), predictions("1010" * 8 + "1111" * 2)
    (there,) = compare_pairs([result("a", one), result("b", two)], PARAMS)
    (back,) = compare_pairs([result("a", two), result("b", one)], PARAMS)
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)


def test_two_variants_are_compared_on_the_faces_both_predicted() -> None:
    """Faces 20 to 39 are shared: the first has 10 of them right, the second all."""
    one = result("a", predictions("1" * 20 + "10" * 10), faces_a_group=2)
    two = result("b", predictions("1" * 20 + "0" * 20, first=20), faces_a_group=2)
    (pair,) = compare_pairs([one, two], PARAMS)
    assert (pair.faces, pair.groups, pair.reliable) == (20, 10, False)
    assert pair.low < pair.difference == -0.5 < pair.high < 0


REASONS = {
    "no face was predicted by both": predictions("11", first=2),
    "the truth differs for 2 of the 2 faces both predicted": predictions("11", actual="angry"),
    "their classes differ: angry, happy against happy, sad": predictions(
        "11", classes=("happy", "sad")
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_compared_has_a_reason_in_place_of_numbers(reason: str) -> None:
    pairs = compare_pairs([result("a", predictions("11")), result("b", REASONS[reason])], PARAMS)
    assert pairs == [NoPair("a", "b", reason)]


def test_faces_of_one_group_do_not_tell_which_of_two_variants_is_better() -> None:
    one, two = predictions("11"), predictions("10")
    pairs = compare_pairs(
        [result("a", one, faces_a_group=2), result("b", two, faces_a_group=2)], PARAMS
    )
    assert pairs[0].reason == "the faces both predicted are of a single group"


def test_every_two_variants_are_compared_once_in_the_order_of_their_names() -> None:
    results = [result(name, predictions("10")) for name in ("c", "a", "b")]
    pairs = [(pair.a, pair.b) for pair in compare_pairs(results, PARAMS)]
    assert pairs == list(itertools.combinations(RUNS, 2))


def test_a_variant_of_one_run_is_summarised_in_one_row() -> None:
    (row,) = summarise(
        [result("a", predictions("1110" * 10), faces_a_group=4, leak=0.25)], variants(), PARAMS
    )
    expected = {
        "variant": "a",
        "family": "resnet",
        "labels": "consensus",
        "scheme": "grouped",
        "image_size_px": 64,
        "epochs": 11,
        "runs": 1,
        "faces": 40,
        "groups": 10,
        "leak": 0.25,
        "accuracy": 0.75,
        "classes": ["angry", "happy"],
        "truth": "consensus",
        "reliable": False,
    }
    assert {name: getattr(row, name) for name in expected} == expected
    assert row.macro_f1 == pytest.approx((2 * 30 / 70 + 0) / 2, abs=1e-6)
    assert row.calibration_error == pytest.approx(0.25, abs=1e-5)
    assert 0.5 < row.accuracy_low < 0.75 < row.accuracy_high < 0.9
    assert row.log_loss == pytest.approx(-np.log(5e-7) / 4, abs=1e-5)  # a quarter is sure and wrong
    averaged = ["accuracy_averaged", "averaged_gain", "averaged_low", "averaged_high"]
    assert all(np.isnan(getattr(row, name)) for name in averaged)


def test_folds_are_pooled_before_anything_is_counted() -> None:
    """One of 2 and 6 of 8 are right: 7 of 10, and not the mean of the folds, 0.625."""
    folds = [
        result("a", predictions("10", fold=0), leak=0.5),
        result("a", predictions("11111100", first=2, fold=1), leak=0.0),
    ]
    row = summarise(folds, variants(), PARAMS)[0]
    assert (row.runs, row.faces, row.groups) == (2, 10, 10)
    assert row.accuracy == pytest.approx(0.7)
    assert row.leak == pytest.approx(0.1)


def test_seeds_are_averaged_and_widen_the_interval_when_they_differ() -> None:
    good, bad = "1" * 180 + "0" * 20, "0" * 60 + "1" * 140
    both = [result("a", predictions(good), 0), result("a", predictions(bad), 1)]
    row = summarise(both, variants(), PARAMS)[0]
    assert row.accuracy == pytest.approx((0.9 + 0.7) / 2)
    assert row.accuracy_low < 0.7
    assert row.accuracy_high > 0.9
    equal = [result("a", predictions(good), seed) for seed in (0, 1)]
    alone = summarise(equal, variants(), PARAMS)[0]
    assert alone.accuracy_high - alone.accuracy_low < 0.1


def test_averaged_seeds_are_judged_by_the_mean_of_their_probabilities() -> None:
    """A seed that is sure and right outvotes one that is unsure and wrong: 40 of 40 faces are right
    on average, 40 with the first seed and 30 with the second, so averaging gains 0.125.
    """
    sure, unsure = predictions("1" * 40), predictions("1" * 30 + "0" * 10)
    unsure.loc[unsure["predicted"] == "angry", ["p_angry", "p_happy"]] = [0.6, 0.4]
    row = summarise([result("a", sure), result("a", unsure, 1)], variants(), PARAMS)[0]
    assert (row.accuracy, row.accuracy_averaged) == pytest.approx((0.875, 1))
    assert row.averaged_gain == pytest.approx(0.125)
    assert 0 < row.averaged_low < 0.125 < row.averaged_high < 0.25


def test_a_variant_of_a_single_group_has_no_interval() -> None:
    (row,) = summarise([result("a", predictions("110"), faces_a_group=3)], variants(), PARAMS)
    assert np.isnan(row.accuracy_low)
    assert np.isnan(row.log_loss_high)


def test_equal_results_in_another_order_give_equal_numbers() -> None:
    results = [
        result(name, predictions(rights), seed)
        for name, seed, rights in (("a", 0, "1101" * 9), ("a", 1, "1111" * 9), ("b", 0, "0111" * 9))
    ]
    first, again = (
        pd.DataFrame(summarise(order, variants(), PARAMS)) for order in (results, results[::-1])
    )
    pd.testing.assert_frame_equal(first, again)
    assert compare_pairs(results, PARAMS) == compare_pairs(results[::-1], PARAMS)


def test_a_seed_that_predicts_other_faces_is_refused() -> None:
    with pytest.raises(TableError) as error:
        pool([result("a", predictions("11")), result("a", predictions("111"), seed=1)])
    assert str(error.value) == (
        "variant a: seed 1 predicts other faces, or with another truth, than seed 0; delete "
        "metrics/runs/a and run snakemake"
    )


def test_a_face_predicted_twice_with_one_seed_is_refused() -> None:
    with pytest.raises(TableError) as error:
        pool([result("a", predictions("11")), result("a", predictions("1", first=1, fold=1))])
    assert str(error.value) == (
        "variant a: seed 0 predicts the face face0001 twice; delete metrics/runs/a and run "
        "snakemake"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two variants, one of them trained on two folds, with their predictions."""
    settings = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text())
    resnet = VARIANT.model_dump()
    settings["variants"] = {"b": resnet, "a": {**resnet, "cross_validate": True}}
    settings["train"]["split"]["folds"] = 2
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(settings))
    faces = [f"face{number:04d}" for number in range(48)]
    split = pd.DataFrame({"face_id": faces, "group_id": [f"g{n // 2}" for n in range(48)]})
    split["split"] = ["val"] * 24 + ["train"] * 24
    split["fold"] = [0] * 24 + [1] * 24
    write_csv(tmp_path / "data/splits/consensus-grouped.csv", split, SPLIT)
    for name, frame in {
        "b/seed-0": predictions("110" * 8),
        "a/seed-0-fold-0": predictions("101" * 8, fold=0),
        "a/seed-0-fold-1": predictions("111" * 8, first=24, fold=1),
    }.items():
        write_csv(tmp_path / "metrics/runs" / name / "predictions.csv", frame, PREDICTIONS)
    return tmp_path


def run(project: Path, *words: str) -> None:
    with contextlib.chdir(project):
        CliRunner().invoke(app, ["evaluate", *words], catch_exceptions=False)


def compare(project: Path) -> tuple[str, str]:
    run(project, "compare", "--summary-json", "summary.json", "--summary-csv", "summary.csv")
    return (project / "summary.json").read_text(), (project / "summary.csv").read_text()


def test_the_command_writes_the_summary_twice_and_always_alike(project: Path) -> None:
    summary, table = compare(project)
    assert compare(project) == (summary, table)
    content = json.loads(summary)
    assert [row["variant"] for row in content["variants"]] == ["a", "b"]
    assert [row["runs"] for row in content["variants"]] == [2, 1]
    assert content["variants"][0]["accuracy"] == pytest.approx(40 / 48, abs=1e-6)
    assert content["variants"][0]["leak"] == 0
    assert content["pairs"][0]["faces"] == 24
    assert content["pairs"][0]["difference"] == 0
    assert content["effects"] == []  # b and a differ in how often they are run alone
    rows = read_csv(project / "summary.csv", SUMMARY)
    assert list(rows["variant"]) == ["a", "b"]
    assert list(rows["reliable"]) == ["yes", "no"]
    assert [row["reliable"] for row in content["variants"]] == [True, False]


def test_the_command_measures_a_run_beside_its_leak(project: Path) -> None:
    run(project, "measure", "--run", "models/a/seed-0-fold-1")
    content = json.loads((project / "metrics/runs/a/seed-0-fold-1/metrics.json").read_text())
    assert content["accuracy"] == 1
    assert (content["accuracy_low"], content["accuracy_high"]) == (pytest.approx(0.71, abs=0.01), 1)
    assert (content["faces"], content["groups"], content["leak"]) == (24, 12, 0)
    assert content["per_class"]["angry"]["f1"] is None


def test_the_command_fails_and_writes_nothing_when_a_group_leaks(project: Path) -> None:
    path = project / "data/splits/consensus-grouped.csv"
    path.write_text(path.read_text().replace("g23", "g0"))
    with pytest.raises(TableError, match=r"8\.3 % of its faces are of groups that the run trained"):
        run(project, "measure", "--run", "models/b/seed-0")
    assert not (project / "metrics/runs/b/seed-0/metrics.json").exists()
