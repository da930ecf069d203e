"""A project whose stages take milliseconds: the real graph, Snakemake, DVC and git, no real work."""

import os
import shutil
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import forked
import running
import yaml
from running import ROOT, SOURCES, jobs_in

GRAPH = ("Snakefile", "dvc.yaml", "profiles", "workflow", "src", ".dvc", ".dvcignore", ".gitignore")
PRIVATE = shutil.ignore_patterns("__pycache__", "*.egg-info", "tmp", "cache", "config.local")


class Toy:
    """A project in a folder, and an environment whose `mien` is the stand-in."""

    def __init__(self, folder: Path, environment: Path) -> None:
        self.folder, self.environment = folder, environment
        self.jobs = folder.with_suffix(".jobs")  # what the stand-in did
        self.printed = folder.with_suffix(".printed")
        self.hold = folder.with_suffix(".hold")  # the outputs at which the stand-in waits

    def at(self, folder: Path) -> "Toy":
        """Return the project in another folder."""
        return Toy(folder, self.environment)

    def run(self, *command: str, check: bool = True, **extra: str) -> str:
        """Run a command to its end; return what it printed."""
        run = forked.run if command[0] in forked.PROGRAMS else running.run
        done = run(command, self.folder, self.forking(**extra))
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def start(self, *command: str) -> forked.Process:
        """Start Snakemake or DVC; the file `printed` has what it says."""
        with self.printed.open("w") as file:
            files = file.fileno(), file.fileno()
            return forked.Process(command, self.folder, self.forking(), *files)

    def forking(self, **extra: str) -> dict[str, str]:
        """Return the variables of a run whose programs are forks."""
        return self.variables(**{forked.SERVER: forked.server()[0]}, **extra)

    def variables(self, **extra: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {
            **inherited,
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder / "src"),
            "JOBS": str(self.jobs),
            "HOLD": str(self.hold),
            "DVC_GLOBAL_CONFIG_DIR": str(self.environment / "dvc"),
            "DVC_SITE_CACHE_DIR": str(self.environment / "site-cache"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": str(self.environment / "gitconfig"),
            **extra,
        }

    def snakemake(self, *arguments: str, **extra: str) -> str:
        return self.run("snakemake", "--cores", "2", *arguments, **extra)

    def planned(self, *arguments: str) -> dict[str, int]:
        """Return what `snakemake -n` would run: the number of jobs of each rule but the targets."""
        return jobs_in(self.snakemake("-n", *arguments))

    def ran(self) -> list[str]:
        """Return the jobs that ran since this was last asked: what each did, and its first file."""
        lines = self.notes()
        self.jobs.unlink(missing_ok=True)
        return sorted(line for line in lines if not line.startswith("end "))

    def notes(self) -> list[str]:
        """Return what the stand-in noted, in the order it happened: each start, and each end."""
        return self.jobs.read_text().splitlines() if self.jobs.exists() else []

    def wait_for(self, name: str) -> None:
        """Wait until the file is there; fail after a minute."""
        wait_until((self.folder / name).exists)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def commit(self, message: str = "keep") -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fail after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def write_toy(folder: Path) -> None:
    """Write a project of two drawn sources, one pretrained file and three variants."""
    folder.mkdir()
    for name in GRAPH:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=PRIVATE)
        else:
            shutil.copy(source, folder / name)
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["labels"]["expressions"] = ["angry", "happy"]
    yolo, resnet = params["variants"]["yolov8n-64"], params["variants"]["resnet50-64"]
    small, large = yolo | {"epochs": 20}, deepcopy(yolo) | {"epochs": 30, "weights": "start.pt"}
    params["acquire"]["weights"]["start.pt"] = {"path": "/nowhere/start.pt", "sha256": "0" * 64}
    params["variants"] = {"small": small, "large": large, "deep": resnet}
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    (folder / "data" / "ballots").mkdir(parents=True)
    (folder / "data" / "ballots" / "ada.csv").write_text("face_id,vote\n1,happy\n")
    (folder / "data" / "sources.csv").write_text(SOURCES)
    (folder / "data" / "withdrawn.csv").write_text("what,sha256,withdrawn_at\n")
    for name in ("second_look.csv", "test_openings.csv"):
        shutil.copy(ROOT / "data" / name, folder / "data")
