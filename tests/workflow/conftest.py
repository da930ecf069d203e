"""The tiny project, built once."""

import shutil

import pytest
from running import kill_when, snakemake, write_project


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The project, killed once in the middle and then built to the end; not to be changed."""
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    kill_when(folder, "data/faces.csv")
    (folder / "killed.txt").write_text("\n".join(sorted(map(str, folder.rglob("data/**/*")))))
    assert snakemake(folder, "--unlock").returncode == 0
    done = snakemake(folder)
    assert done.returncode == 0, done.stdout
    (folder / "second.txt").write_text(done.stdout)
    return folder


@pytest.fixture
def project(built, tmp_path):
    """A copy of the built project that a test may change."""
    copy = tmp_path / "project"
    shutil.copytree(built, copy, copy_function=shutil.copy2)
    return copy
