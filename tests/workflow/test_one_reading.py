"""A run reads each file once: its plan, its jobs and dvc.lock speak of the same settings."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from toy import wait_until

from workflow.lib.reading import difference, look
from workflow.lib.stages import Stages

WAIT = """\
import time

Path("waiting").touch()
while Path("wait").exists():
    time.sleep(0.02)
"""
MODEL = "models/small/seed-0/model.pt"
SLOW_DVC = """\
#!/bin/sh
touch waiting
while [ -e wait ]; do sleep 0.02; done
exec "{dvc}" "$@"
"""


class Waiting:
    """A run that waits at a certain place until it is told to go on."""

    def __init__(self, toy, **extra):
        self.toy = toy
        (toy.folder / "wait").touch()
        self.run = subprocess.Popen(
            ["snakemake", "--cores", "2"], cwd=toy.folder, env=toy.variables(**extra),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        wait_until(lambda: (toy.folder / "waiting").exists() or self.run.poll() is not None)

    def end(self):
        """Return what the run printed."""
        (self.toy.folder / "wait").unlink()
        printed, _ = self.run.communicate()
        assert self.run.returncode == 0, printed
        return printed


def model_of(toy):
    """Return the model of the variant small, made anew by the settings there are."""
    toy.snakemake("--forceall", MODEL)
    return (toy.folder / MODEL).read_bytes()


def test_settings_edited_while_the_snakefile_is_read_reach_neither_jobs_nor_lock(clone):
    clone.edit("Snakefile", "RUN.before(", WAIT + "RUN.before(")
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    lock = (clone.folder / "dvc.lock").read_bytes()
    waiting = Waiting(clone)
    clone.edit("params.yaml", "epochs: 21", "epochs: 22")
    printed = waiting.end()
    assert "mien: params.yaml changed while this ran, so that dvc.lock is as it was" in printed
    assert (clone.folder / "dvc.lock").read_bytes() == lock
    made = (clone.folder / MODEL).read_bytes()
    assert clone.planned()["train_yolo"] == 1
    clone.edit("params.yaml", "epochs: 22", "epochs: 21")
    assert clone.planned() == {}
    assert model_of(clone) == made


def test_a_ballot_file_that_went_after_it_was_read_keeps_dvc_lock_as_it_was(clone):
    clone.edit("Snakefile", "RUN.before(", WAIT + "RUN.before(")
    clone.edit("params.yaml", "bootstrap_samples: 2000", "bootstrap_samples: 2001")
    lock = (clone.folder / "dvc.lock").read_bytes()
    waiting = Waiting(clone)
    (clone.folder / "data/ballots/ada.csv").unlink()
    assert "mien: data/ballots/ada.csv changed while this ran" in waiting.end()
    assert (clone.folder / "dvc.lock").read_bytes() == lock


def put_back(path):
    """Edit a file and put its content and time back."""
    times, text = path.stat(), path.read_text()
    path.write_text(text + "# more\n")
    path.write_text(text)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("edit", [Path.touch, Path.unlink, put_back])
@pytest.mark.parametrize(
    "name",
    [
        "params.yaml", "dvc.yaml", "Snakefile", "workflow/rules/labels.smk", "src/mien/tables.py",
        "data/sources.csv", "data/withdrawn.csv", "data/ballots/ada.csv", "data/second_look.csv",
    ],
)  # fmt: skip
def test_whatever_decides_is_looked_at(pulled, tmp_path, monkeypatch, name, edit):
    for place in ("params.yaml", "dvc.yaml", "Snakefile", "workflow", "src", "data/ballots"):
        copy = shutil.copytree if (pulled.folder / place).is_dir() else shutil.copy2
        (tmp_path / place).parent.mkdir(exist_ok=True)
        copy(pulled.folder / place, tmp_path / place)
    for table in (pulled.folder / "data").glob("*.csv"):
        shutil.copy2(table, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    stages = Stages(Path("dvc.yaml"))
    before = look(stages.inputs_by_hand())
    assert difference(before, look(stages.inputs_by_hand())) is None
    edit(tmp_path / name)
    assert difference(before, look(stages.inputs_by_hand())) == name
    assert difference(look(stages.inputs_by_hand()), before) == name


def test_of_settings_edited_while_dvc_commits_dvc_lock_does_not_speak(clone, tmp_path):
    slow = tmp_path / "bin" / "dvc"
    slow.parent.mkdir()
    slow.write_text(SLOW_DVC.format(dvc=clone.environment / "bin" / "dvc"))
    slow.chmod(0o755)
    clone.edit("Snakefile", "find_commands()", "")  # which would put the other dvc first
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    lock = (clone.folder / "dvc.lock").read_bytes()
    path = f"{slow.parent}:{clone.environment / 'bin'}:/usr/bin:/bin"
    waiting = Waiting(clone, PATH=path)
    clone.edit("params.yaml", "epochs: 21", "epochs: 22")
    assert "mien: params.yaml changed while this ran" in waiting.end()
    assert (clone.folder / "dvc.lock").read_bytes() == lock


def test_a_job_in_a_process_of_its_own_has_the_settings_that_its_run_began_with(clone):
    clone.planned()
    (given,) = (clone.folder / ".snakemake/given").iterdir()
    labels = (clone.folder / "data/labels.csv").read_bytes()
    clone.edit("params.yaml", "quorum: 3", "quorum: three")
    clone.edit("data/sources.csv", "glad,drawn", "glad,painted")
    (clone.folder / "data/ballots/bea.csv").write_text("face_id,vote\n1,angry\n")
    clone.snakemake(  # as an executor of clusters calls it
        *("--mode", "subprocess", "--nolock", "--no-hooks", "--force", "data/labels.csv"),
        *("--allowed-rules", "consensus"),
        MIEN_PARAMS=str((given / "params.yaml").relative_to(clone.folder)),
    )
    assert clone.ran() == ["consensus data/labels.csv"]
    assert (clone.folder / "data/labels.csv").read_bytes() == labels
