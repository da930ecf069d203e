"""A project runs the code beside its Snakefile, as it was when the run began."""

import os
import sys
from pathlib import Path

import pytest
from forked import STAND_IN, make_environment
from toy import Toy

from workflow.lib.snapshot import COPIES, GIVEN, KEPT_S, copy_of, drop_old_copies, refuse_edited

TELLING = """\
import os, runpy, sys
import mien.train.network as network
with open(os.environ["JOBS"] + ".code", "a") as jobs:
    jobs.write(f"{sys.argv[2]} {getattr(network, 'LIMIT', 0)} {network.__file__}\\n")
sys.argv[0] = os.environ["STAND_IN"]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def telling(clone, tmp_path, monkeypatch):
    """A pulled clone whose stand-in tells which mien it imports."""
    (tmp_path / "telling.py").write_text(TELLING)
    make_environment(tmp_path / "environment", tmp_path / "telling.py")
    monkeypatch.setenv("STAND_IN", str(STAND_IN))
    return Toy(clone.folder, tmp_path / "environment")


def code_of_jobs(toy):
    """Return what the jobs told: verb, LIMIT in the code they ran, and where that code lay."""
    lines = toy.jobs.with_name(toy.jobs.name + ".code").read_text().splitlines()
    return [line.split() for line in lines]


def limit(toy, old, new):
    """Edit the code of training, its size and its time kept."""
    path = toy.folder / "src/mien/train/network.py"
    times = path.stat()
    toy.edit("src/mien/train/network.py", old, new)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_jobs_run_the_code_beside_the_snakefile(telling):
    limit(telling, "import io\n", "import io\nLIMIT = 3\n")
    telling.snakemake("models/deep/seed-0/model.keras")
    ((verb, value, place),) = code_of_jobs(telling)
    assert (verb, value) == ("fit", "3")
    assert Path(place).is_relative_to(telling.folder)
    limit(telling, "LIMIT = 3", "LIMIT = 4")
    telling.snakemake("models/deep/seed-0/model.keras")
    assert [value for _, value, _ in code_of_jobs(telling)] == ["3", "4"]


def test_an_experiment_in_a_folder_of_its_own_runs_its_own_code(telling):
    limit(telling, "import io\n", "import io\nLIMIT = 3\n")
    telling.run("dvc", "exp", "run", "--temp")
    jobs = code_of_jobs(telling)
    assert "fit" in [verb for verb, _, _ in jobs]
    assert {value for _, value, _ in jobs} == {"3"}
    assert all(Path(place).is_relative_to(telling.folder / ".dvc/tmp/exps") for _, _, place in jobs)


def test_code_edited_during_a_run_and_put_back_never_reached_its_jobs(telling):
    telling.edit("params.yaml", "quorum: 3", "quorum: 2")
    telling.hold.write_text("data/labels.csv")
    run = telling.start("snakemake", "--cores", "2")
    telling.wait_for("data/.half-labels.csv")
    limit(telling, "import io\n", "import io\nLIMIT = 3\n")
    telling.hold.write_text("models/deep/seed-0/model.keras")
    telling.wait_for("models/deep/seed-0/.half-model.keras")
    limit(telling, "import io\nLIMIT = 3\n", "import io\n")
    telling.hold.unlink()
    run.wait()
    printed = telling.printed.read_text()
    assert "src/mien/train/network.py changed while this ran" in printed
    assert {value for _, value, _ in code_of_jobs(telling)} == {"0"}
    assert telling.planned() == {}


def test_a_plan_made_beside_a_run_leaves_its_code_alone(telling):
    telling.edit("params.yaml", "quorum: 3", "quorum: 2")
    telling.hold.write_text("data/labels.csv")
    run = telling.start("snakemake", "--cores", "2")
    telling.wait_for("data/.half-labels.csv")
    limit(telling, "import io\n", "import io\nLIMIT = 3\n")
    telling.snakemake("-n")
    limit(telling, "import io\nLIMIT = 3\n", "import io\n")
    telling.hold.unlink()
    assert run.wait() == 0
    assert {value for _, value, _ in code_of_jobs(telling)} == {"0"}


def test_a_copy_of_the_code_that_was_tampered_with_is_made_anew(telling):
    telling.snakemake("-n")
    (copied,) = (telling.folder / ".snakemake/code").glob("*/mien/train/network.py")
    copied.chmod(0o644)
    copied.write_text(copied.read_text() + "\nLIMIT = 3\n")
    telling.snakemake("--forcerun", "train_resnet", "--", "models/deep/seed-0/model.keras")
    assert {value for _, value, _ in code_of_jobs(telling)} == {"0"}


def test_what_lies_in_the_working_folder_is_no_module(telling):
    (telling.folder / "cv2.py").write_text("raise SystemExit('not this one')\n")
    limit(telling, "import io\n", "import cv2\nimport io\n")
    telling.snakemake("models/deep/seed-0/model.keras", PYTHONPATH=os.pathsep)
    assert [verb for verb, _, _ in code_of_jobs(telling)] == ["fit"]


def test_a_mien_that_is_already_imported_is_refused(clone):
    start = "import mien, sys; from snakemake.cli import main; main(sys.argv[1:])"
    printed = clone.run(
        sys.executable, "-c", start, "-n", check=False, PYTHONPATH=str(clone.folder / "src")
    )
    line = f"mien: Python has already imported {clone.folder}/src/mien/__init__.py"
    assert line in printed
    assert "Traceback" not in printed


def test_a_snakefile_without_its_code_says_so(clone):
    (clone.folder / "src/mien").rename(clone.folder / "src/other")
    printed = clone.snakemake("-n", check=False)
    lines = [line for line in printed.splitlines() if line.startswith("mien: ")]
    assert lines == [
        f"mien: {clone.folder}/src/mien is missing: a Snakefile runs the code beside it; put it back"
    ]


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A folder of code, in a project in which it was copied once before."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src/mien").mkdir(parents=True)
    (tmp_path / "src/mien/__init__.py").write_text("of = 'old'\n")
    copy_of(tmp_path / "src")
    (tmp_path / "src/mien/__init__.py").write_text("of = 'today'\n")
    return tmp_path / "src"


def let_pass(seconds):
    """Let all copies be older."""
    for copy in COPIES.iterdir():
        at = copy.stat().st_mtime - seconds
        os.utime(copy, (at, at))


def test_a_copy_that_no_run_uses_is_deleted_after_a_while(source):
    copy = copy_of(source)
    drop_old_copies(copy)
    assert len(list(COPIES.iterdir())) == 2  # the other may be that of a run that just began
    let_pass(KEPT_S + 1)
    drop_old_copies(copy)
    assert [path.name for path in COPIES.iterdir()] == [copy.name]


def test_no_copy_is_deleted_beside_a_run(source):
    copy = copy_of(source)
    let_pass(KEPT_S + 1)
    lock = Path(".snakemake/locks/0.input.lock")
    lock.parent.mkdir()
    lock.touch()
    drop_old_copies(copy)
    assert len(list(COPIES.iterdir())) == 2


def test_a_file_of_code_that_vanishes_while_it_is_read_ends_with_one_line(
    source, monkeypatch, capsys
):
    monkeypatch.setenv(GIVEN, str(copy_of(source)))
    refuse_edited(source, is_main_process=True)
    (source / "mien/gone.py").symlink_to("nowhere.py")
    with pytest.raises(SystemExit):
        refuse_edited(source, is_main_process=True)
    assert "was edited while it was read; run snakemake again" in capsys.readouterr().err


def test_hashes_of_code_are_remembered_for_the_same_code_alone(clone):
    memory = clone.folder / ".snakemake/codes.json"
    plan = clone.planned()
    first = memory.read_text()
    assert clone.planned() == plan
    assert memory.read_text() == first
    for damaged in (
        "",
        "{}",
        "[1]",
        first[:-9],
        first.replace('"commands": {', '"commands": {"x": 1, '),
    ):
        memory.write_text(damaged)
        assert clone.planned() == plan
        assert memory.read_text() == first
    limit(clone, "import io\n", "import io\nLIMIT = 3\n")
    assert "train_resnet" in clone.planned()
    assert memory.read_text() != first
