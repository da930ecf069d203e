"""The settings in params.yaml: what they are called and which values they may have.

Only what a variant changes of its family's recipe (its switches, off unless named, and its
`settings`) and the two origins of weights have defaults. Commands read their own section; rules
pass it on as one canonical text.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mien.errors import ParamsError, suggestion
from mien.ids import NAME
from mien.settings_file import read_yaml, sentence


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise ValueError(
            f"{text!r} is no name; it may have lower-case letters, digits, '-' and '_'"
        )
    return text


def _unique(values: list[Any]) -> list[Any]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value!r} stands there twice")
    return values


def _weights_name(text: str) -> str:
    if text == "random" or text.endswith(".yaml"):
        raise ValueError(f"{text!r} stands for random weights; give the file another name")
    if "/" in text or text.startswith(".") or not text.isprintable() or not text:
        raise ValueError(f"{text!r} is no name of a file in data/weights")
    return text


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0)]
Licence = Annotated[int, Field(ge=0, le=16)]
Name = Annotated[str, AfterValidator(_name)]
Names = Annotated[list[Name], Field(min_length=2), AfterValidator(_unique)]
ANSWERS = ("yes", "no", "unsure", "not_a_face", "artificial", "taken_back")  # of the ballots
Scheme = Literal["grouped", "paper-first20", "paper-every5", "paper-20-4-1"]
LabelSource = Literal["initial", "consensus", "shares"]
Truth = Literal["initial", "consensus"]


class Section(BaseModel):
    """A part of params.yaml; keys it does not know are refused."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields:
                known = cls.model_fields
                hint = suggestion(str(name), known) or f"; there are {', '.join(known) or 'none'}"
                at = {"name": str(name), "hint": hint}
                raise PydanticCustomError("unknown", "{name} is not a setting{hint}", at)
        return given


class Weights(Section):
    """Where a file of pretrained weights comes from, and the hash it must have."""

    url: str | None = None
    path: Path | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @model_validator(mode="after")
    def _one_origin(self) -> "Weights":
        if (self.url is None) == (self.path is None):
            raise ValueError("weights have either a url or a path")
        return self


class AcquireParams(Section):
    max_megapixels: Rate
    timeout_s: Rate
    tries: Positive
    photos_at_a_time: Positive
    calls_per_hour: Positive
    licences: Annotated[list[Licence], Field(min_length=1), AfterValidator(_unique)]
    photo_size_px: Positive
    every_s: Rate
    min_change: Share
    height_px: Positive
    sleep_s: Annotated[float, Field(ge=0)]
    max_mb_per_s: Rate | None
    weights: dict[Annotated[str, AfterValidator(_weights_name)], Weights]


class FacesParams(Section):
    detector: Literal["haar", "yunet", "yolo"]
    weights: str | None
    image_size_px: Positive
    min_confidence: Share
    min_size_px: Positive
    min_sharpness: Annotated[float, Field(ge=0)]
    margin: Annotated[float, Field(ge=0, le=2)]
    max_phash_distance: Annotated[int, Field(ge=0, le=16)]

    @model_validator(mode="after")
    def _weights_fit(self) -> "FacesParams":
        if self.detector == "haar" and self.weights is not None:
            raise ValueError("the detector haar takes no weights; set faces.weights to null")
        if self.detector != "haar" and self.weights is None:
            raise ValueError(f"the detector {self.detector} needs faces.weights")
        return self


class SimulatedParams(Section):
    error_rate: Share
    absent_rate: Share
    seed: Count


class VoteParams(Section):
    repeat_share: Annotated[float, Field(ge=0, le=0.5)]
    tags: Annotated[list[Name], Field(max_length=9), AfterValidator(_unique)]


class LabelsParams(Section):
    expressions: Names
    voters: Positive | None  # None: as many as have voted
    quorum: Positive
    rule: Literal["strict", "majority", "dawid-skene"]
    too_few: Literal["keep", "drop"]
    unvoted: Literal["keep", "drop"]
    vote: VoteParams
    simulated: SimulatedParams

    @model_validator(mode="after")
    def _expressions_fit(self) -> "LabelsParams":
        if answers := set(ANSWERS) & set(self.expressions):
            raise ValueError(f"{min(answers)!r} is an answer of the ballots and no expression")
        for tag in self.vote.tags:
            if tag in (*self.expressions, *ANSWERS):
                raise ValueError(
                    f"labels.vote.tags has {tag!r}, which is an answer; rename the tag"
                )
        if self.voters is not None and self.quorum > self.voters:
            raise ValueError(
                f"quorum is {self.quorum}, more than the {self.voters} voters; set it to "
                f"{self.voters} or less"
            )
        return self

    def among(self, people: int) -> "CountedLabels":
        """Return the settings where so many people have voted, as `labels.voters` may say.

        No quorum is larger than all voters.
        """
        voters = self.voters or max(people, 1)
        told = {"voters": voters, "quorum": min(self.quorum, voters)}
        return CountedLabels.model_validate(self.model_dump() | told)


