"""The settings as a whole, and how params.yaml is read."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from mien.errors import ParamsError, suggestion
from mien.params.acquire import AcquireParams, Weights
from mien.params.dvc import DvcParams
from mien.params.evaluate import EvaluateParams
from mien.params.faces import TRAITS, FacesParams
from mien.params.labels import LabelsParams
from mien.params.live import LiveParams
from mien.params.moved import refuse_moved
from mien.params.report import ReportParams
from mien.params.section import Name, Section
from mien.params.train import TrainParams
from mien.params.variants import AnyVariant, Variant
from mien.settings_file import read_yaml, sentence


class Params(Section):
    """The whole of params.yaml."""

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

    def runs_of(self, name: str) -> list[Path]:
        """Return the runs of the variant, as paths <variant>/<run>; ParamsError without one."""
        return [Path(name, run) for run in self.variant(name).runs(self.train.split.folds)]

    @property
    def runs(self) -> list[tuple[Path, AnyVariant]]:
        """Every run, as the path <variant>/<run>, and its variant."""
        return [(run, self.variants[name]) for name in self.variants for run in self.runs_of(name)]

    @model_validator(mode="after")
    def _names_exist(self) -> "Params":
        _known_weights("faces.weights", self.faces.weights, self.acquire.weights)
        for name, variant in self.variants.items():
            _known_weights(f"variants.{name}.weights", variant.file, self.acquire.weights)
            if variant.aligned and not self.faces.traits.finds_eyes:
                fit = " or ".join(name for name, traits in TRAITS.items() if traits.finds_eyes)
                raise ValueError(
                    f"variants.{name}.aligned needs eyes, which the detector "
                    f"{self.faces.detector} does not find; set faces.detector to {fit}"
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
    content = read_yaml(path, held)
    refuse_moved(path, content)
    try:
        return Params.model_validate(content)
    except ValidationError as invalid:
        raise ParamsError(f"{path}: {sentence(invalid)}") from None


def _known_weights(place: str, name: str | None, known: dict[str, Weights]) -> None:
    if name is not None and name not in known:
        hint = suggestion(name, known) or "; add it there with its url and sha256"
        raise ValueError(f"{place} is {name!r}, which is not under acquire.weights{hint}")
