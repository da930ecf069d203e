"""Which variant is named the best, and how the command says it."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from figures import FOUR, variant_row
from typer.testing import CliRunner

from mien import layout
from mien.cli import app
from mien.errors import TableError
from mien.evaluate.best import best
from mien.evaluate.files import Best, NoPair, Pair, Summary, VariantRow
from mien.files import write_json


def pair(a: str, b: str, difference: float, p_adjusted: float) -> Pair:
    return Pair(a, b, difference, 0, 0, 0, p_adjusted, 9, 9, True)


def winner(*rows: VariantRow, pairs: Sequence[Pair | NoPair] = ()) -> Best:
    return best(rows, pairs, 0.95)


def test_the_highest_accuracy_wins_and_the_order_does_not_matter() -> None:
    rows = [variant_row("a", 0.8), variant_row("b", 0.9), variant_row("c", 0.85)]
    for order in (rows, rows[::-1]):
        found = winner(*order)
        assert (found.variant, sorted(found.candidates)) == ("b", ["a", "b", "c"])
    assert found.why == (
        "the highest validation accuracy of 3 of 3 variants: none leaks, 4 classes, truth consensus"
    )


def test_of_equal_accuracies_the_smaller_log_loss_wins() -> None:
    assert winner(variant_row("a", 0.8, log_loss=0.6), variant_row("b", 0.8)).variant == "b"


def test_a_rival_is_who_is_not_shown_to_be_worse() -> None:
    rows = [
        variant_row("a", 0.9),
        variant_row("b", 0.8),
        variant_row("c", 0.7),
        variant_row("d", 0.6),
        variant_row("e", 0.5),
    ]
    pairs = [
        pair("a", "b", 0.1, 0.06),
        pair("a", "c", 0.2, 0.05),
        pair("d", "a", -0.3, 0.001),
        NoPair("a", "e", "no face was predicted by both"),
        pair("b", "c", 0.1, 0.001),
    ]
    assert winner(*rows, pairs=pairs).rivals == ["b", "e"]


def test_one_that_is_beaten_where_both_predicted_is_no_proof_of_the_contrary() -> None:
    rows = [variant_row("a", 0.9), variant_row("b", 0.8)]
    assert winner(*rows, pairs=[pair("a", "b", -0.1, 0.001)]).rivals == ["b"]


def test_leaking_variants_are_no_candidates_unless_all_leak() -> None:
    leaking = variant_row("a", 0.95, leak=0.1)
    assert winner(leaking, variant_row("b", 0.8)).candidates == ["b"]
    found = winner(leaking, variant_row("b", 0.8, leak=0.01))
    assert (found.variant, found.candidates) == ("a", ["a", "b"])
    assert "all leak, so that every accuracy flatters" in found.why


def test_fewer_classes_are_an_easier_task_and_another_truth_a_different_one() -> None:
    easier = variant_row("a", 0.99, classes=FOUR[:3])
    other = variant_row("b", 0.98, truth="initial")
    found = winner(easier, other, variant_row("c", 0.8), variant_row("d", 0.7))
    assert (found.variant, found.candidates) == ("c", ["c", "d"])


def said(rows: list[VariantRow], chosen: Best, tmp_path: Path) -> str:
    write_json(tmp_path / layout.SUMMARY, Summary({}, {}, {}, rows, [], [], chosen))
    with contextlib.chdir(tmp_path):
        return CliRunner().invoke(app, ["evaluate", "best"], catch_exceptions=False).output


def test_the_command_names_variant_interval_rivals_and_place(tmp_path: Path) -> None:
    rows = [variant_row("large", 0.9, runs=3), variant_row("small", 0.88)]
    text = said(rows, winner(*rows), tmp_path)
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
    rows = [
        variant_row("a", 0.9, accuracy_low=None, accuracy_high=None, reliable=False),
        variant_row("b", 0.5),
    ]
    found = winner(*rows, pairs=[pair("a", "b", 0.4, 0.001)])
    text = said(rows, found, tmp_path)
    assert "90.0 % (no interval) on 240 validation faces of 80 groups, too few to rely on" in text
    assert "Shown to be better than every other candidate." in text
    alone = said(rows[:1], winner(rows[0]), tmp_path)
    assert "There is no other candidate." in alone


def test_without_a_summary_the_command_says_in_one_line_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    layout.SUMMARY.parent.mkdir()
    for content, fault in (
        (None, "the file is missing; run snakemake"),
        (
            "{}",
            "accuracy: field required; the file is damaged, or another version of "
            "mien wrote it: delete it",
        ),
        ("[]", "it holds no JSON object"),
        ("{", "line 1: not JSON"),
    ):
        if content:
            layout.SUMMARY.write_text(content)
        done = CliRunner().invoke(app, ["evaluate", "best"])
        assert isinstance(done.exception, TableError)
        assert str(layout.SUMMARY) in str(done.exception)
        assert fault in str(done.exception)
