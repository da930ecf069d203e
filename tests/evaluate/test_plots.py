"""What `dvc plots` and `dvc metrics` are given: every run's counts and curves, each variant's accuracy."""

from pathlib import Path

import pandas as pd
import pytest
from figures import variant_row

from mien.evaluate.plots import confusions, headline, learning
from mien.evaluate.tables import CONFUSION, LEARNING
from mien.tables import read_csv, write_csv


def predictions(pairs: list[tuple[str, str]]) -> pd.DataFrame:
    table = pd.DataFrame(pairs, columns=["actual", "predicted"])
    return table.assign(p_happy=0.5, p_angry=0.25, p_calm=0.25)


def test_every_pair_of_classes_is_counted_for_every_run() -> None:
    first = predictions(
        [("happy", "happy"), ("happy", "happy"), ("happy", "angry"), ("angry", "happy")]
    )
    second = predictions([("calm", "calm")])
    rows = confusions({Path("small/seed-0"): first, Path("large/seed-1-fold-2"): second})
    assert len(rows) == 2 * 9
    counts = rows.set_index(["variant", "run", "actual", "predicted"])["faces"]
    assert counts["small", "seed-0", "happy", "happy"] == 2
    assert counts["small", "seed-0", "happy", "angry"] == 1
    assert counts["small", "seed-0", "angry", "happy"] == 1
    assert counts["small", "seed-0", "calm", "happy"] == 0
    assert counts["large", "seed-1-fold-2", "calm", "calm"] == 1
    assert counts.sum() == 5


def test_classes_keep_the_order_of_the_probabilities() -> None:
    rows = confusions({Path("small/seed-0"): predictions([("happy", "calm")])})
    assert list(dict.fromkeys(rows["actual"])) == ["happy", "angry", "calm"]


def test_histories_stand_under_one_another_with_what_only_some_have(tmp_path: Path) -> None:
    common = {
        "epoch": [1, 2],
        "train_loss": [1.0, 0.5],
        "val_loss": [1.1, 0.6],
        "val_accuracy": [0.5, 0.75],
    }
    plain = pd.DataFrame(common | {"learning_rate": 0.1})
    more = plain.assign(train_accuracy=[0.4, 0.8])
    rows = learning({Path("deep/seed-0"): more, Path("small/seed-0"): plain})
    write_csv(tmp_path / "learning.csv", rows, LEARNING)
    read = read_csv(tmp_path / "learning.csv", LEARNING)
    assert list(read["variant"]) == ["deep", "deep", "small", "small"]
    assert list(read["train_accuracy"].isna()) == [False, False, True, True]


def test_the_table_of_confusions_can_be_read_again(tmp_path: Path) -> None:
    rows = confusions({Path("small/seed-0"): predictions([("happy", "calm")])})
    write_csv(tmp_path / "confusion.csv", rows, CONFUSION)
    assert read_csv(tmp_path / "confusion.csv", CONFUSION)["faces"].sum() == 1


def test_a_metric_lists_its_variants_and_an_interval_only_where_there_is_one() -> None:
    deep = variant_row("deep", 0.81234567, accuracy_low=0.75, accuracy_high=0.85, macro_f1=0.8)
    nothing = {"accuracy_low": float("nan"), "accuracy_high": float("nan")}
    summary = [deep, variant_row("small", 0.5, macro_f1=0.4, **nothing)]
    assert headline(summary) == {
        "accuracy": {"deep": pytest.approx(0.8123), "small": 0.5},
        "interval": {"deep": "0.750 to 0.850"},
        "macro_f1": {"deep": 0.8, "small": 0.4},
    }
