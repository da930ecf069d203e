"""The targets of training: a share for every class of each face, and the face's weight."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.params import Variant

# what `augmentation: gentle` may do, beside mirroring: turn by degrees, move and zoom by shares of
# the side, change brightness and contrast by a share; it erases, cuts off and recolours nothing
GENTLE = {"degrees": 10.0, "shift": 0.05, "zoom": 0.1, "light": 0.2}


class Targets(NamedTuple):
    """`shares` has a column for each class, and `weights` says how much each face counts.

    Both go by face_id. They are two tables, since a class may have any name.
    """

    shares: pd.DataFrame
    weights: "pd.Series[float]"


def targets_of(
    faces: pd.DataFrame, labels: pd.DataFrame, variant: Variant, classes: Sequence[str]
) -> Targets:
    """Return the target of each face for each class (0 to 1), and its weight.

    The target is 1 for the class of the label. With `labels: shares` it is the class's share of the
    votes on the variant's classes, so the targets of a face sum to 1. With `multi_label` it is the
    share of voters who named the class, and each class stands alone. Where nobody voted, the label
    stands in. Weights are 1. With `class_weights` all classes weigh the same in training, and the
    mean weight is 1.
    """
    own = faces["label"].to_numpy(object)[:, None] == np.asarray(classes, object)
    targets: NDArray[np.float64] = own.astype(np.float64)
    if variant.labels == "shares":
        prefix = "named_" if variant.multi_label else "share_"
        votes = labels.set_index("face_id").loc[faces["face_id"]]
        shares = votes[[prefix + name for name in classes]].to_numpy(np.float64, na_value=0.0)
        total = shares.sum(axis=1, keepdims=True)
        parts = shares if variant.multi_label else shares / np.where(total > 0, total, 1)
        targets = np.where(total > 0, parts, targets)
    weights = np.ones(len(faces))
    if variant.class_weights:
        trained = faces["split"] == "train"
        weights[trained] = faces.loc[trained, "label"].map(class_weights(faces, classes))
    index = pd.Index(faces["face_id"])
    return Targets(pd.DataFrame(targets, index, list(classes)), pd.Series(weights, index))


def class_weights(faces: pd.DataFrame, classes: Sequence[str]) -> dict[str, float]:
    """Return for each class the faces to train on, divided by the classes and its own faces."""
    counts = faces.loc[faces["split"] == "train", "label"].value_counts()
    return {name: float(counts.sum() / len(classes) / counts[name]) for name in classes}
