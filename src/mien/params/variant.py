"""A variant: a named way to train, and the switches that every family has."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Count, Names, Positive, Section, no_repeats
from mien.view import View

Scheme = Literal["grouped", "paper-first20", "paper-every5", "paper-20-4-1"]
LabelSource = Literal["initial", "consensus", "shares"]
Truth = Literal["initial", "consensus"]


class Switches(Section):
    """What changes the training in every family. A switch is off unless named."""

    class_weights: bool = Field(
        default=False,
        description="Gives every class the same weight in the loss, however many faces it has. "
        "Every family multiplies each face's loss by the weight of its class.",
    )
    multi_label: bool = Field(
        default=False,
        description="Trains one sigmoid for each expression, by binary cross-entropy, on the share "
        "of voters who named it, in every family. Needs labels: shares.",
    )


class Variant(Switches):
    """A named way to train; `runs` are its seeds and folds."""

    labels: LabelSource = Field(
        description="What is learnt. initial: the label before the review. consensus: the label "
        "after it. shares: how the votes are spread, judged by the consensus."
    )
    classes: Names | None = Field(
        description="The expressions to tell apart. null: all of labels.expressions."
    )
    scheme: Scheme = Field(
        description="How faces are split. grouped: no person, author or video is on two sides. "
        "The paper's schemes leak, and are for comparisons with older work."
    )
    seeds: Annotated[list[Count], Field(min_length=1), AfterValidator(no_repeats)] = Field(
        description="The seeds of the training; one run for each."
    )
    cross_validate: bool = Field(
        description="Whether there is one run for each fold, so that every face validates once. "
        "Otherwise fold 0 validates. Needs the scheme grouped."
    )

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
    def _variant_fits(self) -> "Variant":
        if self.cross_validate and self.scheme != "grouped":
            raise ValueError(f"cross_validate needs the scheme grouped; {self.scheme} has no folds")
        if self.multi_label and self.labels != "shares":
            raise ValueError("multi_label learns from what voters named; set labels to shares")
        return self


class PictureSwitches(Section):
    """What a network makes of pictures. In a probe its extractors decide that."""

    augmentation: Literal["recipe", "gentle"] = Field(
        default="recipe",
        description="How pictures are changed at random. recipe: yolo as ultralytics' settings "
        "say; resnet mirrors and turns by settings.rotation_degrees. gentle: all families mirror, "
        "turn by up to 10 degrees, shift by 5 %, zoom by 10 % and change the light by 20 %.",
    )
    aligned: bool = Field(
        default=False,
        description="Turns and scales each crop until the eyes are always in the same place, for "
        "all families alike. Needs the detector yunet or yolo.",
    )
    grey: bool = Field(
        default=False,
        description="Turns every face grey, in training and in use. So a model that learned from "
        "grey pictures does as well on those in colour.",
    )


class NetworkVariant(PictureSwitches, Variant):
    """A network that learns from pictures."""

    weights: str = Field(
        description="Where training starts. A name under acquire.weights; or random weights: "
        "yolov8n-cls.yaml or another classifier of ultralytics for yolo, random for resnet."
    )
    image_size_px: Annotated[int, Field(ge=32)] = Field(
        description="The side of the square that each face is scaled to. A multiple of 32 for yolo."
    )
    epochs: Positive = Field(description="How often the training sees every face.")

    @property
    def file(self) -> str | None:
        """The name of the pretrained weights in data/weights/; none for random weights."""
        is_random = self.weights == "random" or self.weights.endswith(".yaml")
        return None if is_random else self.weights

    @property
    def view(self) -> View:
        """How the network sees a face."""
        return View(self.image_size_px, aligned=self.aligned, grey=self.grey)
