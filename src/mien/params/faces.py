"""The settings of faces: how they are found, cut out, and left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mien.params.section import Positive, Section, Share


@dataclass(frozen=True)
class DetectorTraits:
    """What others must know of a detector; its code is in mien.faces.detect, under its name."""

    needs_weights: bool
    finds_eyes: bool
    uses_gpu: bool


DetectorName = Literal["haar", "yunet", "yolo"]
TRAITS: Mapping[str, DetectorTraits] = {
    "haar": DetectorTraits(needs_weights=False, finds_eyes=False, uses_gpu=False),
    "yunet": DetectorTraits(needs_weights=True, finds_eyes=True, uses_gpu=False),
    "yolo": DetectorTraits(needs_weights=True, finds_eyes=True, uses_gpu=True),
}


class FacesParams(Section):
    """How faces are found and cut out of pictures, and which of them are left out."""

    detector: DetectorName = Field(
        description="What finds the faces: yunet (230 KB to download), haar (nothing to download, "
        "but weaker) or yolo (weights of your own)."
    )
    weights: str | None = Field(
        description="The detector's file: a name under acquire.weights. null for haar."
    )
    image_size_px: Positive = Field(
        description="The longest side of a picture as yunet and yolo see it."
    )
    min_confidence: Share = Field(
        description="Faces that the detector is less sure of are left out. haar gives every face 1."
    )
    min_size_px: Positive = Field(
        description="A face whose box is smaller on either side gets the status too_small."
    )
    min_sharpness: Annotated[float, Field(ge=0)] = Field(
        description="A face with less gets the status blurred. It is the variance of the Laplacian "
        "at 64 px."
    )
    margin: Annotated[float, Field(ge=0, le=2)] = Field(
        description="What is added to the box on every side, as a share of the box."
    )
    max_phash_distance: Annotated[int, Field(ge=0, le=16)] = Field(
        description="Faces whose perceptual hashes differ in no more bits, of 64, are compared "
        "picture by picture, to find duplicates."
    )

    @property
    def traits(self) -> DetectorTraits:
        """What others must know of the detector."""
        return TRAITS[self.detector]

    @model_validator(mode="after")
    def _weights_fit(self) -> "FacesParams":
        if self.traits.needs_weights and self.weights is None:
            raise ValueError(f"the detector {self.detector} needs faces.weights")
        if not self.traits.needs_weights and self.weights is not None:
            raise ValueError(
                f"the detector {self.detector} takes no weights; set faces.weights to null"
            )
        return self
