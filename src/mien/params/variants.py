"""The variants: named ways to train, each in one family of classifiers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Count, Names, Positive, Rate, Section, Share, no_repeats

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
    multi_label: bool = Field(
        default=False,
        description="Trains one sigmoid for each expression, by binary cross-entropy, on the share "
        "of voters who named it, in every family. Needs labels: shares.",
    )


class Variant(Switches):
    """A named way to train; `runs` are its seeds and folds."""

    weights: str = Field(
        description="Where training starts. A name under acquire.weights; or random weights: "
        "yolov8n-cls.yaml or another classifier of ultralytics for yolo, random for resnet."
    )
    image_size_px: Annotated[int, Field(ge=32)] = Field(
        description="The side of the square that each face is scaled to. A multiple of 32 for yolo."
    )
    epochs: Positive = Field(description="How often the training sees every face.")
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
    def _variant_fits(self) -> "Variant":
        if self.cross_validate and self.scheme != "grouped":
            raise ValueError(f"cross_validate needs the scheme grouped; {self.scheme} has no folds")
        if self.multi_label and self.labels != "shares":
            raise ValueError("multi_label learns from what voters named; set labels to shares")
        return self


class YoloVariant(Variant):
    """A classifier of ultralytics."""

    family: Literal["yolo"] = Field(description="Any classifier of ultralytics.")
    checkpoint: Literal["last", "best"] = Field(
        description="Which epoch's weights are kept. best: the one with the best validation "
        "accuracy, which flatters the result."
    )
    settings: dict[str, str | float | int | bool | None] = Field(
        default={},
        description="Settings of ultralytics' trainer, by its own names. {}: its defaults. What "
        "mien decides, such as epochs, cannot be set here.",
    )

    @model_validator(mode="after")
    def _yolo_fits(self) -> "YoloVariant":
        if self.weights == "random":
            raise ValueError("weights: random is for resnet; name a yaml such as yolov8n-cls.yaml")
        if self.image_size_px % 32:
            raise ValueError(f"image_size_px is {self.image_size_px}; yolo needs a multiple of 32")
        return self


class ResnetSettings(Section):
    """The recipe of the student report (section 2.2). What the report leaves open is our choice."""

    head_epochs: Count = Field(
        default=10, description="For how many epochs the new last layer learns alone; below epochs."
    )
    head_learning_rate: Rate = Field(default=1e-4, description="The learning rate of these epochs.")
    learning_rate: Rate = Field(
        default=1e-5, description="The learning rate afterwards, of all layers."
    )
    batch: Positive = Field(default=32, description="How many pictures make one step.")
    train_batch_norm: bool = Field(
        default=False,
        description="Whether BatchNorm layers learn too. Random weights hardly learn without it.",
    )
    batch_norm_momentum: Share = Field(
        default=0.99, description="How much of its statistics a BatchNorm layer keeps in each step."
    )
    rotation_degrees: Annotated[float, Field(ge=0, le=180)] = Field(
        default=15.0,
        description="How far pictures are turned at most, either way. Not with augmentation: "
        "gentle.",
    )
    patience: Positive = Field(
        default=5,
        description="After so many epochs without a lower validation loss the learning rate falls.",
    )
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.2, description="What the learning rate is multiplied by when it falls."
    )


class ResnetVariant(Variant):
    """A ResNet-50 of Keras, trained head first and then whole."""

    family: Literal["resnet"] = Field(description="The ResNet-50 of Keras.")
    settings: ResnetSettings = Field(
        default=ResnetSettings(),
        description="What differs from the recipe. {}: the recipe as it is.",
    )

    @model_validator(mode="after")
    def _resnet_fits(self) -> "ResnetVariant":
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
