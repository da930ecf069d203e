"""Ledger and dvc.lock name what a run made, by the settings it had; a run that made nothing adds nothing."""

import base64
import shutil

import pytest

MODEL = "models/small/seed-0/model.pt"


def written(toy):
    """Return what dvc.lock and the ledgers hold."""
    paths = [toy.folder / "dvc.lock", *sorted((toy.folder / "provenance").iterdir())]
    return [path.read_bytes() for path in paths]


@pytest.mark.parametrize("arguments", [["--forceall"], [MODEL]])
def test_touching_in_a_fresh_clone_vouches_for_nothing(clone, arguments):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    before = written(clone)
    clone.snakemake("--touch", *arguments)
    clone.snakemake("--touch", "--no-hooks", *arguments)
    assert clone.planned()["train_yolo"] == 1
    assert written(clone) == before


def test_models_passed_over_as_their_times_are_new_are_not_committed(clone):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    before = written(clone)
    printed = clone.snakemake("--rerun-triggers", "mtime")
    assert "was made by other settings, code or inputs, so that dvc.lock is as it was" in printed
    assert written(clone) == before
    assert clone.planned()["train_yolo"] == 1


def test_models_made_without_a_record_are_not_committed_and_made_again(clone):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    before = written(clone)
    printed = clone.snakemake("--drop-metadata")
    assert "it is not what its job made, so that dvc.lock is as it was" in printed
    assert written(clone) == before
    assert clone.planned()["train_yolo"] == 1


def test_a_half_written_model_is_made_again_even_if_incomplete_files_are_ignored(clone):
    clone.planned()
    (clone.folder / MODEL).write_text("half")
    name = base64.urlsafe_b64encode(MODEL.encode()).decode()
    (clone.folder / ".snakemake/incomplete" / name).write_text('{"external_jobid": null}')
    (clone.folder / "profiles/default/config.yaml").write_text("cores: 2\n")
    clone.snakemake("--touch", MODEL, "--ignore-incomplete")
    assert clone.planned("--ignore-incomplete")["train_yolo"] == 1


@pytest.mark.parametrize("part", ["--allowed-rules", "--until"])
def test_a_run_of_some_rules_moves_nothing_aside_and_commits_nothing(clone, part):
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    lock = (clone.folder / "dvc.lock").read_bytes()
    rules = ["all", "compare"] if part == "--allowed-rules" else ["train_yolo"]
    clone.snakemake(part, *rules)
    assert not (clone.folder / ".mien/leftovers").exists()
    assert (clone.folder / "dvc.lock").read_bytes() == lock


def test_what_partial_runs_made_is_committed_by_a_whole_run_with_nothing_to_do(clone):
    clone.edit("params.yaml", "quorum: 3", "quorum: 2")
    lock = (clone.folder / "dvc.lock").read_bytes()
    clone.snakemake("data/labels.csv")
    clone.snakemake("--until", "all", "-R", "compare")
    clone.ran()
    assert "The results here differ from dvc.lock" in clone.snakemake("-n")
    assert (clone.folder / "dvc.lock").read_bytes() == lock
    printed = clone.snakemake()
    assert "Nothing to be done" in printed
    assert "mien: dvc.lock names these results" in printed
    assert clone.ran() == []
    assert clone.run("dvc", "status", "--quiet") == ""
    assert "mien:" not in clone.snakemake()


def test_a_commit_that_failed_ends_with_an_error_and_is_made_by_the_next_run(clone):
    cache = clone.folder / ".dvc/cache/files"
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    lock = (clone.folder / "dvc.lock").read_bytes()
    cache.rename(cache.with_name("aside"))
    cache.write_text("in the way")
    for _ in range(2):  # the second one has nothing else to do
        with pytest.raises(AssertionError, match=r"mien: `dvc commit --force acquire .* failed: "):
            clone.snakemake()
    assert (clone.folder / "dvc.lock").read_bytes() == lock
    cache.unlink()
    cache.with_name("aside").rename(cache)
    clone.ran()
    assert "mien: dvc.lock names these results" in clone.snakemake()
    assert clone.ran() == []
    assert clone.run("dvc", "status", "--quiet") == ""
    shutil.rmtree(clone.folder / ".snakemake")
    assert clone.planned() == {}


def test_without_a_git_repository_a_run_ends_well_and_says_how_to_have_dvc_lock(origin):
    shutil.rmtree(origin.folder / ".git")
    origin.edit("params.yaml", "epochs: 20", "epochs: 21")
    lock = (origin.folder / "dvc.lock").read_bytes()
    printed = origin.snakemake()
    assert "dvc.lock was not written: DVC needs a git repository, so type `git init`" in printed
    assert (origin.folder / "dvc.lock").read_bytes() == lock
    again = origin.snakemake()
    assert "Nothing to be done" in again
    assert "dvc" not in again, "what DVC cannot do is not advised"
    origin.run("git", "init", "--quiet")
    assert "dvc.lock names these results" in origin.snakemake()
    assert (origin.folder / "dvc.lock").read_bytes() != lock
