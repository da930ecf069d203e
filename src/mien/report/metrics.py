"""How well a run predicts, computed from its table of predictions by scikit-learn."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from mien.params import ReportParams
from mien.report.bootstrap import RELIABLE_GROUPS, Numbers, interval
from mien.report.scored import PREFIX, classes_of
from mien.tables import DIGITS

BINS = 15
SMALLEST = 0.5 * 10**-DIGITS  # a probability that the table rounds to 0 may be as large as this


def measure(scored: pd.DataFrame, params: ReportParams) -> dict[str, Any]:
    """Return the metrics of predictions with a group_id: a run's, or those of several together.

    The confusion matrix has a row for each actual and a column for each predicted class. What is
    undefined is NaN: the precision of a class never predicted, an interval from a single
    group. A class neither actual nor predicted is no part of macro F1.
    """
    classes, (actual, predicted) = classes_of(scored), _answers(scored)
    scores = precision_recall_fscore_support(
        actual, predicted, labels=classes, zero_division=np.nan
    )
    names = ("precision", "recall", "f1", "support")
    confusions = confusions_by_group(actual, predicted, scored["group_id"], classes)
    units = [len(confusions)]
    low, high = interval(lambda w: accuracies(_weigh(w, confusions)), units, params)
    f1_low, f1_high = interval(lambda w: macro_f1s(_weigh(w, confusions)), units, params)
    return {
        **point_metrics(scored),
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1_low": f1_low,
        "macro_f1_high": f1_high,
        "reliable": len(confusions) >= RELIABLE_GROUPS,
        "faces": len(scored),
        "groups": len(confusions),
        "classes": classes,
        "per_class": {
            name: dict(zip(names, values, strict=True))
            for name, *values in zip(classes, *scores, strict=True)
        },
        "confusion": confusion_matrix(actual, predicted, labels=classes).tolist(),
        "calibration_bins": calibration_bins(scored),
    }


def point_metrics(predictions: pd.DataFrame) -> dict[str, float]:
    """Return accuracy, macro F1, log loss and calibration error, each without an interval."""
    classes, (actual, predicted) = classes_of(predictions), _answers(predictions)
    order = np.argsort(classes)  # scikit-learn takes the columns for alphabetical
    ordered = probabilities_of(predictions)[:, order]
    macro = f1_score(actual, predicted, labels=classes, average="macro", zero_division=np.nan)
    return {
        "accuracy": float(accuracy_score(actual, predicted)),
        "macro_f1": float(macro),
        "log_loss": float(log_loss(actual, ordered, labels=np.asarray(classes, object)[order])),
        "calibration_error": calibration_error(calibration_bins(predictions)),
    }


def probabilities_of(predictions: pd.DataFrame) -> Numbers:
    """Return the probabilities (faces, classes), each row summing to 1 again and none of them 0."""
    columns = predictions[[PREFIX + name for name in classes_of(predictions)]]
    values = np.maximum(columns.to_numpy(np.float64), SMALLEST)
    probabilities: Numbers = values / values.sum(axis=1, keepdims=True)
    return probabilities


def calibration_bins(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the bins of a reliability diagram: 15 equal steps of confidence, low end left out.

    Confidence is the greatest probability of a face. An empty bin has neither mean confidence nor
    accuracy.
    """
    confidence = probabilities_of(predictions).max(axis=1).round(DIGITS)
    actual, predicted = _answers(predictions)
    edges = np.linspace(0, 1, BINS + 1)
    bins = np.digitize(confidence, edges[1:-1], right=True)
    return [
        {
            "low": float(edges[number]),
            "high": float(edges[number + 1]),
            "faces": int(inside.sum()),
            "confidence": float(confidence[inside].mean()) if inside.any() else math.nan,
            "accuracy": float((actual == predicted)[inside].mean()) if inside.any() else math.nan,
        }
        for number in range(BINS)
        for inside in [bins == number]
    ]


def calibration_error(bins: Sequence[Mapping[str, Any]]) -> float:
    """Return the expected calibration error: the mean gap of a face's bin, 0 to 1.

    As in Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2 and equation 3.
    """
    filled = [one for one in bins if one["faces"]]
    gaps = sum(one["faces"] * abs(one["accuracy"] - one["confidence"]) for one in filled)
    return float(gaps / sum(one["faces"] for one in filled))


def confusions_by_group(
    actual: NDArray[Any], predicted: NDArray[Any], groups: pd.Series, classes: Sequence[str]
) -> Numbers:
    """Return one confusion matrix a group (groups, classes, classes)."""
    places = pd.Index(list(classes))
    rows, columns = (places.get_indexer(pd.Index(names)) for names in (actual, predicted))
    codes, names = pd.factorize(groups)
    confusions = np.zeros((len(names), len(classes), len(classes)))
    np.add.at(confusions, (codes, rows, columns), 1)
    return confusions


def accuracies(confusions: Numbers) -> Numbers:
    """Return the accuracy of each confusion matrix."""
    shares: Numbers = np.trace(confusions, axis1=1, axis2=2) / confusions.sum(axis=(1, 2))
    return shares


def macro_f1s(confusions: Numbers) -> Numbers:
    """Return macro F1 of each confusion matrix, over the classes that it has any face of."""
    right = np.diagonal(confusions, axis1=1, axis2=2)
    either = confusions.sum(axis=1) + confusions.sum(axis=2)
    f1 = np.divide(2 * right, either, out=np.zeros_like(either), where=either > 0)
    means: Numbers = f1.sum(axis=1) / (either > 0).sum(axis=1)
    return means


def _answers(predictions: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any]]:
    return predictions["actual"].to_numpy(object), predictions["predicted"].to_numpy(object)


def _weigh(weights: Numbers, confusions: Numbers) -> Numbers:
    """Return the summed confusion matrix of each sample of groups."""
    return np.tensordot(weights, confusions, axes=1)
