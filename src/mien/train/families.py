"""The families of classifiers, and where the code of each one is.

`mien.train.<family>` trains and predicts, `mien.export.<family>` makes the graph of a model. They
are found by name and not imported here, so that an edit of one family retrains no other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mien.images import Picture
    from mien.train.run import Run


@dataclass(frozen=True)
class Family:
    """What a family is; its settings are the model `<Family>Variant` in mien.params.

    `licences` are those of the packages it is trained with. `trained_licence` is the one that
    their makers claim for every model trained with them, if they claim any.
    """

    title: str
    model: str  # the file that a run leaves
    licences: Mapping[str, str]
    trained_licence: str | None = None


FAMILIES = {
    "yolo": Family(
        title="a YOLO classifier of ultralytics",
        model="model.pt",
        licences={"ultralytics": "AGPL-3.0", "torch": "BSD-3-Clause"},
        trained_licence="AGPL-3.0-only",
    ),
    "resnet": Family(
        title="a ResNet-50 of Keras",
        model="model.keras",
        licences={"keras": "Apache-2.0", "tensorflow": "Apache-2.0"},
    ),
}


class Trainer(Protocol):
    """What the module of a family has."""

    PACKAGES: tuple[str, ...]  # whose versions a run's card names
    PREPROCESSING: Mapping[str, Any]  # from the pixels of a crop to what the network sees

    def fit(self, run: "Run[Any]", threads: int) -> "pd.DataFrame":
        """Train a run, write its model into its folder, and return the history by epoch."""

    def predict(
        self, run: Path, pictures: "Iterable[Picture]", threads: int
    ) -> "NDArray[np.float32]":
        """Return the probabilities (n, classes) of the crops, columns in the order of the card."""


def module_of(family: str) -> str:
    """Return the name of the module of a family."""
    return f"mien.train.{family}"


def trainer(family: str) -> Trainer:
    """Return the module of a family; frameworks are imported when its functions are called."""
    return cast(Trainer, import_module(module_of(family)))


def model_of(run: Path, family: str) -> Path:
    """Return the file of a run's model."""
    return run / FAMILIES[family].model
