"""Which variant is named the best, and how the command says it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import TableError
from mien.evaluate.best import best

FOUR = ["angry", "happy", "neutral", "surprised"]


def row(name: str, accuracy: float, **more: Any) -> dict[str, Any]:
    return {
        "variant": name,
        "accuracy": accuracy,
        "accuracy_low": accuracy - 0.05,
        "accuracy_high": accuracy + 0.04,
        "log_loss": 0.5,
        "leak": 0.0,
        "classes": FOUR,
        "truth": "consensus",
        "faces": 240,
        "groups": 80,
        "runs": 1,
        "reliable": True,
    } | more


def pair(a: str, b: str, difference: float, p_adjusted: float) -> dict[str, Any]:
    return {"a": a, "b": b, "difference": difference, "p_adjusted": p_adjusted}


def winner(*rows: dict[str, Any], pairs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return best(rows, pairs or [], 0.95)


def test_the_highest_accuracy_wins_and_the_order_does_not_matter() -> None:
    rows = [row("a", 0.8), row("b", 0.9), row("c", 0.85)]
    for order in (rows, rows[::-1]):
        found = winner(*order)
        assert (found["variant"], sorted(found["candidates"])) == ("b", ["a", "b", "c"])
    assert found["why"] == (
        "the highest validation accuracy of 3 of 3 variants: none leaks, 4 classes, truth consensus"
    )


def test_of_equal_accuracies_the_smaller_log_loss_wins() -> None:
    assert winner(row("a", 0.8, log_loss=0.6), row("b", 0.8))["variant"] == "b"


def test_a_rival_is_who_is_not_shown_to_be_worse() -> None:
    rows = [row("a", 0.9), row("b", 0.8), row("c", 0.7), row("d", 0.6), row("e", 0.5)]
    pairs = [
        pair("a", "b", 0.1, 0.06),
        pair("a", "c", 0.2, 0.05),
        pair("d", "a", -0.3, 0.001),
        {"a": "a", "b": "e", "reason": "no face was predicted by both"},
        pair("b", "c", 0.1, 0.001),
    ]
    assert winner(*rows, pairs=pairs)["rivals"] == ["b", "e"]


def test_one_that_is_beaten_where_both_predicted_is_no_proof_of_the_contrary() -> None:
    rows = [row("a", 0.9), row("b", 0.8)]
    assert winner(*rows, pairs=[pair("a", "b", -0.1, 0.001)])["rivals"] == ["b"]


def test_leaking_variants_are_no_candidates_unless_all_leak() -> None:
    leaking = row("a", 0.95, leak=0.1)
    assert winner(leaking, row("b", 0.8))["candidates"] == ["b"]
    found = winner(leaking, row("b", 0.8, leak=0.01))
    assert (found["variant"], found["candidates"]) == ("a", ["a", "b"])
    assert "all leak, so that every accuracy flatters" in found["why"]


def test_fewer_classes_are_an_easier_task_and_another_truth_a_different_one() -> None:
    easier = row("a", 0.99, classes=FOUR[:3])
    other = row("b", 0.98, truth="initial")
    found = winner(easier, other, row("c", 0.8), row("d", 0.7))
    assert (found["variant"], found["candidates"]) == ("c", ["c", "d"])


def said(summary: dict[str, Any], tmp_path: Path) -> str:
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(summary))
    done = CliRunner().invoke(app, ["evaluate", "best", "--summary", str(path)])
    if done.exception:
        raise done.exception
    return done.output


def test_the_command_names_variant_interval_rivals_and_place(tmp_path: Path) -> None:
    rows = [row("large", 0.9, runs=3), row("small", 0.88)]
    text = said({"variants": rows, "best": winner(*rows)}, tmp_path)
    assert text.splitlines() == [
        "large: accuracy 90.0 % (interval 85.0 to 94.0 %) on 240 validation faces of 80 groups",
        "Chosen as the highest validation accuracy of 2 of 2 variants: none leaks, "
        "4 classes, truth consensus.",
        "Not shown to be better than small.",
        "Its models are in models/large/ (3 of them).",
    ]


def test_the_command_says_when_nothing_is_as_good_and_when_there_is_no_interval(
    tmp_path: Path,
) -> None:
    rows = [row("a", 0.9, accuracy_low=None, accuracy_high=None, reliable=False), row("b", 0.5)]
    found = winner(*rows, pairs=[pair("a", "b", 0.4, 0.001)])
    text = said({"variants": rows, "best": found}, tmp_path)
    assert "90.0 % (no interval) on 240 validation faces of 80 groups, too few to rely on" in text
    assert "Shown to be better than every other candidate." in text
    alone = said({"variants": rows[:1], "best": winner(rows[0])}, tmp_path)
    assert "There is no other candidate." in alone


def test_without_a_summary_the_command_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate", "best", "--summary", str(tmp_path / "none.json")])
    assert isinstance(done.exception, TableError)
    assert str(done.exception) == f"{tmp_path / 'none.json'}: the file is missing; run snakemake"
    with pytest.raises(TableError, match="it names no best variant; run snakemake"):
        said({"variants": [], "pairs": []}, tmp_path)
