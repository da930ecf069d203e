"""The commands write the tables that the next phase reads."""

import contextlib
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mien.acquire.tables import TRUTH
from mien.cli import app
from mien.errors import ParamsError
from mien.faces.tables import FACES
from mien.labels import tables
from mien.tables import read_csv, write_csv

PARAMS = Path(__file__).parents[2] / "params.yaml"


@pytest.fixture
def project(tmp_path, make_faces, make_params):
    """A folder with an index of three drawn faces, their truth, and the settings."""
    faces = make_faces(*({"face_id": name, "source_id": "happy-1"} for name in "abc"))
    truth = faces[["scene_id", "x", "y", "width", "height"]].assign(
        expression="angry", strength=1.0, person="p"
    )
    write_csv(tmp_path / "data/faces.csv", faces, FACES)
    write_csv(tmp_path / "truth" / "happy-1.csv", truth, TRUTH)
    params = yaml.safe_load(PARAMS.read_text())
    simulated = {"error_rate": 0, "absent_rate": 0, "seed": 0}
    params["labels"] = make_params(simulated=simulated).model_dump()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    return tmp_path


def mien(project: Path, *options: str) -> str:
    """Run a verb of labels in the project; return what it says."""
    with contextlib.chdir(project):
        return CliRunner().invoke(app, ["labels", *options], catch_exceptions=False).stderr


def ballots_of(count: int) -> list[str]:
    return [f"data/simulated/simulated-{n}.csv" for n in range(1, count + 1)]


def test_simulated_ballots_add_up_to_labels(project):
    files = ballots_of(4)
    said = mien(project, "simulate", "truth/happy-1.csv", "--voters", "4")
    assert said == (
        "simulated ballots: simulated-1 6, simulated-2 6, simulated-3 6, simulated-4 6\n"
    )
    out = ["--labels", "data/labels.csv", "--counts", "m/ballots.json"]
    said = mien(project, "consensus", *files, *out)
    assert said.splitlines()[-1] == (
        "faces: 3, agreed 3, contested 0, too_few 0, rejected 0; labelled 3"
    )
    labels = read_csv(
        project / "data/labels.csv", tables.labels(["angry", "happy", "neutral", "surprised"])
    )
    assert labels["face_id"].tolist() == ["a", "b", "c"]
    assert set(labels["label"]) == {"angry"}
    counts = json.loads((project / "m/ballots.json").read_text())
    assert (counts["ballots"], counts["counted"], counts["absent"]) == (24, 24, 0)


def test_the_same_ballots_give_the_same_bytes(project):
    files = ballots_of(4)
    mien(project, "simulate", "truth/happy-1.csv", "--voters", "4")
    written = []
    for name in ("one", "two"):
        out = ["--labels", name, "--counts", f"{name}.json"]
        mien(project, "consensus", *files, *out)
        written.append((project / name).read_bytes() + (project / f"{name}.json").read_bytes())
    assert written[0] == written[1]


def test_without_ballots_faces_keep_what_their_source_hoped_for(project):
    out = ["--labels", "data/labels.csv", "--counts", "ballots.json"]
    said = mien(project, "consensus", *out)
    assert said.splitlines()[-1] == (
        "faces: 3, agreed 0, contested 0, too_few 3, rejected 0; labelled 3, 3 of them by their sources alone: nobody voted"
    )
    assert pd.read_csv(project / "data/labels.csv")["label"].tolist() == ["happy"] * 3


def test_what_the_votes_are_worth_is_written_and_told(project):
    files = ballots_of(4)
    mien(project, "simulate", "truth/happy-1.csv", "--voters", "4")
    mien(project, "consensus", *files, "--labels", "data/labels.csv", "--counts", "ballots.json")
    said = mien(project, "agreement", *files, "--agreement", "m/agreement.json")
    assert said.splitlines() == [
        "round label: 12 votes on 3 faces, alpha not known",  # all said angry
        "round review: 12 votes on 3 faces, alpha not known",
    ]
    figures = json.loads((project / "m/agreement.json").read_text())
    assert sorted(figures) == ["disputed", "pairs", "rounds", "voters"]
    assert [voter["name"] for voter in figures["voters"]] == [
        f"simulated-{number}" for number in range(1, 5)
    ]
    assert {(voter["consensus"], voter["bias"]["angry"]) for voter in figures["voters"]} == {(1, 1)}
    assert len(figures["pairs"]) == 6


def test_the_worth_of_no_votes_is_written_too(project):
    mien(project, "consensus", "--labels", "data/labels.csv", "--counts", "ballots.json")
    mien(project, "agreement", "--agreement", "agreement.json")
    none = {"alpha": None, "unanimous": None, "votes": 0, "faces": 0}
    assert json.loads((project / "agreement.json").read_text()) == {
        "rounds": {"label": none, "review": none},
        "voters": [],
        "pairs": [],
        "disputed": [],
    }


def test_a_torn_line_is_told(project):
    path = project / "ada.csv"
    path.write_text(",".join(tables.ballots([]).columns) + "\na,s")
    out = ["--labels", "data/labels.csv", "--counts", "ballots.json"]
    said = mien(project, "consensus", str(path), *out)
    assert said.splitlines()[0] == f"{path}, line 2: a torn last line was left out"
    assert json.loads((project / "ballots.json").read_text())["torn_lines"] == 1


def test_no_more_voters_are_simulated_than_there_are(project):
    with pytest.raises(ParamsError) as caught:
        mien(project, "simulate", "truth/happy-1.csv", "--voters", "5")
    assert str(caught.value) == (
        "params.yaml: labels.voters is 4, so --voters may be at most 4, not 5"
    )
