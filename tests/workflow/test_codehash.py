"""A command's code is what it runs: an edited statement changes it, an edited comment does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path):
    """A copy of the package whose files may be edited."""
    shutil.copytree(
        ROOT / "src" / "mien", tmp_path / "mien", ignore=shutil.ignore_patterns("__py*")
    )
    return tmp_path / "mien"


def hashes(package, *commands):
    """Return the code of the commands as a fresh process sees it."""
    script = "import sys; from codehash import code_of\nfor c in sys.argv[1:]: print(code_of(c))"
    environment = {"PYTHONPATH": f"{package.parent}:{ROOT / 'workflow' / 'lib'}"}
    done = subprocess.run(
        [sys.executable, "-c", script, *commands],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


PAGES = ["report page", "report variant-page"]
COMMANDS = ["faces detect", "faces index", "labels consensus", "train yolo", *PAGES]


def test_an_edited_statement_changes_the_commands_that_run_it(package):
    before = hashes(package, *COMMANDS)
    (package / "faces" / "crop.py").open("a").write("\nLIMIT = 3\n")
    after = hashes(package, *COMMANDS)
    changed = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a != b]
    assert changed == ["faces detect"]


def test_comments_docstrings_and_layout_change_nothing(package):
    before = hashes(package, *COMMANDS)
    for path in package.rglob("*.py"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([*lines, "\n\n# a remark\n"]))
    edit(package / "faces" / "crop.py", '"""', '"""Another way to say it: ')
    assert hashes(package, *COMMANDS) == before


def test_a_shared_module_changes_all_that_import_it(package):
    before = hashes(package, *COMMANDS)
    (package / "tables.py").open("a").write("\nLIMIT = 3\n")
    after = hashes(package, *COMMANDS)
    unchanged = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a == b]
    assert "labels consensus" not in unchanged
    assert "faces index" not in unchanged


def test_settings_are_no_code_since_their_values_are_parameters(package):
    before = hashes(package, *COMMANDS)
    (package / "params.py").open("a").write("\nLIMIT = 3\n")
    assert hashes(package, *COMMANDS) == before


def test_one_verb_is_not_the_other(package):
    before = hashes(package, "faces detect", "faces index")
    edit(package / "faces" / "commands.py", "without a face", "lacking a face")
    after = hashes(package, "faces detect", "faces index")
    assert before[0] != after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("faces.html.j2", ["report page"]),
        ("matrix.html.j2", ["report variant-page"]),
        ("base.html.j2", PAGES),
        ("report.css", PAGES),
        ("report.js", PAGES),
    ],
)
def test_a_template_beside_a_module_is_its_code(package, name, commands):
    before = hashes(package, *COMMANDS)
    (package / "report" / "page" / name).open("a").write("/* more */")
    after = hashes(package, *COMMANDS)
    changed = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a != b]
    assert changed == commands
