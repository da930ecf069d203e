"""The command of a rule reads the files that the rule names, and no others."""

import re
import shlex

import pandas as pd
import pytest
from report.documents import YOLO
from report.making import Project
from running import snakemake

from mien.acquire.tables import TRUTH
from mien.tables import write_csv

RULES = (
    *("tally", "detect", "index", "simulate", "consensus", "agreement", "split"),
    *("train_yolo", "train_resnet", "predict", "measure", "compare", "suspects", "second_look"),
    *("plots", "slices", "page", "variant_page", "attribution", "card", "statement"),
)
JOB = re.compile(
    r"^rule (\w+):\n +input: (.+)\n +output: (.+)\n(?: .+\n)+Shell command: +(mien .+) 2>&1", re.M
)
WATCHED = """
import os, sys
from pathlib import Path
import numpy as np, pandas as pd, pyarrow.parquet as pq
from mien.cli import app
from mien.train import trainer

opened, begin, module = set(), pq.ParquetFile.__init__, trainer.trainer

def note(path):
    path = Path(os.fsdecode(path)).absolute()
    if path.is_relative_to(Path.cwd()) and path.name[0] != ".":
        opened.add(path.relative_to(Path.cwd()).as_posix())

def hook(event, words):
    if event == "open" and not isinstance(words[0], int) and not words[2] & (os.O_WRONLY | os.O_RDWR):
        note(words[0])

def begin_noted(self, source, *words, **more):  # Arrow opens files by itself
    note(source)
    begin(self, source, *words, **more)

def quick(family):  # the frameworks are left out
    def fit(run, threads):
        numbers = ("train_loss", "val_loss", "val_accuracy", "learning_rate")
        return pd.DataFrame({"epoch": [1], **dict.fromkeys(numbers, 0.5)})

    def predict(run, pictures, threads):
        note(run / found.MODEL)
        return np.full((len(list(pictures)), 4), 0.25)

    found = module(family)
    found.fit, found.predict = fit, predict
    return found

pq.ParquetFile.__init__, trainer.trainer = begin_noted, quick
sys.addaudithook(hook)
app(standalone_mode=False)
print(*sorted(opened), sep="\\n")
"""


@pytest.fixture(scope="module")
def whole(documented, tmp_path_factory):
    """The project with simulated ballots too; of the drawn faces nobody knows the truth."""
    whole = Project(documented).copy(tmp_path_factory.mktemp("whole"))
    for shard in whole.files("data/scenes/*-1.parquet"):
        empty = pd.DataFrame(columns=list(TRUTH.columns))
        write_csv(whole.root / f"data/truth/{shard.stem}.csv", empty, TRUTH)
    whole.write_elsewhere("labels", "simulate", "data/truth/happy-1.csv", "--voters", "4")
    return whole


@pytest.fixture(scope="module")
def planned(whole):
    """Inputs and command of a job of every rule, as Snakemake plans it: of this variant, if any."""
    done = snakemake(whole.root, "--workflow-profile", "none", "-n", "-F", "-p")
    assert done.returncode == 0, done.stdout
    jobs = sorted(JOB.findall(done.stdout), key=lambda job: YOLO in job[2])
    return {rule: (set(inputs.split(", ")), command) for rule, inputs, _, command in jobs}


def test_every_rule_that_reads_is_looked_at(planned):
    assert set(planned) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_command_reads_what_its_rule_names(whole, planned, tmp_path, rule):
    declared, command = planned[rule]
    words = shlex.split(command)[1:]
    opened = whole.copy(tmp_path / "copy").write_elsewhere(*words, code=WATCHED)
    found = {path for path in opened.split("\n") if path.startswith(("data/", "m"))}
    assert found <= declared
    unread = declared - found
    assert all(path.endswith(".parquet") for path in unread)  # of sources none of whose faces show
