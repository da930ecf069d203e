"""Real Snakemake runs of a tiny project: two drawn sources, two variants."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import forked
import yaml

ROOT = Path(__file__).parents[1]

TARGETS = ("all", "acquired", "faces", "dataset")
SOURCES = """\
source_id,kind,target,limit,expression,group
glad,drawn,happy-1,8,happy,
cross,drawn,angry-1,8,angry,
"""


def write_project(folder: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["labels"]["expressions"] = ["angry", "happy"]
    params["labels"]["simulated"] |= {"error_rate": 0.0, "absent_rate": 0.0}
    params["train"]["split"] |= {"test_share": 0, "folds": 2}
    params["evaluate"]["bootstrap_samples"] = 50
    params["report"] |= {"faces_per_class": 2, "faces_per_cell": 2, "worst_errors": 2}
    yolo, resnet = params["variants"]["yolov8n-64"], params["variants"]["resnet50-64"]
    params["variants"] = {
        "small-yolo": yolo | {"image_size_px": 32, "epochs": 2},
        "small-resnet": resnet | {"image_size_px": 32, "epochs": 1},
        "small-probe": params["variants"]["probe-hog"],
    }
    (folder / "data").mkdir(parents=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    (folder / "data" / "sources.csv").write_text(SOURCES)
    (folder / "data" / "withdrawn.csv").write_text("what,sha256,withdrawn_at\n")


def copy_example(name: str, folder: Path) -> None:
    """Write the project examples/<name> into the folder, without what runs of it made."""
    (folder / "data").mkdir(parents=True)
    for file in ("params.yaml", "data/sources.csv", "data/withdrawn.csv"):
        shutil.copy(ROOT / "examples" / name / file, folder / file)


def copy_code(folder: Path) -> Path:
    """Give the project code of its own, which may be edited; return its package."""
    for name in ("workflow", "src"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copy(ROOT / "dvc.yaml", folder)
    return folder / "src" / "mien"


def command(folder: Path, *arguments: str) -> list[str]:
    """Return a run of the project's own code where it has some, else of the repository's."""
    return [sys.executable, "-m", *words(folder, *arguments)]


def words(folder: Path, *arguments: str) -> list[str]:
    """Return the same run as the words that are typed."""
    code = folder if (folder / "Snakefile").exists() else ROOT
    snakemake = ["snakemake", "--snakefile", str(code / "Snakefile")]
    return [*snakemake, "--directory", str(folder), "--cores", "2", *arguments]


def snakemake(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Snakemake to its end, whatever it is; stdout and stderr come together."""
    variables = {**os.environ, **forked.environment(), **environment}
    return forked.run(words(folder, *arguments), Path(), variables)


def run(
    command: Sequence[str], folder: Path, variables: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, whatever it is; stdout and stderr come together."""
    return subprocess.run(
        command, cwd=folder, env=variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def planned(folder: Path, **environment: str) -> dict[str, int]:
    """Return what `snakemake -n` would run: the number of jobs of each rule, targets left out."""
    done = snakemake(folder, "-n", **environment)
    assert done.returncode == 0, done.stdout
    return jobs_in(done.stdout)


def jobs_in(plan: str) -> dict[str, int]:
    """Return the number of jobs of each rule that `snakemake -n` names, targets left out."""
    if "Nothing to be done" in plan:
        return {}
    table = plan.split("Job stats:")[1].split("total")[0]
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table, re.M)}
    return {name: count for name, count in jobs.items() if name not in TARGETS}


def kill_when(folder: Path, appears: str) -> None:
    """Start a run and kill it with all its processes once the file is there."""
    run = subprocess.Popen(
        command(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (folder / appears).exists():
        assert run.poll() is None, "the run ended before the file appeared"
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