class CountedLabels(LabelsParams):
    """The settings of labels once it is known how many people vote on a face."""

    voters: Positive


class SplitParams(Section):
    test_share: Annotated[float, Field(ge=0, le=0.5)]
    folds: Annotated[int, Field(ge=2)]
    seed: Count


class TrainParams(Section):
    split: SplitParams


class EvaluateParams(Section):
    bootstrap_samples: Positive
    confidence: Annotated[float, Field(gt=0, lt=1)]
    answered_accuracy: Share
    seed: Count


class ReportParams(Section):
    faces_per_class: Count
    faces_per_cell: Count
    worst_errors: Count
    scenes_per_source: Count


class LiveParams(Section):
    """How a running classifier follows faces and expressions; an exported model has a copy."""

    smoothing_s: Annotated[float, Field(ge=0)]
    lead: Share
    forget_s: Annotated[float, Field(ge=0)]


class DvcParams(Section):
    commit: bool


class Variant(Section):
    """A named way to train; `runs` are its seeds and folds.

    The switches change what a run learns from: `class_weights` gives every class the same weight
    in the loss, `augmentation: gentle` leaves out what may change an expression, `aligned` turns
    crops until the eyes are level, `multi_label` trains one sigmoid an expression on the share of
    voters who named it.
    """

    weights: str
    image_size_px: Annotated[int, Field(ge=32)]
    epochs: Positive
    labels: LabelSource
    classes: Names | None
    scheme: Scheme
    seeds: Annotated[list[Count], Field(min_length=1), AfterValidator(_unique)]
    cross_validate: bool
    class_weights: bool = False
    augmentation: Literal["recipe", "gentle"] = "recipe"
    aligned: bool = False
    multi_label: bool = False

    @property
    def file(self) -> str | None:
        """The name of the pretrained weights in data/weights/; none for random weights."""
        is_random = self.weights == "random" or self.weights.endswith(".yaml")
        return None if is_random else self.weights

    @property
    def split(self) -> str:
        """The name of the table of splits in data/splits/."""
        return f"{self.truth}-{self.scheme}.csv"

    @property
    def truth(self) -> Truth:
        """The label that a prediction is judged by; training on shares is judged by consensus."""
        return "initial" if self.labels == "initial" else "consensus"

    def runs(self, folds: int) -> list[str]:
        """Return the names of the runs: one a seed, or one a seed and fold."""
        if not self.cross_validate:
            return [f"seed-{seed}" for seed in self.seeds]
        return [f"seed-{seed}-fold-{fold}" for seed in self.seeds for fold in range(folds)]

    @model_validator(mode="after")
    def _folds_exist(self) -> "Variant":
        if self.cross_validate and self.scheme != "grouped":
            raise ValueError(f"cross_validate needs the scheme grouped; {self.scheme} has no folds")
        return self

    @model_validator(mode="after")
    def _shares_named(self) -> "Variant":
        if self.multi_label and self.labels != "shares":
            raise ValueError("multi_label learns from what voters named; set labels to shares")
        return self


class YoloVariant(Variant):
    """A classifier of ultralytics; `settings` are passed to its trainer by its own names."""

    family: Literal["yolo"]
    checkpoint: Literal["last", "best"]
    settings: dict[str, str | float | int | bool | None] = {}

    @model_validator(mode="after")
    def _weights_named(self) -> "YoloVariant":
        if self.weights == "random":
            raise ValueError("weights: random is for resnet; name a yaml such as yolov8n-cls.yaml")
        return self

    @model_validator(mode="after")
    def _size_fits(self) -> "YoloVariant":
        if self.image_size_px % 32:
            raise ValueError(f"image_size_px is {self.image_size_px}; yolo needs a multiple of 32")
        return self


