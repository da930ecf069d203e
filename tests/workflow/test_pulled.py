"""A clone that was pulled has nothing to do, whatever became of times and of Snakemake's memory."""

import os
import shutil
import time

import pytest

pytestmark = pytest.mark.xdist_group("clones")

NEW_YEAR_2030 = 1893456000
SMALL = {"train_yolo": 1, "predict": 1, "measure": 1, "compare": 1, "plots": 1, "page": 1}


def test_a_pulled_clone_has_nothing_to_do(clone):
    assert clone.planned() == {}


def test_nor_has_it_without_snakemakes_memory(clone):
    clone.planned()
    shutil.rmtree(clone.folder / ".snakemake")
    assert clone.planned() == {}


def test_nor_has_it_when_everything_was_touched_in_any_order(clone):
    for number, path in enumerate(sorted(clone.folder.rglob("*"), reverse=True)):
        if ".git" not in path.parts and ".dvc" not in path.parts:
            os.utime(path, (time.time() - number, time.time() - number))
    assert clone.planned() == {}


def test_nor_has_it_with_an_input_from_the_future(clone):
    for name in ("data/sources.csv", "data/faces/glad.parquet"):
        os.utime(clone.folder / name, (NEW_YEAR_2030, NEW_YEAR_2030))
    assert clone.planned() == {}
    assert (clone.folder / "data/sources.csv").stat().st_mtime <= time.time()


def test_a_changed_variant_is_trained_before_the_first_run(clone):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    assert clone.planned() == SMALL
    clone.snakemake()
    assert [job.split()[0] for job in clone.ran()] == [
        "compare",
        "measure",
        "page",
        "plots",
        "predict",
        "yolo",
    ]
    assert clone.planned() == {}


def test_what_nobody_can_vouch_for_is_rebuilt(origin):
    shutil.rmtree(origin.folder / ".snakemake")
    shutil.rmtree(origin.folder / "provenance")
    (origin.folder / "dvc.lock").unlink()
    planned = origin.planned()
    assert planned["train_yolo"] == 2
    assert planned["draw"] == planned["detect"] == 2


def test_a_clone_that_was_not_pulled_is_told_to_pull(pushed, tmp_path):
    pushed.run("git", "clone", "--quiet", str(pushed.folder), str(tmp_path / "clone"))
    bare = pushed.at(tmp_path / "clone")
    printed = bare.snakemake(check=False)
    assert (
        "mien: dvc.lock names provenance/acquire.json and more that is not here: run `dvc pull`"
        in printed
    )
    assert "Traceback" not in printed
    assert bare.ran() == []


def test_weights_that_are_merely_not_pulled_are_not_fetched_anew(clone):
    (clone.folder / "data/weights/start.pt").unlink()
    assert clone.planned() == {}
    clone.edit("params.yaml", "epochs: 30", "epochs: 31")
    printed = clone.snakemake(check=False)
    assert (
        "mien: data/weights/start.pt was fetched before and is not here: run `dvc pull`" in printed
    )
    assert "Traceback" not in printed
    assert clone.ran() == []
    clone.run("dvc", "pull", "--quiet", "data/weights")
    clone.snakemake()
    assert "yolo models/large/seed-0/model.pt" in clone.ran()
