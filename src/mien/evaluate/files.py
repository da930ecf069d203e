"""The JSON files of evaluation: what measures a run, compares the variants, and second looks."""

from dataclasses import dataclass
from math import isnan
from typing import Annotated, Any

from pydantic import Field

from mien.live.metadata import Answers

Figure = float | None  # NaN until it is written, and None when it is read, where it is not defined


@dataclass(frozen=True)
class ClassScores:
    """How well a class is recognised; `support` is how many faces have it."""

    precision: Figure
    recall: Figure
    f1: Figure
    support: int


@dataclass(frozen=True)
class Bin:
    """A bin of a reliability diagram, from above `low` up to `high`; means of its faces."""

    low: float
    high: float
    faces: int
    confidence: Figure
    accuracy: Figure


@dataclass(frozen=True)
class Scaled:
    """How good probabilities are after temperature scaling."""

    log_loss: Figure
    calibration_error: Figure
    calibration_bins: list[Bin]


@dataclass(frozen=True)
class Point:
    """Which share of the faces reaches a threshold, and how many of these are right."""

    threshold: float
    coverage: float
    accuracy: float


@dataclass(frozen=True)
class Abstain:
    """The least threshold at which answers reach the accuracy `target`, if there is one."""

    target: float
    threshold: Figure
    coverage: float
    accuracy: Figure


@dataclass(frozen=True)
class Metrics:
    """metrics/runs/<variant>/<run>/metrics.json: how well a run predicts."""

    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    accuracy_low: Figure
    accuracy_high: Figure
    macro_f1_low: Figure
    macro_f1_high: Figure
    reliable: bool
    faces: int
    groups: int
    leak: float
    classes: list[str]
    per_class: dict[str, ClassScores]
    confusion: list[list[int]]
    calibration_bins: list[Bin]
    temperature: float
    scaled: Scaled
    abstain: Abstain
    answered: list[Point]

    @property
    def answers(self) -> Answers:
        """How many of the faces reach the threshold, in numbers as an exported model has them."""
        told = self.abstain
        answered = round(told.coverage * self.faces)
        accuracy = None if told.accuracy is None or isnan(told.accuracy) else told.accuracy
        return Answers(target=told.target, faces=self.faces, answered=answered, accuracy=accuracy)


@dataclass(frozen=True)
class VariantRow:
    """A variant in the summary: its recipe in short, and how well it predicts."""

    variant: str
    family: str
    labels: str
    scheme: str
    image_size_px: int | None
    epochs: int | None
    runs: int
    classes: list[str]
    truth: str
    faces: int
    groups: int
    leak: float
    reliable: bool
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    accuracy_low: Figure
    accuracy_high: Figure
    log_loss_low: Figure
    log_loss_high: Figure
    accuracy_averaged: Figure
    averaged_gain: Figure
    averaged_low: Figure
    averaged_high: Figure


@dataclass(frozen=True)
class Pair:
    """Two variants on the faces both predicted: the accuracy of `a` less that of `b`."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    faces: int
    groups: int
    reliable: bool


@dataclass(frozen=True)
class NoPair:
    """Two variants that cannot be compared, and why."""

    a: str
    b: str
    reason: str


@dataclass(frozen=True)
class Gain:
    """The gain of `b` over `a`, and its interval."""

    difference: float
    low: Figure
    high: Figure


@dataclass(frozen=True)
class Effect:
    """What a setting is worth: two variants that differ in it alone."""

    setting: str
    a: str
    b: str
    value_a: Any
    value_b: Any
    accuracy: Gain
    log_loss: Gain
    faces: int
    groups: int
    reliable: bool


@dataclass(frozen=True)
class SchemeEffect(Effect):
    """What another scheme is worth, and how far each of the two leaks."""

    leak_a: float
    leak_b: float


@dataclass(frozen=True)
class Best:
    """The best variant, its rivals, the candidates, and why these are the candidates."""

    variant: str
    rivals: list[str]
    candidates: list[str]
    why: str


@dataclass(frozen=True)
class Summary:
    """metrics/summary.json; the first three are what `dvc metrics` shows, by variant."""

    accuracy: dict[str, float]
    interval: dict[str, str]
    macro_f1: dict[str, float]
    variants: list[VariantRow]
    pairs: list[Pair | NoPair]
    effects: list[Annotated[SchemeEffect | Effect, Field(union_mode="left_to_right")]]
    best: Best

    def row(self, variant: str) -> VariantRow:
        """Return the row of a variant; raise KeyError when it has none."""
        return {row.variant: row for row in self.variants}[variant]


@dataclass(frozen=True)
class SecondLook:
    """metrics/second_look.json: what became of doubted labels, all together and by class."""

    offered: int
    outcomes: dict[str, int]
    classes: dict[str, dict[str, int]]