class ResnetSettings(Section):
    """The report's recipe for ResNet-50 (its section 2.2); what it leaves open is our choice."""

    head_epochs: Count = 10
    head_learning_rate: Rate = 1e-4
    learning_rate: Rate = 1e-5
    batch: Positive = 32
    train_batch_norm: bool = False
    batch_norm_momentum: Share = 0.99
    rotation_degrees: Annotated[float, Field(ge=0, le=180)] = 15.0
    patience: Positive = 5
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.2


class ResnetVariant(Variant):
    """A ResNet-50 of Keras, trained head first and then whole."""

    family: Literal["resnet"]
    settings: ResnetSettings = ResnetSettings()

    @model_validator(mode="after")
    def _head_fits(self) -> "ResnetVariant":
        if self.augmentation == "gentle" and "rotation_degrees" in self.settings.model_fields_set:
            raise ValueError(
                "settings.rotation_degrees has no effect with augmentation: gentle; leave out one "
                "of the two"
            )
        if self.settings.head_epochs >= self.epochs:
            head = self.settings.head_epochs
            raise ValueError(f"head_epochs is {head}; it must be below epochs, {self.epochs}")
        return self


AnyVariant = Annotated[YoloVariant | ResnetVariant, Field(discriminator="family")]


class Params(Section):
    acquire: AcquireParams
    faces: FacesParams
    labels: LabelsParams
    train: TrainParams
    evaluate: EvaluateParams
    report: ReportParams
    live: LiveParams
    dvc: DvcParams
    variants: Annotated[dict[Name, AnyVariant], Field(min_length=1)]

    def variant(self, name: str) -> AnyVariant:
        """Return the variant of this name; raise ParamsError when there is none."""
        if name not in self.variants:
            hint = suggestion(name, self.variants) or f"; there are {', '.join(self.variants)}"
            raise ParamsError(f"there is no variant {name!r}{hint}")
        return self.variants[name]

    def aligned_margin(self, variant: Variant) -> float | None:
        """Return the margin of the crops that the variant aligns, none where it does not."""
        return self.faces.margin if variant.aligned else None

    def other_sizes(self, name: str) -> list[str]:
        """Return the variants that differ from this one in `image_size_px` alone, by size and name.

        Seeds and folds say how often, not how, and may differ.
        """
        aside = {"image_size_px", "seeds", "cross_validate"}
        this = self.variant(name)
        others = [
            (variant.image_size_px, other)
            for other, variant in self.variants.items()
            if variant.image_size_px != this.image_size_px
            and variant.model_dump(exclude=aside) == this.model_dump(exclude=aside)
        ]
        return [other for _, other in sorted(others)]

    @property
    def pretrained(self) -> list[str]:
        """The names of the pretrained files that the detector and the variants ask for."""
        asked = [self.faces.weights, *(variant.file for variant in self.variants.values())]
        return list(dict.fromkeys(name for name in asked if name))

    @property
    def runs(self) -> list[tuple[Path, AnyVariant]]:
        """Every run, as the path <variant>/<run>, and its variant."""
        return [
            (Path(name, run), variant)
            for name, variant in self.variants.items()
            for run in variant.runs(self.train.split.folds)
        ]

    @model_validator(mode="after")
    def _names_exist(self) -> "Params":
        _known_weights("faces.weights", self.faces.weights, self.acquire.weights)
        for name, variant in self.variants.items():
            _known_weights(f"variants.{name}.weights", variant.file, self.acquire.weights)
            if variant.aligned and self.faces.detector == "haar":
                raise ValueError(
                    f"variants.{name}.aligned needs eyes, which the detector haar does not find; "
                    "set faces.detector to yunet or yolo"
                )
            for expression in variant.classes or []:
                if expression not in self.labels.expressions:
                    hint = suggestion(expression, self.labels.expressions)
                    raise ValueError(
                        f"variants.{name}.classes has {expression!r}, "
                        f"which is not in labels.expressions{hint}"
                    )
        return self


def load(path: Path, held: bytes | None = None) -> Params:
    """Return the checked settings of the file; `held` is what it held, if it was read before.

    Raises ParamsError for the first fault.
    """
    try:
        return Params.model_validate(read_yaml(path, held))
    except ValidationError as invalid:
        raise ParamsError(f"{path}: {sentence(invalid)}") from None


def _known_weights(place: str, name: str | None, known: dict[str, Weights]) -> None:
    if name is not None and name not in known:
        hint = suggestion(name, known) or "; add it there with its url and sha256"
        raise ValueError(f"{place} is {name!r}, which is not under acquire.weights{hint}")
