"""The whole graph on a tiny drawn set: it ends with a report, and reruns what follows a change."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from matrices import by_variant, counted, measured, shown, tabled
from running import ROOT, copy_code, planned, snakemake

pytestmark = pytest.mark.xdist_group("graph")

REPORTS = {"compare": 1, "suspects": 1, "plots": 1, "slices": 1, "card": 3, "page": 1}
TRAINING = {"train_yolo": 1, "train_resnet": 1, "train_probe": 1}
TRAINING |= {"predict": 3, "measure": 3, "variant_page": 3}
ONE_RUN = {"train_yolo": 1, "predict": 1, "measure": 1, "variant_page": 1}
VOTED = {"consensus": 1, "agreement": 1, "second_look": 1, "statement": 1}
LABELLED = {**VOTED, "split": 1, **TRAINING, **REPORTS}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_graph_ends_with_a_report_and_then_has_nothing_to_do(built):
    page = (built / "metrics/report.html").read_text()
    assert "small-yolo" in page
    assert "small-resnet" in page
    pages = sorted(path.name for path in (built / "metrics/report").iterdir())
    assert pages == ["small-probe.html", "small-resnet.html", "small-yolo.html"]
    summary = json.loads((built / "metrics/summary.json").read_text())
    assert [row["variant"] for row in summary["variants"]] == [
        "small-probe",
        "small-resnet",
        "small-yolo",
    ]
    assert all(row["leak"] == 0 for row in summary["variants"])
    for name in (
        "cards/small-yolo.md",
        "cards/small-resnet.md",
        "cards/small-probe.md",
        "data_statement.md",
    ):
        document = (built / "metrics" / name).read_text()
        assert "angry and happy" in document
        assert not re.search(r"\b(None|nan|NaN)\b", document)
    assert planned(built) == {}


def test_the_counts_of_every_matrix_are_those_of_its_predictions(built):
    matrices = counted(built)
    assert set(matrices) == {"small-probe/seed-0", "small-resnet/seed-0", "small-yolo/seed-0"}
    assert all(matrix.total() > 10 for matrix in matrices.values())
    assert tabled(built) == matrices
    assert measured(built) == matrices
    assert shown(built) == by_variant(matrices)


def test_a_split_without_a_test_part_has_nothing_to_open(built):
    command = "from mien.cli import main; main()", "evaluate", "open-test", "small-yolo", "--yes"
    done = subprocess.run(
        [sys.executable, "-c", *command], cwd=built, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "consensus-grouped.csv has no test part" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_simulated_voters_without_errors_agree_with_the_truth(built):
    labels = pd.read_csv(built / "data/labels.csv", dtype="string")
    faces = pd.read_csv(built / "data/faces.csv", dtype="string")
    hoped = labels.merge(faces[["face_id", "expression"]], on="face_id")
    agreed = labels[labels.status == "agreed"]
    assert len(agreed) > 30
    assert (agreed.label == agreed.initial).all()
    assert 0.7 < (hoped.label == hoped.expression).sum() / hoped.label.notna().sum() < 1


def test_a_killed_run_leaves_nothing_half_written_and_the_next_goes_on(built):
    left = (built / "killed.txt").read_text().splitlines()
    assert not [name for name in left if Path(name).name.startswith(".")]
    second = (built / "second.txt").read_text()
    assert "rule draw" not in second
    assert "rule detect" not in second


def test_epochs_of_one_variant_retrain_that_variant_alone(project):
    edit(project / "params.yaml", "epochs: 2", "epochs: 3")
    assert planned(project) == {**ONE_RUN, **REPORTS}


def test_two_numbers_swapped_within_a_variant_are_seen(project):
    edit(project / "params.yaml", "lr0: 0.001", "lr0: 0.2")
    edit(project / "params.yaml", "scale: 0.2", "scale: 0.001")
    assert planned(project)["train_yolo"] == 1
    content = yaml.safe_load((project / "params.yaml").read_text())
    settings = content["variants"]["small-yolo"]["settings"]
    assert (settings["lr0"], settings["scale"]) == (0.2, 0.001)


def test_another_seed_trains_that_seed_alone(project):
    edit(project / "params.yaml", "seeds:\n    - 0", "seeds:\n    - 0\n    - 1")
    assert planned(project) == {**ONE_RUN, **REPORTS}


def test_what_only_the_index_or_a_page_reads_reruns_no_detection_and_no_metrics(project):
    edit(project / "params.yaml", "max_phash_distance: 10", "max_phash_distance: 9")
    jobs = planned(project)
    assert "detect" not in jobs
    assert jobs["index"] == 1
    edit(project / "params.yaml", "max_phash_distance: 9", "max_phash_distance: 10")
    edit(project / "params.yaml", "scenes_per_source: 3", "scenes_per_source: 2")
    assert planned(project) == {"page": 1}
    edit(project / "params.yaml", "scenes_per_source: 2", "scenes_per_source: 3")
    edit(project / "params.yaml", "faces_per_cell: 2", "faces_per_cell: 3")
    assert planned(project) == {"variant_page": 3}


def test_another_source_adds_one_shard(project):
    with (project / "data/sources.csv").open("a") as sources:
        sources.write("both,drawn,mixed-1,4,,\n")
    jobs = planned(project)
    assert jobs.pop("draw") == 1
    assert jobs.pop("detect") == jobs.pop("features") == 1
    assert jobs.pop("index") == jobs.pop("attribution") == jobs.pop("tally") == 1
    assert jobs == {"simulate": 1, **LABELLED}


def test_another_hoped_for_expression_fetches_and_detects_nothing(project):
    edit(project / "data/sources.csv", "happy-1,8,happy", "happy-1,8,angry")
    jobs = planned(project)
    assert "draw" not in jobs
    assert "detect" not in jobs
    assert jobs["index"] == 1


def test_another_ballot_reruns_the_labels_and_what_follows(project):
    face = pd.read_csv(project / "data/faces.csv", dtype="string").iloc[0]
    (project / "data/ballots").mkdir()
    box = f"{face.x},{face.y},{face.width},{face.height}"
    (project / "data/ballots/ada.csv").write_text(
        "face_id,scene_id,x,y,width,height,voter,round,vote,repeat,cast_at\n"
        f"{face.face_id},{face.scene_id},{box},ada,label,happy,0,2025-05-01T10:00:00Z\n"
    )
    assert planned(project) == {"simulate": 1, **LABELLED}  # ada stands in for one of them


def test_an_edited_statement_reruns_from_there_on_and_a_comment_nothing(project):
    package = copy_code(project)
    edit(package / "faces" / "crop.py", '"""', '"""In other words: ')
    (package / "train" / "yolo.py").open("a").write("\n# a remark\n")
    assert planned(project) == {}
    (package / "faces" / "crop.py").open("a").write("\nLIMIT = 3\n")
    jobs = planned(project)
    assert jobs["detect"] == 2
    assert "draw" not in jobs


def test_an_edited_trainer_retrains_its_own_family_alone(project):
    (copy_code(project) / "train" / "resnet.py").open("a").write("\nLIMIT = 3\n")
    jobs = planned(project)
    assert jobs["train_resnet"] == 1
    assert "train_yolo" not in jobs


def test_a_copied_project_runs_its_own_code_whatever_is_installed(project):
    """The mien of this environment is the repository's, and PYTHONPATH names a third one."""
    package = copy_code(project)
    edit(
        package / "labels" / "commands.py",
        "(agreement, figures)",
        '(agreement, {"edited": True})',
    )
    (project / "third" / "mien").mkdir(parents=True)
    (project / "third" / "mien" / "__init__.py").write_text("raise SystemExit('the third')\n")
    third = {"PYTHONPATH": str(project / "third")}
    done = snakemake(project, "metrics/agreement.json", **third)
    assert done.returncode == 0, done.stdout
    assert json.loads((project / "metrics/agreement.json").read_text())["edited"] is True


