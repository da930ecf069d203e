"""Two branches with results of their own: git and DVC switch them, and Snakemake has nothing to do."""

import os
import shutil

import pytest

# root may write what is read-only
WITHOUT_PRIVILEGE = [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override"]


def switch(toy, branch):
    toy.run("git", "checkout", "--quiet", branch)
    toy.run("dvc", "checkout", "--quiet", "--force")


@pytest.mark.parametrize("cache_type", ["copy", "hardlink"])
def test_back_and_forth_between_branches_there_is_nothing_to_do(clone, cache_type):
    clone.run("dvc", "config", "--local", "cache.type", cache_type)
    clone.run("dvc", "checkout", "--quiet", "--force", "--relink")
    for branch in ("longer", "main", "longer", "main"):
        switch(clone, branch)
        assert clone.planned() == {}


def test_outputs_that_dvc_linked_and_made_read_only_are_replaced(clone):
    clone.run("dvc", "config", "--local", "cache.type", "hardlink")
    clone.run("dvc", "checkout", "--quiet", "--force", "--relink")
    model = clone.folder / "models/small/seed-0/model.pt"
    assert model.stat().st_nlink > 1
    assert not model.stat().st_mode & 0o222
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    clone.run(*WITHOUT_PRIVILEGE, "snakemake")
    assert "yolo models/small/seed-0/model.pt" in clone.ran()


def test_settings_of_one_branch_with_outputs_of_the_other_retrain(clone):
    clone.planned()
    clone.run("git", "checkout", "--quiet", "longer", "--", "params.yaml")
    assert clone.planned()["train_yolo"] == 1


def test_models_of_one_branch_in_the_other_retrain(clone):
    clone.planned()
    clone.run("git", "checkout", "--quiet", "longer", "--", "dvc.lock")
    clone.run("dvc", "checkout", "--quiet", "--force", "models")
    clone.run("git", "checkout", "--quiet", "main", "--", "dvc.lock")
    assert clone.planned()["train_yolo"] == 1


def test_snakemakes_memory_of_the_other_branch_does_no_harm(clone, tmp_path):
    switch(clone, "longer")
    assert clone.planned() == {}
    shutil.copytree(clone.folder / ".snakemake", tmp_path / "memory")
    switch(clone, "main")
    shutil.rmtree(clone.folder / ".snakemake")
    shutil.copytree(tmp_path / "memory", clone.folder / ".snakemake")
    assert clone.planned() == {}


def test_memory_of_the_other_branch_from_where_it_was_built_does_no_harm(origin):
    """The records that Snakemake itself wrote while it built the other branch."""
    origin.run("dvc", "checkout", "--quiet", "--force")
    assert origin.planned() == {}
    switch(origin, "longer")
    assert origin.planned() == {}
