"""The families of classifiers: their titles, their files and their licences.

Nothing that trains imports this module, so that a new family retrains no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Family:
    """What a family is; its settings are the model `<Family>Variant` in mien.params.variants.

    `licences` are those of the packages it is trained with. `trained_licence` is the one that
    their makers claim for every model trained with them, if they claim any.
    """

    title: str
    model: str  # the file that a run leaves, the MODEL of the family's module
    licences: Mapping[str, str]
    uses_gpu: bool
    trained_licence: str | None = None


FAMILIES = {
    "yolo": Family(
        title="a YOLO classifier of ultralytics",
        model="model.pt",
        licences={"ultralytics": "AGPL-3.0", "torch": "BSD-3-Clause"},
        uses_gpu=True,
        trained_licence="AGPL-3.0-only",
    ),
    "resnet": Family(
        title="a ResNet-50 of Keras",
        model="model.keras",
        licences={"keras": "Apache-2.0", "tensorflow": "Apache-2.0"},
        uses_gpu=True,
    ),
    "probe": Family(
        title="a logistic regression on features",
        model="model.npz",
        licences={"scikit-learn": "BSD-3-Clause"},
        uses_gpu=False,
    ),
}


def model_of(run: Path, family: str) -> Path:
    """Return the file of a run's model."""
    return run / FAMILIES[family].model
