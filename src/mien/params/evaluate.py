"""The settings of evaluate: how sure the numbers are."""

from typing import Annotated

from pydantic import Field

from mien.params.section import Count, Positive, Section, Share


class EvaluateParams(Section):
    """How variants are measured and compared."""

    bootstrap_samples: Positive = Field(
        description="How often groups change sides at random when two variants are compared."
    )
    confidence: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="The confidence level of the intervals."
    )
    answered_accuracy: Share = Field(
        description="How accurate a model shall be on the faces it answers. Its threshold is "
        "chosen for that."
    )
    seed: Count = Field(description="The seed of the random choices.")
