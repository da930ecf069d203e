"""A command for a project runs the project's own code, or says how to; it never does so by itself."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from running import ROOT, copy_code

from mien.own_code import CODE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copied project whose code says so when it is imported."""
    package = copy_code(tmp_path)
    with (package / "files.py").open("a") as module:
        module.write("\nimport sys\n\nprint('the code of the project', file=sys.stderr)\n")
    return tmp_path


def mien(folder: Path, *arguments: str, **extra: str) -> list[str]:
    """Run a command that fails for its arguments; return its lines."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from mien.cli import main; main()", *arguments],
        cwd=folder, env=inherited | extra, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.mark.parametrize("command", [("evaluate", "open-test", "a"), ("export", "models/a/seed-0")])
def test_other_code_than_the_projects_is_refused_in_one_line(
    project: Path, command: tuple[str, ...]
) -> None:
    (line,) = mien(project, *command)
    assert line.startswith("mien: this project's code in src/mien differs from the mien")
    assert f"type `PYTHONPATH=src mien {command[0]} …`" in line


def test_the_way_out_runs_the_projects_code(project: Path) -> None:
    told, missing = mien(project, "evaluate", "open-test", "a", PYTHONPATH="src")
    assert told == "the code of the project"
    assert missing.startswith("mien: params.yaml: the file is missing")


def test_a_copy_that_was_not_edited_is_the_same_code(project: Path) -> None:
    shutil.rmtree(project / "src")
    shutil.rmtree(project / "workflow")
    copy_code(project)
    (line,) = mien(project, "evaluate", "open-test", "a")
    assert line.startswith("mien: params.yaml: the file is missing")


def test_what_an_editor_or_a_desktop_leaves_in_a_copy_is_no_code(project: Path) -> None:
    shutil.rmtree(project / "src")
    shutil.rmtree(project / "workflow")
    package = copy_code(project)
    (package / ".DS_Store").write_bytes(b"")
    (package / ".files.py").write_text("half")
    (package / "new/project/params.yaml").unlink()  # as in what `pip install .` installs
    (line,) = mien(project, "evaluate", "open-test", "a")
    assert line.startswith("mien: params.yaml: the file is missing")


def test_an_installation_has_all_files_of_code() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    data = settings["tool"]["setuptools"]["package-data"]
    shipped = {
        path
        for package, patterns in data.items()
        for pattern in patterns
        for path in (ROOT / "src" / package.replace(".", "/")).glob(pattern)
    }
    there = {path for suffix in CODE for path in (ROOT / "src/mien").rglob(f"*{suffix}")}
    modules = {path for path in there if path.suffix == ".py"}
    assert there - modules - shipped == set()
    assert all((path.parent / "__init__.py").is_file() for path in modules)


def test_what_needs_no_project_runs_no_code_that_lies_in_a_strangers_folder(project: Path) -> None:
    (line,) = mien(project, "predict", "nothing.onnx", "nothing.jpg")
    assert line.startswith("mien: ")
    assert "src/mien" not in line
