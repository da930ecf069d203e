"""A project in a folder of its own, in which the checks look."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from running import ROOT


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The demo's settings and sources, freshly cloned: nothing is built, and there is no DVC."""
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    shutil.copy(ROOT / "params.yaml", folder)
    for table in ("sources.csv", "withdrawn.csv"):
        shutil.copy(ROOT / "data" / table, folder / "data")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def configure(project):
    """Write the settings of DVC, shared or local, as DVC writes them."""

    def write(text: str, name: str = "config") -> Path:
        (project / ".dvc").mkdir(exist_ok=True)
        path = project / ".dvc" / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def ask(project):
    """Edit params.yaml: pretrained weights of the detector, by their entry under acquire.weights."""

    def edit(name: str, **entry: str) -> None:
        params = yaml.safe_load((project / "params.yaml").read_text())
        params["acquire"]["weights"] = {name: entry}
        params["faces"] |= {"detector": "yunet", "weights": name}
        (project / "params.yaml").write_text(yaml.safe_dump(params))

    return edit


@pytest.fixture
def dvc(tmp_path):
    """Run DVC itself, without the settings that this machine's user has; return what it says."""

    def run(*arguments: str) -> str:
        environment = {
            **os.environ,
            "DVC_GLOBAL_CONFIG_DIR": str(tmp_path),
            "DVC_NO_ANALYTICS": "1",
        }
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    return run
