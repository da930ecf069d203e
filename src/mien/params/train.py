"""The settings of train; how each model is trained, its variant says."""

from typing import Annotated

from pydantic import Field

from mien.params.section import Count, Section


class SplitParams(Section):
    """Which faces are trained on by the scheme grouped. The paper's schemes have no settings."""

    test_share: Annotated[float, Field(ge=0, le=0.5)] = Field(
        description="The share of all faces kept for the test: the nearest of 1/2, 1/3, 1/4 "
        "and so on. 0: no test part."
    )
    folds: Annotated[int, Field(ge=2)] = Field(
        description="How many folds the other faces fall into. Fold 0 validates, unless a variant "
        "is cross-validated."
    )
    seed: Count = Field(description="The seed of the random choice.")


class TrainParams(Section):
    """How faces are split into parts to train on, to validate with, and to test with."""

    split: SplitParams
