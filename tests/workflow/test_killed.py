"""Whatever is killed, the next run finishes, trains no finished model again, and nothing is half."""

import json
import os
import signal
import subprocess

import psutil
import pytest
from toy import wait_until

HELD = "models/large/seed-0/model.pt"


@pytest.fixture
def held(clone):
    """A clone in which all variants train anew, and the variant large never ends."""
    clone.edit("params.yaml", "quorum: 3", "quorum: 2")
    clone.hold.write_text(HELD)
    yield clone
    clone.hold.unlink(missing_ok=True)


def start(toy, *command):
    """Start a command; return once only the held training is at work."""
    process = subprocess.Popen(
        command, cwd=toy.folder, env=toy.variables(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    toy.wait_for("models/large/seed-0/.half-model.pt")
    for other in ("deep", "small"):
        wait_until(lambda: f"measure metrics/runs/{other}" in toy.jobs.read_text())  # noqa: B023
    return process


def finish(toy, *command):
    """Run a command with nothing held; return the models that it trained."""
    toy.hold.unlink()
    toy.ran()
    toy.run(*command)
    return [job.split()[1] for job in toy.ran() if job.split()[0] in ("yolo", "resnet")]


def check_whole(toy):
    for folder in ("data/splits", "models", "metrics"):
        for path in (toy.folder / folder).rglob("*.*"):
            assert json.loads(path.read_text())["output"] == path.name


def words_of(process):
    """Return the command line of a process; of one that has just ended, nothing."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def kill_tree(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_training(held):
    process = start(held, "snakemake", "--cores", "2")
    children = psutil.Process(process.pid).children(recursive=True)
    words = {child: words_of(child) for child in children}
    trainings = [
        child for child in children
        if "fit" in words[child] and any("stand_in" in word for word in words[child])
    ]  # fmt: skip
    assert len(trainings) == 1
    trainings[0].kill()
    assert process.wait() != 0
    assert finish(held, "snakemake", "--cores", "2") == [HELD]
    check_whole(held)
    assert held.planned() == {}


def test_a_killed_snakemake_with_all_its_jobs(held):
    kill_tree(start(held, "snakemake", "--cores", "2"))
    held.run("snakemake", "--unlock")
    assert finish(held, "snakemake", "--cores", "2") == [HELD]
    check_whole(held)
    assert held.planned() == {}


def test_a_killed_experiment(held):
    kill_tree(start(held, "dvc", "exp", "run"))
    held.run("snakemake", "--unlock")
    assert finish(held, "snakemake", "--cores", "2") == [HELD]
    check_whole(held)
    assert held.planned() == {}


def test_a_killed_experiment_started_again(held):
    kill_tree(start(held, "dvc", "exp", "run"))
    assert "after a kill, `snakemake --unlock`" in held.run("dvc", "exp", "run", check=False)
    held.run("snakemake", "--unlock")
    assert HELD in finish(held, "dvc", "exp", "run")
    check_whole(held)
    assert held.planned() == {}


def test_back_to_what_was_committed_after_a_killed_experiment(held):
    held.run("git", "checkout", "HEAD", "--", ".")
    kill_tree(start(held, "dvc", "exp", "run", "-S", "labels.quorum=2"))
    held.run("snakemake", "--unlock")
    held.run("git", "checkout", "HEAD", "--", ".")
    held.run("dvc", "checkout", "--force")
    assert held.planned() == {}
    assert held.run("git", "status", "--short") == ""