def test_a_pulled_project_does_not_ask_for_its_folder(project, tmp_path):
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    edit(project / "data/sources.csv", "glad,drawn,happy-1,8", f"glad,folder,{photographs},8")
    pictures = pd.read_parquet(built_scenes(project)).image
    for number, picture in enumerate(pictures[:3]):
        (photographs / f"{number}.jpg").write_bytes(picture)
    assert snakemake(project, "--", "data/scenes/glad.parquet").returncode == 0
    (photographs / "3.jpg").write_bytes(pictures[3])
    assert planned(project)["folder"] == 1
    shutil.rmtree(photographs)
    assert "folder" not in planned(project)


def built_scenes(project: Path) -> Path:
    return project / "data/scenes/glad.parquet"


def test_dvc_draws_the_numbers_of_the_report(project):
    shutil.copy(ROOT / "dvc.yaml", project)
    shutil.copytree(ROOT / ".dvc", project / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache"))
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    done = subprocess.run(
        [*dvc, "plots", "show", "--json"], cwd=project, capture_output=True, text=True, check=True
    )
    drawn = json.loads(done.stdout)
    assert "errors" not in drawn
    points = {name: plots[0]["content"]["data"]["values"] for name, plots in drawn["data"].items()}
    assert len(points["metrics/summary.csv"]) == 3
    assert len(points["metrics/confusion.csv"]) == 3 * 4
    assert len(points["metrics/learning.csv"]) == 2 + 1
    shown = subprocess.run([*dvc, "metrics", "show", "--json"], cwd=project, capture_output=True)
    metrics = json.loads(shown.stdout)[""]["data"]["metrics/summary.json"]["data"]
    assert set(metrics["accuracy"]) == {"small-yolo", "small-resnet", "small-probe"}


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("params.yaml", "detector:", "detektor:", "mien: params.yaml: faces.detektor is not a setting; did you mean 'detector'?"),
        ("params.yaml", "lr0:", "lr00:", "mien: variants.small-yolo.settings.lr00 is not a setting of ultralytics; did you mean 'lr0'?"),
        ("data/sources.csv", "cross,drawn,angry-1", "cross,folder,nowhere", "mien: nowhere: there is no such folder; correct its target in sources.csv"),
        ("data/sources.csv", "cross,drawn", "cross,painted", "mien: data/sources.csv, line 3: kind is 'painted'; it must be one of flickr, video, folder, drawn"),
    ],
)  # fmt: skip
def test_bad_settings_stop_in_one_line_before_any_job(built, tmp_path, file, old, new, line):
    for name in ("params.yaml", "data/sources.csv", "data/withdrawn.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(built / name, tmp_path / name)
    edit(tmp_path / file, old, new)
    done = snakemake(tmp_path)
    assert done.returncode == 2
    assert line in done.stdout.splitlines()
    assert "Traceback" not in done.stdout


def test_the_linter_finds_nothing_but_the_missing_conda_environments(built):
    done = snakemake(built, "--lint")
    found = {line.strip(" *:") for line in done.stdout.splitlines() if line.startswith("    * ")}
    assert found == {"Specify a conda environment or container for each rule."}
