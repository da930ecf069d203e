"""The test part is asked about on purpose, by name, and never without a line in the log."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from running import ROOT
from sklearn.metrics import f1_score, log_loss
from training import EXPRESSIONS, make_project
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import MienError, TableError
from mien.evaluate import open_test, predict
from mien.evaluate.metrics import measure
from mien.evaluate.openings import read_openings
from mien.evaluate.predict import faces_to_predict
from mien.files import write_json
from mien.ledger import md5
from mien.params import load
from mien.tables import read_csv, write_csv
from mien.train.card import Card, write_card
from mien.train.dataset import classes_of
from mien.train.run import recipe
from mien.train.tables import SPLIT
from mien.train.trained import LEDGER
from mien.train.trainer import trainer
from mien.view import View

pytestmark = pytest.mark.usefixtures("coloured")

LOG = Path("data/test_openings.csv")
TEST = [f"face-{number}" for number in range(22, 32)]
VARIANTS = {"small": [0], "twice": [0, 1]}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project whose split has ten test faces in five groups, and models that are stand-ins.

    The label of one test face is another than what the face shows.
    """
    project = make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    content = yaml.safe_load(project.params.read_text())
    small = content["variants"]["small-yolo"] | {"scheme": "grouped"}
    content["variants"] = {name: small | {"seeds": seeds} for name, seeds in VARIANTS.items()}
    content["variants"]["first20"] = small | {"scheme": "paper-first20"}
    project.params.write_text(yaml.safe_dump(content))
    split = pd.read_csv("data/splits/consensus-paper-every5.csv", dtype="string")
    number = pd.Series(range(32))
    split["group_id"] = "pair-" + (number // 2).astype(str)
    split["split"] = np.select([number < 16, number < 22], ["train", "val"], "test")
    split["fold"] = (number // 2 % 5).mask(number >= 22)
    write_csv(Path("data/splits/consensus-grouped.csv"), split, SPLIT)
    write_csv(Path("data/splits/consensus-paper-first20.csv"), split.assign(split="train"), SPLIT)
    labels = pd.read_csv("data/labels.csv", dtype="string", keep_default_na=False)
    labels.loc[labels["face_id"] == "face-22", "label"] = "happy"  # it looks surprised
    labels.to_csv("data/labels.csv", index=False)
    for name, seeds in VARIANTS.items():
        for seed in seeds:
            write_model(name, seed)
    return tmp_path


def write_model(variant, seed, epochs=2, **switches):
    run = Path(f"models/{variant}/seed-{seed}")
    made = {"variant": variant, "family": "yolo", "seed": seed, "fold": None, "epochs": epochs}
    made |= {
        "classes": EXPRESSIONS,
        "views": [View(32)],
        "features": [],
        "weights": "yolov8n-cls.yaml",
    }
    asked = load(Path("params.yaml")).variants[variant]
    made |= {"settings": recipe(asked) | switches, "multi_label": False}
    card = Card(**made, faces={"margin": 0.1}, preprocessing={}, versions={})
    write_card(run, card)
    (run / "model.pt").write_text(f"{variant} {seed}")


def by_colour(run, pictures, _):
    """Blue faces look surprised; the model of seed 1 is a little less sure."""
    blue = np.array([picture[:, :, 0].mean() > picture[:, :, 2].mean() for picture in pictures])
    sure = 0.9 if run.name == "seed-0" else 0.8
    first = np.where(blue, sure, 1 - sure)
    return np.column_stack([first, 1 - first])


@pytest.fixture
def coloured(root, monkeypatch):
    monkeypatch.setattr(predict, "trainer", lambda _: SimpleNamespace(predict=by_colour))
    return root


def open_(*arguments):
    command = ["evaluate", "open-test", *arguments]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def test_an_opening_is_computed_shown_and_logged():
    done = open_("small", "--yes")
    row = read_openings(LOG).iloc[0]
    truth = pd.read_csv("data/labels.csv").set_index("face_id")["label"][TEST]
    shown = ["surprised" if number % 2 == 0 else "happy" for number in range(22, 32)]
    chances = [[0.1, 0.9] if name == "surprised" else [0.9, 0.1] for name in shown]
    assert row["accuracy"] == (truth == shown).mean() == 0.9
    assert row["macro_f1"] == pytest.approx(f1_score(truth, shown, average="macro"), abs=1e-6)
    assert row["log_loss"] == pytest.approx(log_loss(truth, chances), abs=1e-4)
    assert row["accuracy_low"] < 0.9 <= row["accuracy_high"]
    assert list(row[["variant", "split", "runs", "faces", "groups", "opening"]]) == [
        "small", "consensus-grouped", 1, 10, 5, 1,
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["opened_at"])
    assert "accuracy 90.0" in done.stdout
    assert "The intervals are unreliable" in done.stdout
    assert "was never opened" in done.stderr


def test_the_next_opening_says_who_opened_it_before_and_counts_on():
    open_("small", "--yes")
    done = open_("twice", "--yes")
    assert "was opened 1 time before, for small" in done.stderr
    done = open_("small", "--yes")
    assert "was opened 2 times before, for small and twice" in done.stderr
    assert read_openings(LOG)["opening"].tolist() == [1, 2, 3]


def test_the_runs_of_a_variant_are_averaged_and_hashed_as_one():
    open_("small", "--yes")
    open_("twice", "--yes")
    Path("models/twice/seed-1/model.pt").write_text("another")
    open_("twice", "--yes")
    log = read_openings(LOG)
    sure, unsure = (-(9 * np.log(p) + np.log(1 - p)) / 10 for p in (0.9, 0.8))
    assert log["log_loss"].tolist()[:2] == pytest.approx([sure, (sure + unsure) / 2], abs=1e-4)
    assert log["runs"].tolist() == [1, 2, 2]
    assert log["faces"].tolist() == [10, 10, 10]
    assert log["model_sha256"].nunique() == 3


def test_the_interval_of_several_runs_allows_for_other_runs():
    params = load(Path("params.yaml"))
    part = open_test.read_held_out(params, "twice")
    sure, *_ = part.ask(1)
    unsure = sure.assign(predicted="happy")
    both = open_test.measure_part(part, [sure, unsure], params.evaluate)
    alone = measure(pd.concat([sure, unsure]), params.evaluate)
    assert both.accuracy == alone.accuracy == pytest.approx((0.9 + 0.6) / 2)
    assert both.accuracy_low < alone.accuracy_low
    assert both.accuracy_high > alone.accuracy_high


def test_nothing_is_opened_where_nobody_confirms():
    with pytest.raises(MienError, match="say --yes"):
        open_("small")
    assert not LOG.exists()


ASK = """
import time
from pathlib import Path
from types import SimpleNamespace
from mien.cli import main
from mien.evaluate import predict
def ask(run, pictures, threads):
    Path("asked").touch()
    {ends}
predict.trainer = lambda family: SimpleNamespace(predict=ask)
main()
"""
ARGUMENTS = ["evaluate", "open-test", "small"]


@pytest.mark.parametrize(("answer", "code", "lines"), [("n", 1, 0), ("y", 7, 1)])
def test_a_terminal_asks_first(answer, code, lines):
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-c", ASK.format(ends="raise SystemExit(7)"), *ARGUMENTS]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False)
    assert "Open it for small? It will be logged [y/N]" in done.stderr
    assert done.returncode == code
    assert len(read_openings(LOG)) == lines


def test_a_kill_hides_no_opening():
    script = ASK.format(ends="time.sleep(600)")
    command = [sys.executable, "-c", script, *ARGUMENTS, "--yes"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not Path("asked").exists():
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    (row,) = read_openings(LOG).to_dict("records")
    assert (row["variant"], row["opening"]) == ("small", 1)
    assert pd.isna(row["accuracy"])
    assert "was opened 1 time before, for small" in open_("small", "--yes").stderr
    assert read_openings(LOG)["accuracy"].isna().tolist() == [True, False]


def test_the_figures_are_in_the_log_before_they_are_shown(monkeypatch):
    def broken(*_):
        raise RuntimeError("the terminal is gone")

    monkeypatch.setattr(open_test, "result_lines", broken)
    with pytest.raises(RuntimeError):
        open_("small", "--yes")
    assert read_openings(LOG)["accuracy"].tolist() == [0.9]


def test_two_openings_at_once_leave_two_lines():
    script = ASK.format(ends="raise SystemExit(7)")
    command = [sys.executable, "-c", script, *ARGUMENTS, "--yes"]
    for run in [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]:
        run.wait()
    assert sorted(read_openings(LOG)["opening"]) == [1, 2]


def test_a_split_without_a_test_part_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["mien", "evaluate", "open-test", "first20", "--yes"])
    from mien.cli import main

    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    assert capsys.readouterr().err == (
        "mien: data/splits/consensus-paper-first20.csv has no test part: only paper-20-4-1, and "
        "grouped with train.split.test_share above 0, keep one\n"
    )
    assert not LOG.exists()


def refused(*arguments):
    """Return the one line that an opening is refused with, having left no line in the log."""
    with pytest.raises(MienError) as error:
        open_(*arguments, "--yes")
    assert not LOG.exists()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_variant_that_is_unknown_not_trained_or_trained_otherwise_is_refused():
    assert refused("smal") == "there is no variant 'smal'; did you mean 'small'?"
    Path("models/twice/seed-1/model.pt").unlink()
    assert refused("twice") == "models/twice/seed-1 is not trained: run `snakemake` first"
    write_model("small", 0, epochs=3)
    assert refused("small") == (
        "models/small/seed-0 was trained with epochs 3, and the settings say 2: run `snakemake` first"
    )
    write_model("small", 0, class_weights=True)
    assert "seed-0 was trained with settings {" in refused("small")


def test_a_model_that_was_trained_by_another_split_is_refused():
    split = "data/splits/consensus-grouped.csv"
    entry = {"md5": "", "inputs": {split: md5(Path(split)), "data/labels.csv": "0" * 32}}
    Path("provenance").mkdir()
    outputs = {"models/small/seed-0/model.pt": entry}
    write_json(LEDGER, {"version": 1, "outputs": outputs})
    assert refused("small") == (
        "models/small/seed-0/model.pt was trained when data/labels.csv was another, and may have "
        "seen faces of the test part: run `snakemake` first"
    )
    entry["inputs"]["data/labels.csv"] = md5(Path("data/labels.csv"))
    write_json(LEDGER, {"version": 1, "outputs": outputs})
    assert open_("small", "--yes").exit_code == 0


def test_classes_that_the_variant_leaves_out_are_left_out():
    from mien.labels.tables import labels as label_table

    variant = load(Path("params.yaml")).variant("small")
    tables = [
        read_csv(Path("data/splits/consensus-grouped.csv"), SPLIT),
        read_csv(Path("data/labels.csv"), label_table(EXPRESSIONS)),
    ]
    rows = open_test.faces_to_open(*tables, variant, ["happy"], Path("split.csv"))
    assert rows["face_id"].tolist() == ["face-22", *TEST[1::2]]
    assert set(rows["actual"]) == {"happy"}
    with pytest.raises(TableError, match="no face of the variant's classes"):
        open_test.faces_to_open(*tables, variant, ["angry"], Path("split.csv"))


def test_what_every_rule_predicts_has_no_test_face():
    from mien.labels.tables import labels as label_table

    split = read_csv(Path("data/splits/consensus-grouped.csv"), SPLIT)
    labels = read_csv(Path("data/labels.csv"), label_table(EXPRESSIONS))
    variant = load(Path("params.yaml")).variant("small")
    classes = classes_of(variant, EXPRESSIONS)
    for fold in (None, *range(5)):
        rows = faces_to_predict(split, labels, variant, classes, fold)
        assert len(rows)
        assert not set(rows["face_id"]) & set(TEST)


def test_no_command_of_a_rule_reaches_the_code_that_opens_the_test_part():
    from workflow.lib import codehash

    def reached(phase, verb):
        own = codehash._function_behind(phase, verb.replace("-", "_"))
        return codehash._closure(codehash._imports(own))

    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    commands = re.findall(r'code_of\([^)]*?"(\w+) ([\w-]+)', rules)
    assert ("evaluate", "predict") in commands
    for phase, verb in commands:
        assert "mien.evaluate.open_test" not in reached(phase, verb), verb
    assert "mien.evaluate.open_test" in reached("evaluate", "open-test")


@pytest.mark.xdist_group("yolo")
def test_a_model_of_ultralytics_is_asked_about_the_test_faces(monkeypatch):
    monkeypatch.setattr(predict, "trainer", trainer)
    words = ["train", "fit", "--run", "models/small/seed-0"]
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert "10 faces in 5 groups" in open_("small", "--yes").stdout
    assert read_openings(LOG)["accuracy"].between(0, 1).tolist() == [True]


def test_a_log_that_was_broken_by_hand_is_told_by_its_line():
    LOG.write_text("opened_at,variant\n2026,small\n")
    with pytest.raises(TableError, match=r"data/test_openings.csv, line 1: the column 'split' is"):
        open_("small", "--yes")
