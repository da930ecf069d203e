"""A clone that was pulled has nothing to do, whatever became of times and of Snakemake's memory."""

import os
import shutil
import time

import pytest
from running import run
from toy import ROOT

NEW_YEAR_2030 = 1893456000
SMALL = {"train_yolo": 1, "predict": 1, "measure": 1, "variant_page": 1}
SMALL |= {"compare": 1, "plots": 1, "slices": 1, "suspects": 1, "card": 3, "page": 1}


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


def test_nor_has_it_when_the_cache_of_hashes_is_lost(clone):
    clone.planned()
    (clone.folder / ".snakemake/mien.json").unlink()
    assert clone.planned() == {}


def test_nor_has_a_copy_with_new_times_right_after_a_run(origin, tmp_path):
    origin.edit("params.yaml", "epochs: 20", "epochs: 21")
    origin.snakemake()
    copy = origin.at(tmp_path / "copy")
    shutil.copytree(origin.folder, copy.folder, copy_function=shutil.copy)
    assert copy.planned() == {}


def test_a_changed_input_from_the_future_does_no_harm(clone):
    ballots = clone.folder / "data/ballots/ada.csv"
    ballots.write_text("face_id,vote\n7,angry\n")
    os.utime(ballots, (NEW_YEAR_2030, NEW_YEAR_2030))
    clone.snakemake("data/labels.csv")
    assert "consensus data/labels.csv" in clone.ran()


def test_a_changed_variant_is_trained_before_the_first_run(clone):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    assert clone.planned() == SMALL
    clone.snakemake()
    assert [job.split()[0] for job in clone.ran()] == [
        "card",
        "card",
        "card",
        "compare",
        "measure",
        "page",
        "plots",
        "predict",
        "slices",
        "suspects",
        "variant-page",
        "yolo",
    ]
    assert clone.planned() == {}


def test_a_model_that_is_gone_is_trained_again(clone):
    (clone.folder / "models/small/seed-0/model.pt").unlink()
    assert clone.planned()["train_yolo"] == 1


def test_a_run_without_all_its_files_is_not_committed(clone):
    lock = (clone.folder / "dvc.lock").read_bytes()
    (clone.folder / "data/scenes/glad.parquet").unlink()
    clone.edit("params.yaml", "bootstrap_samples: 2000", "bootstrap_samples: 2001")
    (clone.folder / "workflow/rules/report.smk").write_text(
        (clone.folder / "workflow/rules/report.smk")
        .read_text()
        .replace('        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),\n', "")
    )  # else the page would have the scene drawn again
    (clone.folder / "metrics/report.html").unlink()
    printed = clone.snakemake()
    assert "mien: dvc.lock is as it was, since data/scenes/glad.parquet is not here" in printed
    assert (clone.folder / "dvc.lock").read_bytes() == lock


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
    assert "`snakemake acquired -R weights`" in printed
    assert "Traceback" not in printed
    assert clone.ran() == []
    clone.run("dvc", "pull", "--quiet", "data/weights")
    clone.snakemake()
    assert "yolo models/large/seed-0/model.pt" in clone.ran()


def test_weights_can_be_fetched_anew_by_name(clone):
    (clone.folder / "data/weights/start.pt").unlink()
    clone.snakemake("-R", "weights", "--", "acquired")
    assert clone.ran() == ["weights data/weights/start.pt"]


def test_weights_that_nobody_fetched_are_not_deleted(clone):
    clone.edit("params.yaml", "weights: yolov8n-cls.yaml", "weights: more.pt")
    more = "    more.pt: {path: /nowhere/more.pt, sha256: '" + "1" * 64 + "'}\n"
    clone.edit("params.yaml", "  weights:\n", "  weights:\n" + more)
    (clone.folder / "data/weights/more.pt").write_text("mine")
    printed = clone.snakemake(check=False)
    assert "mien: data/weights/more.pt is here, and nothing says where it is from" in printed
    assert (clone.folder / "data/weights/more.pt").read_text() == "mine"


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD\nstages:\n=======\n", "stages: 3\n"])
def test_a_damaged_lock_is_one_line_or_no_lock(clone, text):
    (clone.folder / "dvc.lock").write_text(text)
    printed = clone.snakemake("-n", check=False)
    assert "Traceback" not in printed
    assert "Nothing to be done" in printed or "mien: dvc.lock cannot be read" in printed


def test_a_lock_that_names_other_results_is_told(clone):
    clone.run("git", "checkout", "--quiet", "longer")
    printed = clone.snakemake("-n")
    assert "mien: The results here differ from dvc.lock. Keep them: `dvc commit`." in printed
    assert clone.planned()["train_yolo"] == 1
    clone.run("dvc", "checkout", "--quiet", "--force")
    assert "differ from dvc.lock" not in clone.snakemake("-n")
    (clone.folder / "dvc.lock").unlink()  # there is nothing to restore
    assert "differ from dvc.lock" not in clone.snakemake("-n")


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this copy of mien is no git repository")
def test_a_clone_of_mien_itself_runs_the_demo(pushed, tmp_path):
    pushed.run("git", "clone", "--quiet", str(ROOT), str(tmp_path / "mien"))
    mien = pushed.at(tmp_path / "mien")
    assert not (mien.folder / "dvc.lock").exists()
    mien.snakemake()
    assert sum(job.startswith("draw ") for job in mien.ran()) == 5
    assert mien.run("dvc", "status", "--quiet") == ""
    assert mien.planned() == {}


def test_in_processes_that_order_sets_otherwise_there_is_nothing_to_do(clone):
    for seed in ("1", "2"):
        plan = ["snakemake", "--cores", "2", "-n"]
        done = run(plan, clone.folder, clone.variables(PYTHONHASHSEED=seed))
        assert "Nothing to be done" in done.stdout
