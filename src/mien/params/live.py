"""The settings of live: how a running classifier follows faces."""

from typing import Annotated

from pydantic import Field

from mien.params.section import Section, Share


class LiveParams(Section):
    """How a running classifier follows faces and expressions; an exported model has a copy."""

    smoothing_s: Annotated[float, Field(ge=0)] = Field(
        description="How far back the mean over frames looks. 0: each frame alone."
    )
    lead: Share = Field(
        description="How much likelier another expression must be before it is shown instead. Also "
        "how far below the threshold all must fall before none is sure."
    )
    forget_s: Annotated[float, Field(ge=0)] = Field(
        description="A face that was away for longer gets a new number."
    )
