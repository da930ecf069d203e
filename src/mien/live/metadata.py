"""The metadata of an exported model: all that is needed to use it as it was evaluated.

The metadata is JSON in the `.onnx` file, under one key. A classifier takes pictures (n, size, size,
3), uint8, RGB, once for each of its views, and gives probabilities (n, classes), float32. A
detector takes pictures (n, height, width, 3), both multiples of 32, and gives faces (n, candidates,
5 or 15), float32, in pixels: x and y of the middle, width, height, confidence, and five points.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from mien.errors import ModelError
from mien.ids import NAME
from mien.params import TRAITS, DetectorName, FacesParams, LiveParams, Share
from mien.settings_file import sentence
from mien.view import View

KEY = "mien"
LARGEST_PX = 4096
UNSURE = "unsure"  # the answer if no class is sure
Class = Annotated[str, Field(pattern=f"^{NAME}$")]
PICTURES, PROBABILITIES, FACES = "pictures", "probabilities", "faces"  # inputs and outputs


def input_names(views: int) -> list[str]:
    """Return the names of a model's inputs, one for each of its views."""
    return [PICTURES, *(f"{PICTURES}_{number}" for number in range(2, views + 1))]


class Part(BaseModel):
    """A part of the metadata; other keys and other types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FoundBy(Part):
    """How the faces of the model's evaluation were found and cut out."""

    detector: DetectorName
    file: str | None  # beside the model; a detector without weights has none
    sha256: str | None
    image_size_px: Annotated[int, Field(ge=1)]
    min_confidence: Share
    min_size_px: Annotated[int, Field(ge=1)]
    margin: Annotated[float, Field(ge=0, le=2)]

    @model_validator(mode="after")
    def _file_fits(self) -> "FoundBy":
        has_none = self.file is None or self.sha256 is None
        if has_none == TRAITS[self.detector].needs_weights or Path(self.file or "").name != (
            self.file or ""
        ):
            raise ValueError(f"the detector {self.detector} has the file {self.file}")
        return self

    def params(self) -> FacesParams:
        """Return the settings of the detector."""
        given = self.model_dump(exclude={"file", "sha256"})
        return FacesParams(**given, weights=self.file, min_sharpness=0, max_phash_distance=0)


class Answers(Part):
    """How many faces of the model's evaluation reach its threshold.

    `target` is the accuracy wanted for these faces, `accuracy` the one they have.
    """

    target: Share
    faces: Annotated[int, Field(ge=0)]
    answered: Annotated[int, Field(ge=0)]
    accuracy: Share | None

    @model_validator(mode="after")
    def _counts_fit(self) -> "Answers":
        if self.answered > self.faces or (self.accuracy is not None and self.answered == 0):
            raise ValueError(
                f"{self.answered} of {self.faces} faces answered, with an accuracy of "
                f"{self.accuracy}, is no count"
            )
        return self


class Metadata(Part):
    """The metadata of a classifier; `temperature` divides its logits.

    A class whose probability reaches the `threshold` is sure; without a threshold none is. Exports
    of earlier versions have no `answers`.
    """

    kind: Literal["classifier"] = "classifier"
    format: Literal[1] = 1
    variant: str
    run: str
    family: str
    classes: Annotated[list[Class], Field(min_length=2)]
    views: Annotated[list[View], Field(min_length=1)]  # one for each input, in their order
    multi_label: bool
    faces: FoundBy
    temperature: Annotated[float, Field(gt=0)]
    threshold: Share | None
    answers: Answers | None = None
    live: LiveParams
    data_sha256: dict[str, str]  # of the tables it was trained by
    model_sha256: str  # of the file that was exported
    licence: str
    summary: str  # of the model card, as Markdown
    versions: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _of_one_view(cls, given: Any) -> Any:
        """Read the metadata of earlier versions, whose models had one input."""
        if not isinstance(given, dict) or "image_size_px" not in given:
            return given
        earlier = dict(given)
        view = {"size_px": earlier.pop("image_size_px"), "aligned": earlier.pop("aligned", False)}
        return {"views": [view]} | earlier

    @field_validator("views")
    @classmethod
    def _sizes_fit(cls, views: list[View]) -> list[View]:
        for view in views:
            if view.size_px is None or not 1 <= view.size_px <= LARGEST_PX:
                raise ValueError(f"a view of {view.size_px} px; it must be 1 to {LARGEST_PX}")
        return views

    @property
    def needs_eyes(self) -> bool:
        """Whether only a detector that finds eyes shows faces as the model sees them."""
        return any(view.needs_eyes for view in self.views)

    @field_validator("classes")
    @classmethod
    def _each_once(cls, classes: list[str]) -> list[str]:
        if len({*classes, UNSURE}) <= len(classes):
            raise ValueError(f"a class appears twice, or is called {UNSURE}")
        return classes


class DetectorMetadata(Part):
    """The metadata of an ultralytics detector; `points` says whether it finds five points."""

    kind: Literal["detector"] = "detector"
    format: Literal[1] = 1
    points: bool
    model_sha256: str
    versions: dict[str, str]


AnyMetadata = Annotated[Metadata | DetectorMetadata, Field(discriminator="kind")]


def read_metadata(text: str | None, path: object) -> Metadata | DetectorMetadata:
    """Return the metadata of the model at `path`; raise ModelError when mien cannot use it."""
    if text is None:
        raise ModelError(f"{path}: not a model that mien exported; make one with `mien export`")
    try:
        found: Metadata | DetectorMetadata = TypeAdapter(AnyMetadata).validate_json(text)
    except ValidationError as invalid:
        raise ModelError(
            f"{path}: exported by another version of mien ({sentence(invalid)}); export it again"
        ) from None
    return found
