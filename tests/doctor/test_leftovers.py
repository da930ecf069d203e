"""Locks of killed runs are told from those of living ones."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mien.doctor import leftovers
from mien.doctor.finding import Finding


@pytest.fixture
def rwlock(project):
    """Write DVC's table of paths, as DVC writes it: one process that writes, or one that reads."""

    def write(process: int, kind: str = "write") -> None:
        entry = {"pid": process, "cmd": "dvc repro"}
        table = {
            "read": {},
            kind: {str(project / "models"): {"write": entry, "read": [entry]}[kind]},
        }
        (project / ".dvc" / "tmp").mkdir(parents=True, exist_ok=True)
        (project / ".dvc" / "tmp" / "rwlock").write_text(json.dumps(table))

    return write


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def working(tmp_path):
    """A process by the name of dvc that works in this folder."""
    program = tmp_path / "dvc"
    program.write_text("import time\ntime.sleep(60)\n")
    process = subprocess.Popen([sys.executable, str(program), "repro"])
    yield process.pid
    process.kill()
    process.wait()


def test_a_killed_snakemake_leaves_a_lock_that_unlock_removes(project):
    rule = "rule wait:\n    output: 'done'\n    shell: 'touch started; sleep 60'\n"
    (project / "Snakefile").write_text(rule)
    snakemake = [sys.executable, "-m", "snakemake", "--quiet"]
    run = subprocess.Popen([*snakemake, "--cores", "1"], start_new_session=True)
    while not (project / "started").exists():
        assert run.poll() is None
        time.sleep(0.05)
    at_work = Finding("note", f"Snakemake is at work here, as process {run.pid}")
    assert leftovers.snakemake_lock() == at_work
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    finding = leftovers.snakemake_lock()
    assert (finding.level, finding.command) == ("wrong", "snakemake --unlock")
    subprocess.run([*snakemake, "--unlock"], check=True)
    assert leftovers.snakemake_lock() == Finding("ok", "no lock")


@pytest.mark.usefixtures("project")
def test_a_folder_that_nobody_locked_is_free():
    assert leftovers.snakemake_lock() == Finding("ok", "no lock")
    assert leftovers.dvc_lock() == Finding("ok", "no lock")


@pytest.mark.parametrize("kind", ["write", "read"])
def test_dvc_clears_by_itself_what_an_ended_process_left(rwlock, ended, kind):
    rwlock(ended, kind)
    text = "a killed DVC left its lock; the next one clears it"
    assert leftovers.dvc_lock() == Finding("ok", text)


def test_a_living_dvc_is_at_work(rwlock, working):
    rwlock(working)
    assert leftovers.dvc_lock() == Finding("note", f"DVC is at work here, as process {working}")


def test_another_program_with_the_number_of_a_killed_dvc_blocks_it(rwlock):
    rwlock(os.getpid())
    finding = leftovers.dvc_lock()
    assert (finding.level, finding.command) == ("wrong", "rm .dvc/tmp/rwlock")
    assert str(os.getpid()) in finding.text


@pytest.mark.parametrize("text", ["", '{"write": {', "[]", '{"write": {"models": 1}}'])
def test_a_table_cut_short_by_a_kill_is_removed(project, text):
    (project / ".dvc" / "tmp").mkdir(parents=True)
    (project / ".dvc" / "tmp" / "rwlock").write_text(text)
    text = "a killed DVC cut .dvc/tmp/rwlock short"
    assert leftovers.dvc_lock() == Finding("wrong", text, "rm .dvc/tmp/rwlock")


def test_a_lock_by_links_outlives_a_killed_dvc(project, request):
    folder = project / ".dvc" / "tmp"
    folder.mkdir(parents=True)
    (folder / "lock").write_text("4711\n")  # as DVC leaves it when it locks by flock
    assert leftovers.dvc_lock() == Finding("ok", "no lock")
    os.link(folder / "lock", folder / "claim.lock")
    assert leftovers.dvc_lock() == Finding(
        "wrong", "a killed DVC left its lock", "rm .dvc/tmp/lock"
    )
    process = request.getfixturevalue("working")
    assert leftovers.dvc_lock() == Finding("note", f"DVC is at work here, as process {process}")
