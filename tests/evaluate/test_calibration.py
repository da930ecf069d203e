"""What one temperature makes of a run's probabilities, and from which confidence on it may answer."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.metrics import log_loss

from mien.evaluate.calibration import TEMPERATURES, calibrated, rescaled

CLASSES = ["surprised", "angry", "happy"]


def predictions(probabilities, actual, groups=None) -> pd.DataFrame:
    """Return the table of predictions of these probabilities, of 6 digits as in a file."""
    values = np.asarray(probabilities, dtype=float).round(6)
    columns = {f"p_{name}": values[:, place] for place, name in enumerate(CLASSES)}
    frame = pd.DataFrame({"actual": list(actual), **columns})
    return frame.assign(
        predicted=np.array(CLASSES, object)[values.argmax(axis=1)],
        group_id=[f"g{n}" for n in range(len(frame))] if groups is None else list(groups),
    )


def logits_and_truth(faces: int, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Return logits of a model that is exactly as often right as it says, and the truth."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 1.2, (faces, 3))
    chances = softmax(logits, axis=1)
    places = (chances.cumsum(axis=1) < generator.random((faces, 1))).sum(axis=1)
    return logits, [CLASSES[place] for place in places]


def sure(confidences: list[float], right: list[bool]) -> pd.DataFrame:
    """Return predictions of happy with these confidences, some of them wrong."""
    rest = [[(1 - one) / 2, (1 - one) / 2, one] for one in confidences]
    return predictions(rest, ["happy" if one else "angry" for one in right])


def test_a_model_as_often_right_as_it_says_has_a_temperature_of_about_one() -> None:
    logits, actual = logits_and_truth(20_000)
    found = calibrated(predictions(softmax(logits, axis=1), actual), 0.9)
    assert found.temperature == pytest.approx(1, abs=0.03)


def test_logits_that_are_three_times_too_large_have_three_times_the_temperature() -> None:
    logits, actual = logits_and_truth(20_000)
    found = calibrated(predictions(softmax(3 * logits, axis=1), actual), 0.9)
    assert found.temperature == pytest.approx(3, rel=0.03)
    assert found.scaled.calibration_error < 0.01


@pytest.mark.parametrize("seed", range(4))
def test_the_temperature_is_the_one_that_scipy_finds(seed: int) -> None:
    logits, actual = logits_and_truth(150, seed)
    factor = [0.5, 0.8, 1.5, 2][seed]
    truth = [CLASSES.index(name) for name in actual]

    def loss(temperature: float) -> float:
        chances = softmax(factor * logits / temperature, axis=1)
        return float(-np.log(chances[np.arange(len(truth)), truth]).mean())

    expected = minimize_scalar(loss, bounds=(0.1, 10), method="bounded")
    found = calibrated(predictions(softmax(factor * logits, axis=1), actual), 0.9)
    assert found.temperature == pytest.approx(expected.x, rel=0.012)
    assert loss(found.temperature) == pytest.approx(expected.fun, abs=1e-4)


def test_every_group_is_scaled_by_the_temperature_of_the_others() -> None:
    logits, actual = logits_and_truth(120, 5)
    frame = predictions(softmax(2 * logits, axis=1), actual, np.arange(120) % 6)
    parts = []
    for group in range(6):
        inside = frame["group_id"] == group
        fitted = calibrated(frame[~inside], 0.9).temperature
        parts.append(rescaled(frame[inside], fitted))
    slow = pd.concat(parts)
    order = sorted(CLASSES)
    expected = log_loss(slow["actual"], slow[[f"p_{name}" for name in order]], labels=order)
    assert calibrated(frame, 0.9).scaled.log_loss == pytest.approx(expected, abs=1e-9)


def test_what_helps_one_group_is_not_learned_from_itself() -> None:
    # by ann, whose faces are all right, the model may be surer; so it is sure and wrong on bob's
    right = [True] * 40 + [False] * 40
    frame = sure([0.9] * 80, right).assign(group_id=["ann"] * 40 + ["bob"] * 40)
    found = calibrated(frame, 0.9)
    assert found.temperature > 2
    assert found.scaled.log_loss > 5


def test_a_single_group_has_a_temperature_and_no_honest_figures() -> None:
    logits, actual = logits_and_truth(50)
    found = calibrated(predictions(softmax(logits, axis=1), actual, ["ann"] * 50), 0.9)
    assert 0.3 < found.temperature < 3
    assert np.isnan(found.scaled.log_loss)
    assert np.isnan(found.scaled.calibration_error)
    assert found.scaled.calibration_bins == []


@pytest.mark.parametrize("confidence", [1.0, 0.999999, 0.6])
def test_perfect_predictions_have_the_least_temperature(confidence: float) -> None:
    found = calibrated(sure([confidence] * 8, [True] * 8), 0.9)
    assert found.temperature == TEMPERATURES[0]
    assert found.scaled.log_loss == pytest.approx(0, abs=0.02)
    assert found.abstain.coverage == 1


def test_predictions_that_are_all_wrong_and_sure_have_the_greatest() -> None:
    found = calibrated(sure([1.0] * 8, [False] * 8), 0.9)
    assert found.temperature == pytest.approx(TEMPERATURES[-1])
    assert np.isfinite(found.scaled.log_loss)


def test_a_temperature_changes_no_answer_and_every_row_sums_to_one() -> None:
    logits, actual = logits_and_truth(300)
    frame = predictions(softmax(4 * logits, axis=1), actual)
    for temperature in (0.1, 1, 10):
        scaled = rescaled(frame, temperature)[[f"p_{name}" for name in CLASSES]]
        assert scaled.sum(axis=1).to_numpy() == pytest.approx(1)
        assert (scaled.to_numpy().argmax(axis=1) == softmax(logits).argmax(axis=1)).all()


def test_the_threshold_is_the_least_from_which_enough_are_right_by_hand_count() -> None:
    confidences = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6]
    right = [True, True, False, True, True, False, False, True]
    frame = sure(confidences, right)
    found = calibrated(frame, 0.75)
    # of the surest: 1/1, 2/2, 2/3, 3/4, 4/5, 4/6, 4/7, 5/8
    at = rescaled(frame, found.temperature)["p_happy"]
    assert found.abstain.threshold == pytest.approx(at[4], abs=1e-6)
    assert found.abstain.threshold <= at[4]
    assert found.abstain.coverage == 5 / 8
    assert found.abstain.accuracy == 4 / 5
    assert found.abstain.target == 0.75


def test_faces_of_one_confidence_are_answered_together() -> None:
    found = calibrated(sure([0.9, 0.9, 0.9, 0.6], [True, True, False, True]), 0.9)
    # never two of the first three alone; 2/3, then 3/4
    assert [point.coverage for point in found.answered] == [0.75, 1]
    assert found.answered[0].accuracy == pytest.approx(2 / 3)
    assert found.abstain.coverage == 0
    assert np.isnan(found.abstain.threshold)
    assert np.isnan(found.abstain.accuracy)


def test_a_target_that_all_faces_reach_leaves_none_unanswered() -> None:
    found = calibrated(sure([0.9, 0.8, 0.4], [True, True, True]), 1)
    assert found.abstain.coverage == 1


def test_the_curve_has_a_point_for_every_twentieth_of_the_faces() -> None:
    logits, actual = logits_and_truth(2000)
    points = calibrated(predictions(softmax(logits, axis=1), actual), 0.9).answered
    assert [point.coverage for point in points] == pytest.approx(np.arange(1, 21) / 20, abs=0.01)
    thresholds = [point.threshold for point in points]
    assert thresholds == sorted(thresholds, reverse=True)
    assert points[0].accuracy > points[-1].accuracy
    assert points[-1].accuracy == np.mean(
        softmax(logits, axis=1).argmax(axis=1) == [CLASSES.index(name) for name in actual]
    )
