"""What the metrics of a run say, against scikit-learn, hand counts and a slow bootstrap."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from mien.errors import TableError
from mien.evaluate.files import Metrics
from mien.evaluate.metrics import measure
from mien.evaluate.scored import refuse_leak, with_groups
from mien.evaluate.tables import PREDICTIONS
from mien.params import EvaluateParams
from mien.tables import check

CLASSES = ["surprised", "angry", "happy"]  # not alphabetical, as in anybody's settings
HERE = Path("predictions.csv")


def params(samples: int = 200, confidence: float = 0.95, seed: int = 0) -> EvaluateParams:
    return EvaluateParams(
        bootstrap_samples=samples,
        confidence=confidence,
        seed=seed,
        answered_accuracy=0.9,
    )


def table(
    actual: list[str],
    predicted: list[str],
    classes: list[str] = CLASSES,
    probabilities: np.ndarray | None = None,
    fold: int | None = None,
) -> pd.DataFrame:
    if probabilities is None:
        sure = [[1.0 if name == answer else 0.0 for name in classes] for answer in predicted]
        probabilities = np.array(sure).reshape(-1, len(classes))
    frame = pd.DataFrame(
        {
            "face_id": [f"face{number}" for number in range(len(actual))],
            "split": "val",
            "fold": pd.Series([fold] * len(actual), dtype="Int64"),
            "actual": actual,
            "initial": pd.NA,
            "consensus": pd.NA,
            **{f"p_{name}": probabilities[:, place] for place, name in enumerate(classes)},
            "predicted": predicted,
        }
    )
    return check(frame, PREDICTIONS, HERE)


def random_table(seed: int, faces: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet([0.6] * 3, faces).round(6)
    predicted = [CLASSES[place] for place in probabilities.argmax(axis=1)]
    lucky = generator.random(faces) < 0.5
    others = generator.choice(CLASSES, faces)
    actual = [p if luck else str(o) for p, luck, o in zip(predicted, lucky, others, strict=True)]
    groups = generator.integers(0, 25, faces).astype(str)
    return grouped(table(actual, predicted, probabilities=probabilities), groups)


def grouped(frame: pd.DataFrame, groups: Iterable[str]) -> pd.DataFrame:
    return frame.assign(group_id=list(groups))


def alone(frame: pd.DataFrame) -> pd.DataFrame:
    return grouped(frame, frame["face_id"])


def ends(found: Metrics, name: str = "accuracy") -> tuple[float, float]:
    return getattr(found, f"{name}_low"), getattr(found, f"{name}_high")


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    frame = random_table(seed)
    found = measure(frame, params(2))
    actual, predicted = list(frame["actual"]), list(frame["predicted"])
    assert found.accuracy == accuracy_score(actual, predicted)
    assert found.macro_f1 == f1_score(actual, predicted, average="macro")
    scores = precision_recall_fscore_support(actual, predicted)
    for place, name in enumerate(sorted(CLASSES)):
        expected = [score[place] for score in scores]
        names = ("precision", "recall", "f1", "support")
        assert [getattr(found.per_class[name], one) for one in names] == expected
    confusion = confusion_matrix(actual, predicted, labels=CLASSES)
    assert found.confusion == confusion.tolist()
    alphabetical = frame[[f"p_{name}" for name in sorted(CLASSES)]].to_numpy(float)
    alphabetical = alphabetical / alphabetical.sum(axis=1, keepdims=True)
    assert found.log_loss == pytest.approx(log_loss(actual, alphabetical), abs=1e-4)
    assert (found.faces, found.groups) == (120, frame["group_id"].nunique())


def test_a_confusion_matrix_counted_by_hand() -> None:
    actual = ["angry", "angry", "angry", "happy", "happy", "surprised"]
    predicted = ["angry", "happy", "happy", "happy", "angry", "surprised"]
    frame = table(actual, predicted, ["angry", "happy", "surprised"])
    found = measure(grouped(frame, "aabbcc"), params())
    assert found.confusion == [[1, 2, 0], [1, 1, 0], [0, 0, 1]]
    assert found.accuracy == 3 / 6
    assert found.per_class["angry"].precision == 1 / 2
    assert found.per_class["angry"].recall == 1 / 3
    assert found.per_class["happy"].f1 == pytest.approx(2 / 5)
    assert found.macro_f1 == pytest.approx((2 / 5 + 2 / 5 + 1) / 3)
    assert found.groups == 3


def test_a_class_that_is_never_predicted_has_no_precision_and_one_nowhere_has_no_f1() -> None:
    found = measure(alone(table(["angry", "happy"], ["happy", "happy"])), params())
    assert np.isnan(found.per_class["angry"].precision)
    assert found.per_class["angry"].f1 == 0
    assert np.isnan(found.per_class["surprised"].f1)
    assert found.macro_f1 == pytest.approx((0 + 2 / 3) / 2)


def test_the_calibration_error_of_the_example_in_torchmetrics() -> None:
    probabilities = np.array(
        [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]]
    )
    classes = ["zero", "one", "two"]
    frame = table(
        ["zero", "one", "two", "zero"], ["two", "zero", "two", "zero"], classes, probabilities
    )
    found = measure(alone(frame), params())
    assert found.calibration_error == pytest.approx(0.2)


def test_bins_of_a_reliability_diagram_counted_by_hand() -> None:
    """Of ten faces at 0.7, five are right; both at 0.95 are."""
    confident = [0.7] * 10 + [0.95] * 2
    probabilities = np.array([[p, 1 - p] for p in confident])
    actual = ["happy"] * 5 + ["angry"] * 5 + ["happy"] * 2
    frame = table(actual, ["happy"] * 12, ["happy", "angry"], probabilities)
    found = measure(alone(frame), params())
    bins = found.calibration_bins
    assert len(bins) == 15
    assert all(one.high == after.low for one, after in pairwise(bins))
    filled = [(b.faces, b.confidence, b.accuracy) for b in bins if b.faces]
    assert filled == [(10, pytest.approx(0.7), 0.5), (2, pytest.approx(0.95), 1.0)]
    assert np.isnan(bins[0].accuracy)
    assert found.calibration_error == pytest.approx((10 * 0.2 + 2 * 0.05) / 12)


def test_a_sure_and_wrong_face_costs_no_more_than_the_digits_of_the_table_can_tell() -> None:
    frame = table(["angry"], ["happy"], ["happy", "angry"], np.array([[1.0, 0.0]]))
    found = measure(alone(frame), params())
    assert found.log_loss == pytest.approx(-np.log(5e-7), abs=1e-5)


def test_one_face_a_group_gives_nearly_the_binomial_interval() -> None:
    frame = table(["happy"] * 400, ["happy"] * 320 + ["angry"] * 80)
    low, high = ends(measure(alone(frame), params(4000)))
    exact = binomtest(320, 400).proportion_ci(0.95, "wilson")
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.005)


def test_faces_of_one_group_that_are_right_or_wrong_together_widen_the_interval() -> None:
    frame = table(["happy"] * 400, ["happy"] * 320 + ["angry"] * 80)
    tens = [str(number // 10) for number in range(400)]
    wide = ends(measure(grouped(frame, tens), params(2000)))
    narrow = ends(measure(alone(frame), params(2000)))
    ratio = (wide[1] - wide[0]) / (narrow[1] - narrow[0])
    assert ratio == pytest.approx(np.sqrt(10), rel=0.1)  # as if there were 40 faces


def test_all_right_of_sixty_groups_still_leaves_room_below() -> None:
    """Wilson's interval of 60 right among 60 begins at 0.94; the rule of three says 1 - 3 / 60."""
    frame = table(["happy"] * 120, ["happy"] * 120)
    low, high = ends(measure(grouped(frame, [str(number % 60) for number in range(120)]), params()))
    assert low == pytest.approx(binomtest(60, 60).proportion_ci(0.95, "wilson").low, abs=0.003)
    assert high == 1


