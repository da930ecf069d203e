"""Probes: logistic regressions on the features of faces (scikit-learn).

After Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes".
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import SourceError
from mien.faces.features import Vectors, read_features
from mien.files import atomic
from mien.params import ProbeSettings, ProbeVariant
from mien.progress import say
from mien.train.card import read_card
from mien.train.run import Run
from mien.train.tables import HISTORY

MODEL = "model.npz"
PACKAGES = ("onnx", "onnxruntime", "scikit-learn")
PREPROCESSING = {"colour": "RGB, then as each extractor takes it"}

PARTS = 5  # of the training faces, to choose the strength by
NEVER = -30.0  # the logit of a class that no training face has
SMALLEST = 1e-7  # a probability, in a log loss

Floats = NDArray[np.float64]


class Linear(NamedTuple):
    """A linear classifier: logits are `features @ weights.T + offsets`, a row each class."""

    weights: Floats
    offsets: Floats


class Reduction(NamedTuple):
    """Fewer numbers for each face: `(features - mean) @ turn.T`."""

    mean: Floats
    turn: Floats

    def of(self, features: Vectors) -> Floats:
        """Return the fewer numbers of these features."""
        numbers: Floats = (features - self.mean) @ self.turn.T
        return numbers


class Targets(NamedTuple):
    """For every face: what it shows (faces, classes), how much it counts, and its group."""

    shares: Floats
    weights: Floats
    groups: NDArray[np.object_]

    def of(self, rows: NDArray[np.integer]) -> "Targets":
        """Return the targets of some faces."""
        return Targets(self.shares[rows], self.weights[rows], self.groups[rows])


def fit(run: Run[ProbeVariant], threads: int) -> pd.DataFrame:
    """Train a run and write its model into its folder; return a history without epochs."""
    del threads  # see `fit_probe`
    ids = run.faces.loc[run.faces["split"] == "train", "face_id"]
    features = read_features(run.variant.features, [s.stem for s in run.shards], list(ids))
    targets = Targets(
        run.targets.shares.loc[ids].to_numpy(np.float64),
        np.asarray(run.targets.weights.loc[ids], np.float64),
        run.groups.loc[ids].to_numpy(object),
    )
    settings, multi_label = run.variant.settings, run.variant.multi_label
    model, strength = fit_probe(features, targets, settings, multi_label)
    with atomic(run.folder / MODEL) as temporary, temporary.open("wb") as file:
        np.savez(file, weights=model.weights, offsets=model.offsets, strength=strength)
    say(f"{features.shape[1]} features of {len(ids)} faces, strength {strength:g}")
    return pd.DataFrame(columns=list(HISTORY.columns))


def fit_probe(
    features: Vectors, targets: Targets, settings: ProbeSettings, multi_label: bool
) -> tuple[Linear, float]:
    """Return the classifier, and the strength that was chosen inside these faces.

    Each fifth of the groups is predicted from the others, from the weakest strength on, until the
    log loss rises. With a single group the weakest is taken.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # on more, small matrices are slower, and sums have another order
        strength = _strength(features, targets, settings, multi_label)
        scaled, reduction = reduced(features, settings.components)
        inner = _regression(scaled, targets, strength, multi_label)
    weights = inner.weights @ reduction.turn
    return Linear(weights, inner.offsets - weights @ reduction.mean), strength


def reduced(features: Vectors, components: int | None) -> tuple[Floats, Reduction]:
    """Return the features with mean 0 and deviation 1 as principal components, and how."""
    from sklearn.decomposition import PCA

    mean, scale = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    scale[scale < SMALLEST] = 1.0
    turn = np.diag(1 / scale)
    if components is not None and components < min(features.shape):
        fitted = PCA(components, svd_solver="randomized", random_state=0).fit(
            (features - mean) / scale
        )
        turn = fitted.components_ / scale
    reduction = Reduction(mean, turn)
    return reduction.of(features), reduction


