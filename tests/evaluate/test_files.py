"""What is told of a run that is written and read again."""

import math
from pathlib import Path

import pytest
from figures import metrics_of, variant_row

from mien.errors import TableError
from mien.evaluate.files import (
    Abstain,
    Best,
    Effect,
    Gain,
    Metrics,
    NoPair,
    Pair,
    SchemeEffect,
    Summary,
)
from mien.files import read_record, write_json
from mien.live.metadata import Answers


def test_the_answered_faces_are_counted_from_the_metrics() -> None:
    some = metrics_of(faces=277, abstain=Abstain(0.9, 0.625, 0.433213, 0.908333))
    assert some.answers == Answers(target=0.9, faces=277, answered=120, accuracy=0.908333)
    none = metrics_of(faces=277, abstain=Abstain(0.9, None, 0.0, None))
    assert none.answers == Answers(target=0.9, faces=277, answered=0, accuracy=None)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    gain = Gain(0.1, None, None)
    one = Effect("scheme", "a", "b", "grouped", "paper", gain, gain, 9, 3, False)
    summary = Summary(
        {"a": 0.9}, {}, {"a": 0.8}, [variant_row("a", accuracy_high=0.94), variant_row("b", 1.0, accuracy_low=None)],
        [Pair("a", "b", 0.1, 0.0, 0.2, 0.5, 0.5, 9, 3, False), NoPair("a", "c", "nothing shared")],
        [one, SchemeEffect(**vars(one), leak_a=0.0, leak_b=0.5)],
        Best("a", ["b"], ["a", "b"], "why"),
    )  # fmt: skip
    write_json(tmp_path / "summary.json", summary)
    assert read_record(tmp_path / "summary.json", Summary) == summary


def test_what_is_not_a_number_is_written_as_null(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics.json", metrics_of(accuracy_low=math.nan))
    assert read_record(tmp_path / "metrics.json", Metrics).accuracy_low is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("reliable", "yes", "reliable: input should be a valid boolean"),
        ("faces", "9", "faces: input should be a valid integer"),
        ("facez", 9, "facez: unexpected keyword argument"),
    ],
)
def test_a_field_of_another_type_or_name_is_refused(
    tmp_path: Path, field: str, value: object, reason: str
) -> None:
    path = tmp_path / "metrics.json"
    write_json(path, vars(metrics_of()) | {field: value})
    with pytest.raises(TableError, match=f"{path}: {reason}; the file is damaged, or another"):
        read_record(path, Metrics)


def test_a_file_that_is_none_of_its_kind_names_path_field_and_way_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_json(path, vars(metrics_of()) | {"abstain": {"target": 0.9, "threshold": "much"}})
    with pytest.raises(TableError) as error:
        read_record(path, Metrics)
    assert str(error.value) == (
        f"{path}: abstain.threshold: input should be a valid number; the file is damaged, or another "
        "version of mien wrote it: delete it and run snakemake"
    )
