"""The doctor's page: a line a check, the way out below it, exit code 2 when something is wrong."""

import subprocess

import pytest
from typer.testing import CliRunner

from mien.cli import app, main
from mien.doctor import installed, machine
from mien.doctor.asked import CODE
from mien.doctor.commands import examine
from mien.doctor.finding import Finding, worst
from mien.errors import ParamsError


@pytest.fixture
def run(project, monkeypatch):
    """Run `mien doctor` on a machine without a GPU and with all packages; its lines and exit code."""
    monkeypatch.setattr(machine, "GPU", project / "no such device")
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    monkeypatch.setattr(installed.metadata, "requires", lambda _: ["pytest"])

    def doctor() -> tuple[list[str], int]:
        done = CliRunner().invoke(app, ["doctor"], catch_exceptions=False)
        return done.stdout.splitlines(), done.exit_code

    return doctor


def test_a_fresh_clone_of_the_demo_has_nothing_wrong(project, run, dvc):
    for name in CODE:
        (project / name).touch()
    subprocess.run(["git", "init", "--quiet"], check=True)
    dvc("init", "--quiet")
    lines, code = run()
    assert code == 0
    assert (
        "ok     settings          params.yaml; variants: yolov8n-64, resnet50-64, probe-hog"
        in lines
    )
    assert "ok     sources           data/sources.csv; 5 drawn" in lines
    assert "note   GPU               no NVIDIA GPU: training runs on the processor" in lines
    remote = lines.index(
        "note   remote            no default remote: nothing can be pushed or pulled"
    )
    command = "dvc remote add --default <name> <folder, s3://... or ssh://...>"
    assert lines[remote + 1] == " " * 25 + command
    assert {line[:5].strip() for line in lines} == {"ok", "note", ""}


@pytest.mark.usefixtures("project")
def test_what_is_wrong_is_said_with_its_remedy_and_exit_code_2(run):
    lines, code = run()
    assert code == 2
    wrong = lines.index("wrong  DVC               there is no .dvc here, so nothing is versioned")
    assert lines[wrong + 1].strip() == "dvc init"


def test_a_fault_in_the_settings_is_one_line_and_the_other_checks_go_on(project, run):
    path = project / "params.yaml"
    path.write_text(path.read_text().replace("voters: 4", "voters: none"))
    lines, code = run()
    assert code == 2
    assert [line[7:25].strip() for line in lines if "labels.voters" in line] == ["settings"]
    assert "note   sources           not checked, since params.yaml is not valid" in lines
    assert "note   weights           not checked, since params.yaml is not valid" in lines
    assert lines[-1] == "ok     DVC's lock        no lock"


def test_elsewhere_than_in_a_project_one_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["mien", "doctor"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    said = capsys.readouterr()
    line = (
        "mien: this folder is no project of mien: it has no params.yaml and no data/sources.csv; "
        "run in one, or make one: `mien new FOLDER`\n"
    )
    assert (said.out, said.err) == ("", line)


@pytest.mark.parametrize("missing", ["params.yaml", "data/sources.csv", "data/withdrawn.csv"])
def test_a_table_that_a_project_lacks_is_told_with_what_adds_it(project, run, missing):
    (project / missing).unlink()
    lines, code = run()
    said = lines.index(f"wrong  project           this folder lacks {missing}")
    assert (lines[said + 1].strip(), code) == ("mien new .", 2)


@pytest.mark.usefixtures("project")
def test_a_project_whose_code_is_elsewhere_is_told_so(run):
    [line] = [line for line in run()[0] if " project " in line]
    assert "lacks Snakefile, dvc.yaml, workflow, src" in line


def test_a_snakefile_without_its_code_is_told_with_what_restores_it(project, run):
    for name in ("Snakefile", "dvc.yaml"):
        (project / name).write_text("")
    (project / "workflow").mkdir()
    lines, code = run()
    line = "wrong  project           the Snakefile needs src beside it, and this folder lacks it"
    said = lines.index(line)
    assert (lines[said + 1].strip(), code) == ("git checkout src", 2)


def test_no_secret_is_printed(project, run, configure, monkeypatch):
    configure(
        "['remote \"shelf\"']\n    url = ssh://me:hidden1@host/x\n[core]\n    remote = shelf\n"
    )
    configure("['remote \"shelf\"']\n    password = hidden2\n", "config.local")
    monkeypatch.setenv("FLICKR_API_KEY", "hidden3")
    monkeypatch.setenv("FLICKR_API_SECRET", "hidden4")
    sources = project / "data" / "sources.csv"
    sources.write_text("source_id,kind,target,limit\na,flickr,smile,5\n")
    assert "hidden" not in "\n".join(run()[0])
    configure("[core\n    password hidden5\n")
    assert "hidden" not in "\n".join(run()[0])


def test_an_error_that_a_user_can_mend_is_a_finding():
    def raises(error: Exception):
        def check() -> Finding:
            raise error

        return examine(check)

    assert raises(ParamsError("epochs is 0")) == Finding("wrong", "epochs is 0")
    missing = Finding("note", "not checked, since torch is not installed")
    assert raises(ModuleNotFoundError(name="torch")) == missing
    refused = PermissionError(13, "Permission denied", "dvc.lock")
    assert raises(refused) == Finding("wrong", "not checked: dvc.lock: Permission denied")


def test_of_several_findings_the_worst_are_told():
    fine, low, lower = Finding("ok", "a"), Finding("note", "b", "gc"), Finding("note", "c", "gc")
    assert worst([fine, low, lower]) == Finding("note", "b; c", "gc")
    assert worst([low, Finding("wrong", "d")]) == Finding("wrong", "d")
