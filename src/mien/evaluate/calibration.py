"""Calibration: is a run right as often as it says, and from which confidence may it answer?

After Guo et al. 2017, "On Calibration of Modern Neural Networks" (ICML).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_softmax, softmax

from mien.evaluate.files import Abstain, Bin, Point, Scaled
from mien.evaluate.intervals import Numbers
from mien.evaluate.scored import PREFIX, classes_in
from mien.tables import DIGITS

BINS = 15
SMALLEST = 0.5 * 10**-DIGITS  # a probability that the table rounds to 0 may be as large as this
TEMPERATURES = np.geomspace(0.1, 10, 401)  # 1.2 % apart: log loss is flat about its least value
POINTS = 20


@dataclass(frozen=True)
class Calibrated:
    """What a temperature makes of predictions, as their metrics have it."""

    temperature: float
    scaled: Scaled
    abstain: Abstain
    answered: list[Point]


def calibrated(scored: pd.DataFrame, target: float) -> Calibrated:
    """Return what temperature scaling makes of predictions with a group_id.

    `temperature` is the most likely one for all faces. `scaled` says how good it is on unseen
    people: each group is scaled by the temperature of the other groups, so a single group has no
    figures. `abstain` and `answered` are computed at `temperature`.
    """
    losses, codes = _losses(scored), pd.factorize(scored["group_id"])[0]
    by_group = pd.DataFrame(losses).groupby(codes).sum().to_numpy()
    temperature = float(TEMPERATURES[by_group.sum(axis=0).argmin()])
    others = TEMPERATURES[(by_group.sum(axis=0) - by_group).argmin(axis=1)]
    crossed = rescaled(scored, others[codes])
    bins = calibration_bins(crossed) if len(by_group) > 1 else []
    curve = accuracy_by_coverage(rescaled(scored, temperature))
    loss, error = (log_loss(crossed), calibration_error(bins)) if bins else (math.nan, math.nan)
    points = [Point(*row) for row in _thinned(curve).to_numpy().tolist()]
    return Calibrated(temperature, Scaled(loss, error, bins), abstain(curve, target), points)


def rescaled(predictions: pd.DataFrame, temperature: float | Numbers) -> pd.DataFrame:
    """Return the predictions with their logits divided by one temperature, or by one for each face.

    Above 1 the predictions are less sure. The likeliest class never changes.
    """
    logs = np.log(probabilities_of(predictions))
    scaled = softmax(logs / np.reshape(temperature, (-1, 1)), axis=1)
    names = [PREFIX + name for name in classes_in(predictions)]
    return predictions.assign(**dict(zip(names, scaled.T, strict=True)))


def accuracy_by_coverage(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return coverage and accuracy at each threshold, the highest threshold first.

    `coverage` is the share of faces whose confidence reaches the `threshold`, `accuracy` is the
    share of these that are right. Thresholds are rounded down, so that the face that gave one
    passes it.
    """
    confidence = np.floor(probabilities_of(predictions).max(axis=1) * 10**DIGITS) / 10**DIGITS
    right = (predictions["actual"] == predictions["predicted"]).to_numpy(np.float64)
    counts = pd.Series(right).groupby(confidence).agg(["sum", "size"]).iloc[::-1].cumsum()
    curve = counts.rename_axis("threshold").reset_index()
    accuracy, coverage = curve["sum"] / curve["size"], curve["size"] / len(predictions)
    return curve[["threshold"]].assign(coverage=coverage, accuracy=accuracy)


def abstain(curve: pd.DataFrame, target: float) -> Abstain:
    """Return the lowest threshold at which the answers reach the accuracy `target`.

    Where none does, threshold and accuracy are NaN and the coverage is 0. The threshold is judged
    on the faces that it was chosen on, so with few faces its accuracy is a little too high.
    """
    enough = curve[curve["accuracy"] >= target]
    if enough.empty:
        return Abstain(target, threshold=math.nan, coverage=0.0, accuracy=math.nan)
    return Abstain(target, *enough.iloc[-1].tolist())


def probabilities_of(predictions: pd.DataFrame) -> Numbers:
    """Return the probabilities (faces, classes), each row summing to 1 again and none of them 0."""
    columns = predictions[[PREFIX + name for name in classes_in(predictions)]]
    values = np.maximum(columns.to_numpy(np.float64), SMALLEST)
    probabilities: Numbers = values / values.sum(axis=1, keepdims=True)
    return probabilities


def log_loss(predictions: pd.DataFrame) -> float:
    """Return the mean of minus the natural logarithm of the actual class's probability."""
    return float(-np.log(_of_actual(predictions, probabilities_of(predictions))).mean())


def calibration_bins(predictions: pd.DataFrame) -> list[Bin]:
    """Return the bins of a reliability diagram: 15 equal steps of confidence, low end left out.

    Confidence is the greatest probability of a face. An empty bin has neither mean confidence nor
    accuracy.
    """
    confidence = probabilities_of(predictions).max(axis=1).round(DIGITS)
    right = (predictions["actual"] == predictions["predicted"]).to_numpy(np.float64)
    edges = np.linspace(0, 1, BINS + 1)
    bins = np.digitize(confidence, edges[1:-1], right=True)
    return [
        Bin(
            low=float(edges[number]),
            high=float(edges[number + 1]),
            faces=int(inside.sum()),
            confidence=float(confidence[inside].mean()) if inside.any() else math.nan,
            accuracy=float(right[inside].mean()) if inside.any() else math.nan,
        )
        for number in range(BINS)
        for inside in [bins == number]
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean gap of a face's bin, 0 to 1.

    As in Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2 and equation 3.
    """
    gaps = sum(
        one.faces * abs(one.accuracy - one.confidence)
        for one in bins
        if one.faces and one.accuracy is not None and one.confidence is not None
    )
    return float(gaps / sum(one.faces for one in bins))


def _losses(predictions: pd.DataFrame) -> Numbers:
    """Return the log loss of each face at each temperature (faces, temperatures)."""
    logs = np.log(probabilities_of(predictions))
    return np.stack(
        [-_of_actual(predictions, log_softmax(logs / t, axis=1)) for t in TEMPERATURES], axis=1
    )


def _of_actual(predictions: pd.DataFrame, values: Numbers) -> Numbers:
    """Return, for each face, the value of its actual class."""
    places = pd.Index(classes_in(predictions)).get_indexer(pd.Index(predictions["actual"]))
    chosen: Numbers = values[np.arange(len(values)), places]
    return chosen


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """Return the points nearest above every twentieth of the coverage."""
    steps = np.arange(1, POINTS + 1) / POINTS
    rows = np.searchsorted(curve["coverage"].to_numpy(), steps)
    return curve.iloc[np.unique(rows)]
