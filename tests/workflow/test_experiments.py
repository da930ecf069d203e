"""`dvc exp run` runs what a changed variant asks for, and nothing that DVC has run before."""

import subprocess

from toy import wait_until

# DVC deletes what it does not cache, as the figures that are in git: they are made again
SMALL = ["agreement", "card", "card", "card", "compare", "measure", "page", "plots", "predict"]
SMALL += ["slices", "statement", "suspects", "variant-page", "yolo"]


def verbs(jobs):
    return sorted(job.split()[0] for job in jobs)


def test_a_variant_changed_and_changed_back_trains_once(clone):
    clone.run("dvc", "exp", "run", "--set-param", "variants.small.epochs=50")
    assert verbs(clone.ran()) == SMALL
    assert clone.planned() == {}
    clone.run("dvc", "exp", "run", "--set-param", "variants.small.epochs=60")
    assert verbs(clone.ran()) == SMALL
    clone.run("dvc", "exp", "run", "--set-param", "variants.small.epochs=50")
    assert clone.ran() == []
    assert clone.planned() == {}


def test_an_experiment_in_a_folder_of_its_own_runs_the_right_jobs_and_can_be_applied(clone):
    clone.run("dvc", "exp", "run", "--temp", "--name", "other", "-S", "variants.small.epochs=50")
    assert verbs(clone.ran()) == SMALL
    assert clone.planned() == {}
    clone.run("dvc", "exp", "apply", "other")
    assert clone.planned() == {}
    assert "epochs: 50" in (clone.folder / "params.yaml").read_text()


def test_queued_experiments_run_side_by_side(clone):
    for epochs in (50, 60):
        clone.run("dvc", "exp", "run", "--queue", "-S", f"variants.small.epochs={epochs}")
    clone.hold.write_text("models/small/seed-0/model.pt")
    subprocess.run(  # its workers go on, and would keep a pipe open
        ["dvc", "queue", "start", "--jobs", "2"], cwd=clone.folder, env=clone.variables(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    try:
        wait_until(lambda: clone.notes().count("yolo models/small/seed-0/model.pt") == 2)
    finally:
        clone.hold.unlink()
    wait_until(lambda: clone.run("dvc", "queue", "status").count("Success") == 2)
    assert verbs(clone.ran()) == sorted(SMALL * 2)
    clone.run("dvc", "queue", "stop", "--kill", check=False)


def test_new_weights_within_an_experiment_are_asked_for_beforehand(clone):
    clone.edit("params.yaml", "weights: yolov8n-cls.yaml", "weights: more.pt")
    clone.edit(
        "params.yaml",
        "  weights:\n",
        "  weights:\n    more.pt: {path: /nowhere/more.pt, sha256: '" + "0" * 64 + "'}\n",
    )
    printed = clone.run("dvc", "exp", "run", check=False)
    assert (
        "mien: data/weights/more.pt is not up to date, and an experiment does not run the stage acquire"
        in printed
    )
    assert clone.ran() == []


def test_an_experiment_acquires_no_new_source(clone):
    with (clone.folder / "data/sources.csv").open("a") as sources:
        sources.write("both,drawn,mixed-1,4,,\n")
    printed = clone.run("dvc", "exp", "run", check=False)
    assert (
        "mien: data/scenes/both.parquet is not up to date, and an experiment does not run the stage acquire"
        in printed
    )
    assert clone.ran() == []


def test_settings_edited_during_an_experiment_fail_it(clone):
    clone.hold.write_text("data/labels.csv")
    run = clone.start("dvc", "exp", "run", "-S", "labels.quorum=2")
    clone.wait_for("data/.half-labels.csv")
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    clone.hold.unlink()
    assert run.wait() != 0
    printed = clone.printed.read_text()
    assert "mien: params.yaml changed while this ran" in printed
    clone.ran()
    clone.snakemake()
    assert "yolo models/small/seed-0/model.pt" in clone.ran()
    assert clone.run("dvc", "status", "--quiet") == ""