def test_a_single_group_gives_no_interval() -> None:
    frame = table(["happy"] * 3, ["happy", "happy", "angry"])
    found = measure(grouped(frame, "aaa"), params())
    assert np.isnan(ends(found)).all()
    assert np.isnan(ends(found, "macro_f1")).all()
    assert found.reliable is False


def test_under_twenty_groups_the_interval_is_unreliable() -> None:
    frame = table(["happy"] * 40, ["happy"] * 40)
    for groups, reliable in ((19, False), (20, True)):
        names = [str(number % groups) for number in range(40)]
        assert measure(grouped(frame, names), params(2)).reliable is reliable


def split(**faces: str) -> pd.DataFrame:
    """Each keyword is a face: group, part and fold, as in `face0="anna train 1"`."""
    rows = [(face, *words.split()) for face, words in faces.items()]
    frame = pd.DataFrame(rows, columns=["face_id", "group_id", "split", "fold"])
    return frame.assign(fold=pd.to_numeric(frame["fold"].replace("-", pd.NA)).astype("Int64"))


def test_predictions_get_the_groups_of_their_faces() -> None:
    rows = split(face0="anna val -", face1="bert val -", other="anna train -")
    scored = with_groups(table(["happy"] * 2, ["happy"] * 2), rows, HERE)
    assert list(scored["group_id"]) == ["anna", "bert"]


def test_a_leak_fails_under_grouped_and_passes_under_the_schemes_of_the_paper() -> None:
    path = Path("data/splits/consensus-grouped.csv")
    refuse_leak(0.0, "grouped", path, HERE)
    refuse_leak(0.25, "paper-every5", path, HERE)
    with pytest.raises(TableError) as error:
        refuse_leak(0.25, "grouped", path, HERE)
    assert str(error.value) == (
        "predictions.csv: 25.0 % of its faces are of groups that the run trained on, and the "
        "scheme grouped allows none; delete data/splits/consensus-grouped.csv and run snakemake"
    )


FAULTS: dict[str, tuple[pd.DataFrame, str]] = {
    "nothing": (
        table([], []),
        "predictions.csv: no face was predicted; delete the file and run snakemake",
    ),
    "class": (
        table(["happy", "sad"], ["happy", "happy"]),
        "predictions.csv, line 3: actual is 'sad'; there is no such row in its classes "
        "(p_surprised, p_angry, p_happy)",
    ),
    "sum": (
        table(["happy"], ["happy"], probabilities=np.array([[0.5, 0.6, 0.7]])),
        "predictions.csv, line 2: the probabilities must be 0 or more and sum to 1",
    ),
    "face": (
        table(["happy"] * 2, ["happy"] * 2),
        "predictions.csv, line 3: face_id is 'face1'; there is no such row in the table of splits",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_predictions_is_said_in_one_line(fault: str) -> None:
    frame, message = FAULTS[fault]
    with pytest.raises(TableError) as error:
        with_groups(frame, split(face0="anna val -"), HERE)
    assert str(error.value) == message
