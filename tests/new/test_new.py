"""A project in a folder of its own: made for a person's own pictures, and run where it lies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from running import ROOT, snakemake
from typer.testing import CliRunner

from mien.acquire.sources import read_sources
from mien.acquire.tables import WITHDRAWN
from mien.cli import app
from mien.errors import MienError
from mien.evaluate.tables import OPENINGS
from mien.new import project as template
from mien.params import load
from mien.tables import read_csv


def make(*arguments: str | Path) -> str:
    return CliRunner().invoke(app, ["new", *map(str, arguments)], catch_exceptions=False).stdout


def refused(*arguments: str | Path) -> str:
    outcome = CliRunner().invoke(app, ["new", *map(str, arguments)])
    assert isinstance(outcome.exception, MienError), outcome.output
    return str(outcome.exception)


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "mine"
    make(folder, "--expressions", "smiling, serious")
    return folder


@pytest.fixture
def pictures(tmp_path):
    """Two folders of one picture each, named after classes, and one that is not."""
    drawn = cv2.imread(str(ROOT / "docs" / "report.png"))
    for name in ("smiling", "serious", "rest"):
        (tmp_path / "My photos, 2024" / name).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "My photos, 2024" / name / "one.png"), drawn[:90, :90])
    return tmp_path / "My photos, 2024"


def test_a_new_project_has_its_classes_and_a_detector_for_photographs(made):
    params = load(made / "params.yaml")
    assert params.labels.expressions == ["smiling", "serious"]
    assert params.faces.detector == "yunet"


def test_its_tables_are_empty_and_as_declared(made):
    assert read_csv(made / "data/withdrawn.csv", WITHDRAWN).empty
    assert read_csv(made / "data/test_openings.csv", OPENINGS).empty
    with pytest.raises(MienError, match="there are no sources; write one line for each"):
        read_sources(made / "data/sources.csv", ["smiling", "serious"])


def test_without_classes_it_has_those_of_mien(tmp_path):
    make(tmp_path / "mine")
    assert load(tmp_path / "mine" / "params.yaml").labels.expressions == [
        "angry", "happy", "neutral", "surprised",
    ]  # fmt: skip


def test_it_names_the_same_settings_as_the_demo(made):
    def names(content: object) -> object:
        if not isinstance(content, dict):
            return None
        return {key: names(value) for key, value in content.items() if key != "variants"}

    demo = load(ROOT / "params.yaml").model_dump()
    assert names(load(made / "params.yaml").model_dump()) == names(demo)


def test_all_code_of_the_clone_is_in_it_and_nothing_else(made):
    here = {name for name in contents(made) if name.startswith(("src/", "workflow/", "Snakefile"))}
    tracked = subprocess.run(
        ["git", "ls-files", "src", "workflow", "Snakefile"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    ).stdout.split()  # fmt: skip
    written = [name for name in tracked if (ROOT / name).exists()]
    assert set(written) <= here
    assert not [name for name in here if "__pycache__" in name or ".egg-info" in name]


def test_it_says_what_to_type_next(tmp_path):
    said = make(tmp_path / "mine")
    assert [line.split("#")[0].strip() for line in said.splitlines()[2:-1]] == [
        f"cd {tmp_path / 'mine'}", "edit data/sources.csv", "snakemake faces", "mien vote", "snakemake",
    ]  # fmt: skip


def test_sorted_folders_of_pictures_become_sources_with_first_labels(tmp_path, pictures):
    make(tmp_path / "mine", "--expressions", "smiling,serious", "--pictures", pictures)
    sources = read_sources(tmp_path / "mine" / "data" / "sources.csv", ["smiling", "serious"])
    assert list(sources.source_id) == ["smiling", "serious"]
    assert list(sources.expression) == ["smiling", "serious"]
    assert list(sources.target) == [str(pictures / "smiling"), str(pictures / "serious")]


def test_a_folder_that_is_not_sorted_becomes_one_source(tmp_path, pictures):
    make(tmp_path / "mine", "--pictures", pictures, "--pictures", pictures)
    sources = read_sources(tmp_path / "mine" / "data" / "sources.csv", ["happy"])
    assert list(sources.source_id) == ["my-photos-2024", "my-photos-2024-2"]
    assert sources.expression.isna().all()


def test_folders_that_give_no_first_label_are_named(tmp_path, pictures):
    (pictures / ".thumbnails").mkdir()
    note = f"note: {pictures}: "
    wrong = make(tmp_path / "typo", "--expressions", "smiling,serius", "--pictures", pictures)
    assert (
        note
        + "left out, as no expression is called so: rest, serious; to take rest, add to data/sources.csv: "
        f'rest,folder,"{pictures / "rest"}",100000,,; no folder for serius\n'
    ) in wrong
    none = make(tmp_path / "mine", "--pictures", pictures)
    assert (
        note + "no folder in it (rest, serious, smiling) is named after an expression "
        "(angry, happy, neutral, surprised): no first labels\n"
    ) in none
    shutil.rmtree(pictures / "rest")
    right = make(tmp_path / "right", "--expressions", "smiling,serious", "--pictures", pictures)
    flat = make(tmp_path / "flat", "--pictures", pictures / "smiling")
    assert "note:" not in right + flat


def test_who_has_pictures_is_told_to_name_the_people_on_them(tmp_path, pictures):
    said = make(tmp_path / "mine", "--pictures", pictures)
    assert "  edit data/sources.csv # group: who is on a picture; " in said


def test_its_graph_is_planned_without_a_fault(tmp_path, pictures):
    folder = tmp_path / "mine"
    make(folder, "--expressions", "smiling,serious", "--pictures", pictures)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "train_yolo" in done.stdout


def test_what_is_there_is_not_written_over(made, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(made, folder)
    (folder / "params.yaml").write_text("# mine\n" + (folder / "params.yaml").read_text())
    (folder / "data" / "withdrawn.csv").unlink()
    before = contents(folder)
    make(folder)
    after = contents(folder)
    assert set(after) - set(before) == {"data/withdrawn.csv"}
    assert {name: after[name] for name in before} == before
    assert make(folder) == f"{folder} lacks nothing to be a project\n"


def test_a_copy_that_was_killed_is_completed(made, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    shutil.copytree(made, folder)
    (folder / "Snakefile").unlink()  # it is copied last
    (folder / "src/mien/cli.py").unlink()
    monkeypatch.chdir(folder)
    said = make(".")
    assert "2 files added" in said
    assert "  cd " not in said, "whoever is there need not go there"
    assert contents(folder) == contents(made)


def test_code_of_another_time_is_not_mixed_with_that_of_today(made, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(made, folder)
    (folder / "src/mien/cli.py").unlink()  # as in a project whose mien had no such module
    make(folder)
    assert not (folder / "src/mien/cli.py").exists()


def test_a_project_whose_own_code_reads_other_settings_gets_what_it_lacks(made, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(made, folder)
    (folder / "params.yaml").write_text("of: another time\n")
    (folder / "src/mien/cli.py").write_text("of = 'another time'\n")
    (folder / "data" / "withdrawn.csv").unlink()
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from mien.cli import main; main()", "new", "."],
        cwd=folder, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "data" / "withdrawn.csv").is_file()


@pytest.mark.parametrize("gone", ["src/mien", "workflow", "dvc.yaml"])
def test_a_snakefile_without_what_it_runs_is_not_taken_for_a_project(tmp_path, gone):
    for name in {"src/mien", "workflow", "dvc.yaml"} - {gone}:
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "Snakefile").write_text("rule all:\n    input: []\n")
    before = contents(tmp_path)
    assert f"has a Snakefile, and lacks {gone}: " in refused(tmp_path)
    assert contents(tmp_path) == before


def test_a_folder_that_a_repository_around_it_keeps_stays_its(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine\n")
    for command in (["init", "--quiet"], ["add", "mine"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    said = make(tmp_path / "mine")
    assert not (tmp_path / "mine" / ".git").exists()
    assert "git is not installed" not in said
    make(tmp_path / "other")
    assert (tmp_path / "other" / ".git").exists()


def test_a_name_with_a_space_is_typed_with_quotes(tmp_path):
    assert f"  cd '{tmp_path}/my faces'" in make(tmp_path / "my faces").splitlines()


def test_a_folder_of_pictures_whose_name_no_table_holds_is_refused(tmp_path):
    pictures = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    pictures.mkdir()
    line = refused(tmp_path / "mine", "--pictures", pictures)
    assert line.endswith("caf\\udce9': the name is not UTF-8; rename it")
    assert not (tmp_path / "mine").exists()


def test_bad_input_is_one_line_and_makes_nothing(tmp_path, pictures):
    folder = tmp_path / "mine"
    assert refused(folder, "--expressions", "happy") == (
        "--expressions happy: labels.expressions is ['happy']; list should have at least 2 items "
        "after validation, not 1"
    )
    assert "'yes' is an answer of the ballots" in refused(folder, "--expressions", "yes,maybe")
    assert "labels.expressions.0: 'a]b' is no name" in refused(folder, "--expressions", "a]b,c")
    assert refused(folder, "--pictures", tmp_path / "none") == (
        f"--pictures {tmp_path / 'none'}: there is no such folder"
    )
    (tmp_path / "bare").mkdir()
    for place, reason in (
        (tmp_path / "bare", "the folder is empty"),
        (pictures / "rest" / "one.png", "a file; name its folder"),
    ):
        assert refused(folder, "--pictures", place) == f"--pictures {place}: {reason}"
    assert not folder.exists()
    assert refused(pictures / "rest" / "one.png").endswith("a file is there; name a folder")


def test_options_for_what_is_there_already_are_refused(made, pictures):
    assert "params.yaml is there already" in refused(made, "--expressions", "a,b")
    assert "sources.csv is there already" in refused(made, "--pictures", pictures)


def test_a_mien_without_its_clone_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(template, "CLONE", tmp_path)
    assert "a clone of mien" in refused(tmp_path / "mine")


def test_a_folder_that_lacks_a_table_stops_snakemake_with_one_line(tmp_path):
    for path in ("params.yaml", "data/sources.csv"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    done = snakemake(tmp_path, "-n")
    said = [line for line in done.stdout.splitlines() if line.startswith("mien: ")]
    missing = "data/withdrawn.csv: the file is missing; `mien new .` adds what is missing"
    assert said == [f"mien: {missing}"]
    assert "Exception" not in done.stdout
    assert done.returncode == 2
