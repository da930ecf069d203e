"""The families of variants, each with the settings of its own."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Count, Name, Positive, Rate, Section, Share, no_repeats
from mien.params.variant import NetworkVariant, Variant


class YoloVariant(NetworkVariant):
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


class ResnetVariant(NetworkVariant):
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


class ProbeSettings(Section):
    """How the logistic regression of a probe is fitted."""

    components: Positive | None = Field(
        default=300,
        description="Before the fit the features are reduced to so many principal components, "
        "where they are more. null: as they are.",
    )
    strengths: Annotated[list[Rate], Field(min_length=1), AfterValidator(no_repeats)] = Field(
        default=[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        description="The strengths to try, scikit-learn's C: a greater one follows the training "
        "faces more closely. From the weakest on they are tried inside the training faces, with "
        "groups apart, until the log loss rises.",
    )


class ProbeVariant(Variant):
    """A logistic regression on features that networks or histograms give, which stay as they are.

    So it is trained in seconds and needs few faces. Its extractors decide how faces are cut,
    aligned and coloured.
    """

    family: Literal["probe"] = Field(description="A logistic regression on features.")
    features: Annotated[list[Name], Field(min_length=1), AfterValidator(no_repeats)] = Field(
        description="The extractors whose features it learns from, side by side: names under "
        "features."
    )
    settings: ProbeSettings = Field(
        default=ProbeSettings(),
        description="What differs from the defaults of the fit. {}: nothing.",
    )


AnyVariant = Annotated[YoloVariant | ResnetVariant | ProbeVariant, Field(discriminator="family")]
