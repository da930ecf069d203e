"""The settings of features: what turns a face into numbers that a probe learns from."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Section
from mien.view import View

Numbers = Annotated[list[float], Field(min_length=1, max_length=3)]
Place = Annotated[list[float], Field(min_length=2, max_length=2)]


def _not_zero(values: list[float]) -> list[float]:
    if not all(value > 0 for value in values):
        raise ValueError("every number must be above 0")
    return values


class HogFeatures(Section):
    """Histograms of oriented gradients of the grey face (Dalal and Triggs 2005). No file needed."""

    kind: Literal["hog"] = Field(description="Histograms of oriented gradients.")
    image_size_px: Annotated[int, Field(ge=32, le=1024)] = Field(
        description="The side of the square that each face is scaled to; a multiple of 8."
    )
    aligned: Literal[False, "eyes"] = Field(
        description="no; or eyes: turned and scaled until the eyes are always in the same place. "
        "Needs the detector yunet or yolo."
    )

    @property
    def weights(self) -> None:
        """The name of its file: it has none."""
        return None

    @property
    def view(self) -> View:
        """How it sees a face."""
        return View(self.image_size_px, aligned=bool(self.aligned))

    @model_validator(mode="after")
    def _fits(self) -> "HogFeatures":
        if self.image_size_px % 8:
            raise ValueError(f"image_size_px is {self.image_size_px}; hog needs a multiple of 8")
        return self


class NetworkFeatures(Section):
    """What a network in an ONNX file says of a face, taken from one of its tensors."""

    kind: Literal["network"] = Field(description="A network in an ONNX file.")
    weights: str = Field(description="Its file: a name under acquire.weights.")
    output: str = Field(
        description="The tensor whose numbers are the features: an output of the network or any "
        "tensor within. Where it has a grid of places, each number is their mean."
    )
    image_size_px: Annotated[int, Field(ge=8, le=1024)] = Field(
        description="The side of the square that the network takes."
    )
    layout: Literal["nchw", "nhwc"] = Field(
        description="The order of its input: channels before the rows (nchw) or after the columns."
    )
    colour: Literal["rgb", "bgr", "grey"] = Field(
        description="What it takes. grey: the brightness, in as many channels as it has."
    )
    mean: Numbers = Field(
        description="Subtracted from pixels of 0 to 255: one number, or one for each channel."
    )
    std: Annotated[Numbers, AfterValidator(_not_zero)] = Field(
        description="What the rest is divided by: one number, or one for each channel."
    )
    aligned: Literal[False, "eyes"] | Annotated[list[Place], Field(min_length=5, max_length=5)] = (
        Field(
            description="no; eyes: turned and scaled until the eyes are always in the same place; "
            "or where eyes, nose and corners of the mouth shall lie: five pairs of pixels, the "
            "left one in the picture first. Both need the detector yunet or yolo."
        )
    )
    licence: str = Field(description="The licence of the file, for the cards of its models.")

    @property
    def view(self) -> View:
        """How the network sees a face."""
        is_grey = self.colour == "grey"
        if isinstance(self.aligned, list):
            points = tuple((x, y) for x, y in self.aligned)
            return View(self.image_size_px, points=points, grey=is_grey)
        return View(self.image_size_px, aligned=bool(self.aligned), grey=is_grey)


AnyFeatures = Annotated[HogFeatures | NetworkFeatures, Field(discriminator="kind")]
