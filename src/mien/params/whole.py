"""The settings as a whole, and how params.yaml is read."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from mien.errors import ParamsError, suggestion
from mien.params.acquire import AcquireParams, Weights
from mien.params.dvc import DvcParams
from mien.params.evaluate import EvaluateParams
from mien.params.faces import TRAITS, FacesParams
from mien.params.features import AnyFeatures
from mien.params.labels import LabelsParams
from mien.params.live import LiveParams
from mien.params.moved import refuse_moved
from mien.params.report import ReportParams
from mien.params.section import Name, Section
from mien.params.train import TrainParams
from mien.params.variant import NetworkVariant
from mien.params.variants import AnyVariant, ProbeVariant
from mien.settings_file import read_yaml, sentence
from mien.view import View


class Params(Section):
    """The whole of params.yaml."""

    acquire: AcquireParams
    faces: FacesParams
    features: dict[Name, AnyFeatures]
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

    def extractor(self, name: str) -> AnyFeatures:
        """Return the extractor of this name; raise ParamsError when there is none."""
        if name not in self.features:
            there = ", ".join(self.features) or "none"
            hint = suggestion(name, self.features) or f"; there are {there}"
            raise ParamsError(f"there is no extractor {name!r} under features{hint}")
        return self.features[name]

    def other_sizes(self, name: str) -> list[str]:
        """Return the variants that differ from this one in `image_size_px` alone, by size and name.

        Seeds and folds say how often, not how, and may differ.
        """
        aside = {"image_size_px", "seeds", "cross_validate"}
        this = self.variant(name)
        if not isinstance(this, NetworkVariant):
            return []
        others = [
            (variant.image_size_px, other)
            for other, variant in self.variants.items()
            if isinstance(variant, NetworkVariant)
            and variant.image_size_px != this.image_size_px
            and variant.model_dump(exclude=aside) == this.model_dump(exclude=aside)
        ]
        return [other for _, other in sorted(others)]

    @property
    def extractors(self) -> list[str]:
        """The names of the extractors that variants ask for, in the order of `features`."""
        asked = {name for variant in self.variants.values() for name in extractors_of(variant)}
        return [name for name in self.features if name in asked]

    @property
    def pretrained(self) -> list[str]:
        """The names of the pretrained files that detector, extractors and variants ask for."""
        asked = [self.faces.weights, *(self.features[name].weights for name in self.extractors)]
        asked += [file_of(variant) for variant in self.variants.values()]
        return list(dict.fromkeys(name for name in asked if name))

    def views_of(self, variant: AnyVariant) -> list[View]:
        """Return how the variant sees a face, once for each of its extractors."""
        if isinstance(variant, NetworkVariant):
            return [variant.view]
        return [self.features[name].view for name in variant.features]

    def features_of(self, variant: AnyVariant) -> list[dict[str, Any]]:
        """Return all that decides the features the variant learns from, extractor by extractor."""
        told = []
        for name in extractors_of(variant):
            extractor = self.features[name]
            told.append({"name": name, **extractor.model_dump(mode="json")})
            if extractor.weights:
                told[-1]["sha256"] = self.acquire.weights[extractor.weights].sha256
        return told

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
            _known_weights(f"variants.{name}.weights", file_of(variant), self.acquire.weights)
            for asked in extractors_of(variant):
                if asked not in self.features:
                    hint = suggestion(asked, self.features) or "; describe it there"
                    raise ValueError(
                        f"variants.{name}.features has {asked!r}, which is not under features{hint}"
                    )
                extractor, place = self.features[asked], f"features.{asked}"
                _known_weights(f"{place}.weights", extractor.weights, self.acquire.weights)
                self._refuse_eyeless(place, extractor.view)
            if isinstance(variant, NetworkVariant):
                self._refuse_eyeless(f"variants.{name}", variant.view)
            for expression in variant.classes or []:
                if expression not in self.labels.expressions:
                    hint = suggestion(expression, self.labels.expressions)
                    raise ValueError(
                        f"variants.{name}.classes has {expression!r}, "
                        f"which is not in labels.expressions{hint}"
                    )
        return self

    def _refuse_eyeless(self, place: str, view: View) -> None:
        if view.needs_eyes and not self.faces.traits.finds_eyes:
            fit = " or ".join(name for name, traits in TRAITS.items() if traits.finds_eyes)
            raise ValueError(
                f"{place}.aligned needs eyes, which the detector {self.faces.detector} does not "
                f"find; set faces.detector to {fit}"
            )


def extractors_of(variant: AnyVariant) -> list[str]:
    """Return the names of the extractors that the variant learns from; a network has none."""
    return variant.features if isinstance(variant, ProbeVariant) else []


def file_of(variant: AnyVariant) -> str | None:
    """Return the name of the pretrained file that the variant starts from, if there is one."""
    return variant.file if isinstance(variant, NetworkVariant) else None


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
