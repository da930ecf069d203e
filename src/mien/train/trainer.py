"""The module of a family, `mien.train.<family>`, which trains and predicts.

It is found by name and not imported here, so that an edit of one family retrains no other.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mien.images import Picture
    from mien.train.run import Run


class Trainer(Protocol):
    """What the module of a family has."""

    MODEL: str  # the file that a run leaves, as the family's record names it
    PACKAGES: tuple[str, ...]  # whose versions a run's card names
    PREPROCESSING: Mapping[str, Any]  # what becomes of a crop's pixels; any names, for the card

    def fit(self, run: "Run[Any]", threads: int) -> "pd.DataFrame":
        """Train a run, write its model into its folder, and return the history by epoch."""

    def predict(
        self, run: Path, pictures: "Iterable[Picture]", threads: int
    ) -> "NDArray[np.float32]":
        """Return the probabilities (n, classes) of the faces, columns in the order of the card."""


def module_of(family: str) -> str:
    """Return the name of the module of a family."""
    return f"mien.train.{family}"


def trainer(family: str) -> Trainer:
    """Return the module of a family; frameworks are imported when its functions are called."""
    return cast(Trainer, import_module(module_of(family)))
