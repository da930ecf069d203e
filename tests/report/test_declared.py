"""A command of the report reads the files that its rule names, and no others."""

import re

import pytest
from report.documents import YOLO
from report.making import Project
from running import snakemake

COMMANDS = {
    "metrics/report.html": ("page", "--page"),
    f"metrics/report/{YOLO}.html": ("variant-page", "--variant", YOLO, "--page"),
    f"metrics/cards/{YOLO}.md": ("card", "--variant", YOLO, "--card"),
    "metrics/data_statement.md": ("statement", "--statement"),
    "metrics/attribution.csv": (
        "attribution", "--html", "metrics/attribution.html", "--csv",
    ),
}  # fmt: skip
WATCHED = """
import os, sys
from pathlib import Path
import pyarrow.parquet as pq

opened, begin = set(), pq.ParquetFile.__init__

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

pq.ParquetFile.__init__ = begin_noted
sys.addaudithook(hook)
from mien.cli import app
app(standalone_mode=False)
print(*sorted(opened), sep="\\n")
"""


@pytest.fixture(scope="module")
def declared(documented):
    """The inputs of the rule of each of these outputs, as Snakemake plans it."""
    done = snakemake(documented, "--workflow-profile", "none", "-n", "-F", *COMMANDS)
    assert done.returncode == 0, done.stdout
    jobs = re.findall(r"^ +input: (.*)\n +output: (\S+?)(?:,.*)?$", done.stdout, re.MULTILINE)
    return {output: set(inputs.split(", ")) for inputs, output in jobs}


@pytest.mark.parametrize("output", COMMANDS)
def test_a_command_reads_what_its_rule_names(documented, declared, tmp_path, output):
    copy = Project(documented).copy(tmp_path / "copy")
    opened = copy.write_elsewhere("report", *COMMANDS[output], output, code=WATCHED)
    found = {path for path in opened.split("\n") if path.startswith(("data/", "m"))}
    assert found <= declared[output]
    unread = declared[output] - found
    assert all(path.endswith(".parquet") for path in unread)  # of sources none of whose faces show