def answer(features: NDArray[np.floating], model: Linear, multi_label: bool) -> Floats:
    """Return the probabilities (faces, classes); those of `multi_label` do not sum to 1."""
    from scipy.special import expit, softmax

    logits = features @ model.weights.T + model.offsets
    chances: Floats = expit(logits) if multi_label else softmax(logits, axis=1)
    return chances


def predict(run: Path, features: Vectors, threads: int) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) of faces by their features (n, numbers).

    Columns are in the order of the card. Those of a run of `multi_label` do not sum to 1.
    """
    del threads
    model, card = read_model(run / MODEL), read_card(run)
    if features.shape[1] != model.weights.shape[1]:
        raise SourceError(
            f"{run / MODEL} was trained on {model.weights.shape[1]} features, but faces have "
            f"{features.shape[1]}: run `snakemake`"
        )
    return answer(features, model, card.multi_label).astype(np.float32)


def read_model(path: Path) -> Linear:
    """Return the classifier in the file; raise SourceError when it has none."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return Linear(held["weights"], held["offsets"])
    except Exception:  # whatever numpy and zipfile raise on a file that is none
        raise SourceError(f"{path}: not the model of a probe; delete it, run snakemake") from None


def _strength(
    features: Vectors, targets: Targets, settings: ProbeSettings, multi_label: bool
) -> float:
    """Return the strength with the least log loss on groups that were not learned from."""
    from sklearn.model_selection import GroupKFold

    strengths = sorted(settings.strengths)
    parts = min(PARTS, len(set(targets.groups)))
    if parts < 2 or len(strengths) < 2:
        return strengths[0]
    tries = []
    for rows, others in GroupKFold(parts).split(features, groups=targets.groups):
        scaled, reduction = reduced(features[rows], settings.components)
        tries.append((scaled, targets.of(rows), reduction.of(features[others]), targets.of(others)))
    least, best = np.inf, strengths[0]
    for strength in strengths:
        loss = 0.0
        for scaled, given, unseen, truth in tries:
            model = _regression(scaled, given, strength, multi_label)
            loss += _log_loss(answer(unseen, model, multi_label), truth, multi_label)
        if loss >= least:
            break
        least, best = loss, strength
    return best


def _log_loss(chances: Floats, truth: Targets, multi_label: bool) -> float:
    """Return the summed log loss of faces, each as often as it weighs."""
    loss = -truth.shares * np.log(np.maximum(chances, SMALLEST))
    if multi_label:
        loss -= (1 - truth.shares) * np.log(np.maximum(1 - chances, SMALLEST))
    return float((loss.sum(axis=1) * truth.weights).sum())


def _regression(features: Floats, targets: Targets, strength: float, multi_label: bool) -> Linear:
    """Return the regression of one strength: softmax over all classes, or a sigmoid for each."""
    if not multi_label:
        return _logistic(features, targets.shares * targets.weights[:, None], strength)
    pairs = [
        _logistic(
            features, np.stack([1 - share, share], axis=1) * targets.weights[:, None], strength
        )
        for share in targets.shares.T
    ]
    weights = np.stack([pair.weights[1] - pair.weights[0] for pair in pairs])
    return Linear(weights, np.array([pair.offsets[1] - pair.offsets[0] for pair in pairs]))


def _logistic(features: Floats, counts: Floats, strength: float) -> Linear:
    """Return the softmax regression, where a face counts for each class as `counts` says."""
    from sklearn.linear_model import LogisticRegression

    rows, classes = np.nonzero(counts > 0)
    model = Linear(np.zeros((counts.shape[1], features.shape[1])), np.full(counts.shape[1], NEVER))
    present = np.unique(classes)
    if len(present) < 2:
        model.offsets[present] = 0.0
        return model
    fitted = LogisticRegression(C=strength, max_iter=2000).fit(
        features[rows], classes, sample_weight=counts[rows, classes]
    )
    if len(present) == 2:  # one row, for the second class
        model.weights[present[1]], model.offsets[present] = fitted.coef_[0], [0, *fitted.intercept_]
    else:
        model.weights[present], model.offsets[present] = fitted.coef_, fitted.intercept_
    return model
