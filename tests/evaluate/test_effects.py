"""What one setting is worth, against hand counts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mien.evaluate.effects import RECIPE, effects, only_difference
from mien.evaluate.files import Effect, SchemeEffect
from mien.evaluate.runs import Result
from mien.params import AnyVariant, EvaluateParams, ResnetVariant, YoloVariant

PARAMS = EvaluateParams.model_construct(bootstrap_samples=2000, confidence=0.95, seed=0)
RECIPE_OF_ALL = {
    "image_size_px": 64,
    "epochs": 11,
    "labels": "consensus",
    "classes": None,
    "scheme": "grouped",
    "seeds": [0],
    "cross_validate": False,
}


def resnet(**settings: Any) -> ResnetVariant:
    return ResnetVariant(**{"family": "resnet", "weights": "random"} | RECIPE_OF_ALL | settings)


def yolo(**settings: Any) -> YoloVariant:
    start = {"family": "yolo", "weights": "yolov8n-cls.yaml", "checkpoint": "last"}
    return YoloVariant(**start | RECIPE_OF_ALL | settings)


def result(name: str, rights: str, first: int = 0, leak: float = 0.0, seed: int = 0) -> Result:
    """Return two faces a group, right where the letter is 1, with 0.8 on the answer given."""
    right = np.array([letter == "1" for letter in rights])
    numbers = range(first, first + len(rights))
    frame = pd.DataFrame(
        {
            "face_id": [f"face{number:04d}" for number in numbers],
            "actual": "happy",
            "p_angry": np.where(right, 0.2, 0.8),
            "p_happy": np.where(right, 0.8, 0.2),
            "predicted": np.where(right, "happy", "angry"),
            "group_id": [f"group{number // 2:03d}" for number in numbers],
        }
    )
    return Result(name, seed, frame, leak)


def found(
    a: AnyVariant, b: AnyVariant, one: Result | None = None, two: Result | None = None
) -> list[Effect]:
    results = [one or result("a", "10" * 20), two or result("b", "11" * 20)]
    return effects(results, {"a": a, "b": b}, PARAMS)


def test_variants_that_differ_in_one_setting_say_what_it_is_worth() -> None:
    """20 of 40 faces are right at 64 px and all at 128: 0.5 more, and a log loss that is less by
    half of ln 0.8 - ln 0.2."""
    (row,) = found(resnet(), resnet(image_size_px=128))
    assert [getattr(row, name) for name in ("setting", "a", "b", "value_a", "value_b")] == [
        "image_size_px", "a", "b", 64, 128,
    ]  # fmt: skip
    assert row.accuracy.difference == pytest.approx(0.5)
    assert 0.3 < row.accuracy.low < 0.5 < row.accuracy.high <= 1
    assert row.log_loss.difference == pytest.approx(-np.log(4) / 2)
    assert (row.faces, row.groups, row.reliable) == (40, 20, True)
    assert not isinstance(row, SchemeEffect)


def test_seeds_and_folds_are_how_often_a_recipe_is_run_and_no_part_of_it() -> None:
    twice = resnet(image_size_px=128, seeds=[1, 2], cross_validate=True)
    assert [row.setting for row in found(resnet(), twice)] == ["image_size_px"]
    assert found(resnet(), resnet(seeds=[7])) == []


def test_variants_that_differ_in_two_settings_or_family_have_no_row() -> None:
    assert found(resnet(), resnet(image_size_px=128, epochs=12)) == []
    assert found(resnet(), yolo()) == []


def test_settings_of_the_family_are_told_apart_by_name() -> None:
    assert only_difference(resnet(), resnet(settings={"batch": 16})) == (
        "settings.batch", (32, 16),
    )  # fmt: skip
    named = yolo(settings={"auto_augment": None})
    assert only_difference(yolo(), named) == ("settings.auto_augment", (RECIPE, None))
    assert only_difference(yolo(settings={"lr0": 0.1}), named) == ("", (None, None))


def test_a_setting_is_judged_on_the_faces_that_both_predicted() -> None:
    (row,) = found(resnet(), resnet(epochs=12), two=result("b", "11" * 20, first=20))
    assert (row.faces, row.groups, row.reliable) == (20, 10, False)


def test_variants_that_cannot_be_compared_have_no_row() -> None:
    assert found(resnet(), resnet(epochs=12), two=result("b", "11" * 20, first=90)) == []


def test_a_scheme_is_judged_by_each_on_its_own_faces_and_says_what_leaks() -> None:
    """Of 80 faces 60 are right, of 60 others 57, and 20 of them are in both parts: 0.2 more, the
    leak's worth. Were the groups apart, the interval of Newcombe would be about 0.07 to 0.32.
    """
    one = result("a", "1110" * 20)
    two = result("b", "1" * 57 + "000", first=60, leak=0.25)
    (row,) = found(resnet(), resnet(scheme="paper-every5"), one, two)
    assert (row.setting, row.value_a, row.value_b) == (
        "scheme", "grouped", "paper-every5",
    )  # fmt: skip
    assert row.accuracy.difference == pytest.approx(0.2)
    assert row.accuracy.low == pytest.approx(0.07, abs=0.03)
    assert row.accuracy.high == pytest.approx(0.32, abs=0.03)
    assert row.log_loss.low < row.log_loss.difference < row.log_loss.high < 0
    assert (row.faces, row.groups) == (120, 60)
    assert (row.leak_a, row.leak_b) == (0, 0.25)


def test_two_schemes_that_predicted_the_same_faces_share_their_groups_luck() -> None:
    """The same answers on the same faces differ by nothing, and with certainty."""
    one, two = result("a", "1100" * 10), result("b", "1100" * 10)
    (row,) = found(resnet(), resnet(scheme="paper-first20"), one, two)
    assert list(vars(row.accuracy).values()) == pytest.approx([0, 0, 0], abs=1e-6)


def test_two_seeds_count_as_one_variant() -> None:
    results = [result("a", "10" * 20), result("b", "11" * 20), result("b", "10" * 20, seed=1)]
    (row,) = effects(results, {"a": resnet(), "b": resnet(epochs=12, seeds=[0, 1])}, PARAMS)
    assert row.accuracy.difference == pytest.approx(0.25)
    assert row.accuracy.low < 0  # another seed may be as bad as the second
