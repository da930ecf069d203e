"""How well a run predicts, computed from its table of predictions by scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from mien.evaluate.calibration import calibrated, calibration_bins, calibration_error, log_loss
from mien.evaluate.files import ClassScores, Metrics
from mien.evaluate.intervals import RELIABLE_GROUPS, Numbers, interval
from mien.evaluate.scored import classes_in
from mien.params import EvaluateParams


def measure(scored: pd.DataFrame, params: EvaluateParams, leak: float = 0.0) -> Metrics:
    """Return the metrics of predictions with a group_id: a run's, or those of several together.

    The confusion matrix has a row for each actual and a column for each predicted class. What is
    undefined is NaN: the precision of a class never predicted, an interval from a single
    group. A class neither actual nor predicted is no part of macro F1. `leak` is the share of the
    faces whose group was trained on.
    """
    classes, (actual, predicted) = classes_in(scored), _answers(scored)
    confusions = confusions_by_group(actual, predicted, scored["group_id"], classes)
    units = [len(confusions)]
    low, high = interval(lambda w: accuracies(_weigh(w, confusions)), units, params)
    f1_low, f1_high = interval(lambda w: macro_f1s(_weigh(w, confusions)), units, params)
    return Metrics(
        accuracy_low=low,
        accuracy_high=high,
        macro_f1_low=f1_low,
        macro_f1_high=f1_high,
        reliable=len(confusions) >= RELIABLE_GROUPS,
        faces=len(scored),
        groups=len(confusions),
        leak=leak,
        classes=classes,
        per_class=class_scores(scored),
        confusion=confusion_matrix(actual, predicted, labels=classes).tolist(),
        calibration_bins=calibration_bins(scored),
        **vars(calibrated(scored, params.answered_accuracy)) | point_metrics(scored),
    )


def class_scores(predictions: pd.DataFrame) -> dict[str, ClassScores]:
    """Return how well each class is recognised; NaN where a figure is not defined."""
    classes, (actual, predicted) = classes_in(predictions), _answers(predictions)
    scores = precision_recall_fscore_support(
        actual, predicted, labels=classes, zero_division=np.nan
    )
    rows = zip(classes, *(figures.tolist() for figures in scores), strict=True)
    return {name: ClassScores(*figures) for name, *figures in rows}


def point_metrics(predictions: pd.DataFrame) -> dict[str, float]:
    """Return accuracy, macro F1, log loss and calibration error, each without an interval."""
    classes, (actual, predicted) = classes_in(predictions), _answers(predictions)
    macro = f1_score(actual, predicted, labels=classes, average="macro", zero_division=np.nan)
    return {
        "accuracy": float(accuracy_score(actual, predicted)),
        "macro_f1": float(macro),
        "log_loss": log_loss(predictions),
        "calibration_error": calibration_error(calibration_bins(predictions)),
    }


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
    """Return macro F1 of each confusion matrix, over the classes that have a face in it."""
    right = np.diagonal(confusions, axis1=1, axis2=2)
    either = confusions.sum(axis=1) + confusions.sum(axis=2)
    f1 = np.divide(2 * right, either, out=np.zeros_like(either), where=either > 0)
    means: Numbers = f1.sum(axis=1) / (either > 0).sum(axis=1)
    return means


def _answers(predictions: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any]]:
    return predictions["actual"].to_numpy(object), predictions["predicted"].to_numpy(object)


def _weigh(weights: Numbers, confusions: Numbers) -> Numbers:
    """Return the sum of the confusion matrices of each sample of groups."""
    return np.tensordot(weights, confusions, axes=1)
