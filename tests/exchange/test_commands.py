"""What is typed: labels go out in three formats and come back as ballots."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mien.acquire.tables import SCENES
from mien.cli import app
from mien.errors import MienError, SourceError, TableError
from mien.faces.tables import CROPS, FACES
from mien.images import encode_png
from mien.labels import tables
from mien.labels.ballots import latest, read_ballots
from mien.shards import write_shard
from mien.tables import write_csv

PARAMS = Path(__file__).parents[2] / "params.yaml"
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
LABELS = {"f1": "happy", "f2": "angry", "f3": None}


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch, make_faces, make_params):
    """Stand in a project of three kept faces, two of them labelled, and one that is withdrawn."""
    monkeypatch.chdir(tmp_path)
    faces = make_faces(*LABELS, {"face_id": "gone", "status": "withdrawn"})
    write_csv(Path("data/faces.csv"), faces, FACES)
    rows = [
        {"face_id": face, "label": label} for face, label in (LABELS | {"gone": "happy"}).items()
    ]
    labels = pd.DataFrame(rows).assign(initial="happy", yes=0, no=0, status="agreed", reason=pd.NA)
    votes = dict.fromkeys([f"votes_{name}" for name in EXPRESSIONS], 0)
    parts = [f"{kind}_{name}" for kind in ("share", "named") for name in EXPRESSIONS]
    labels = labels.assign(**votes, **dict.fromkeys([*parts, "tags"], pd.NA))
    write_csv(Path("data/labels.csv"), labels, tables.labels(EXPRESSIONS))
    write_shard(Path("data/faces/web.parquet"), map(crop, faces.to_dict("records")), CROPS)
    write_shard(Path("data/scenes/web.parquet"), map(scene, faces["scene_id"]), SCENES)
    params = yaml.safe_load(PARAMS.read_text())
    params["labels"] = make_params().model_dump()
    Path("params.yaml").write_text(yaml.safe_dump(params))


def crop(face):
    keys = ("face_id", "scene_id", "x", "y", "width", "height")
    image = {"image": picture(face["face_id"]), "confidence": 1.0, "sharpness": 1.0, "phash": "0"}
    return {key: face[key] for key in keys} | image


def picture(face):
    """Return a grey square of a shade of its own."""
    import numpy as np

    return encode_png(np.full((8, 8, 3), len(face) * ord(face[-1]) % 256, dtype=np.uint8))


def scene(name):
    texts = dict.fromkeys([field.name for field in SCENES if field.type == "string"], "unknown")
    item = {"scene_id": name, "item_id": f"photos/{name}.jpg"}
    return texts | item | {"position": 0, "image": b"x", "width": 100, "height": 100}


def mien(*options: str) -> str:
    """Run a verb of labels here; return what it says."""
    result = CliRunner().invoke(app, ["labels", *options])
    if result.exception:
        raise result.exception
    return result.stderr


def votes() -> dict[str, dict[str, str]]:
    """Return who voted what, as the project's consensus would read it."""
    ballots, torn = read_ballots(sorted(Path("data/ballots").glob("*.csv")), EXPRESSIONS)
    assert torn == []
    standing, _ = latest(ballots)
    assert set(standing["scene_id"]) == {f"scene-{face}" for face in standing["face_id"]}
    return {
        str(voter): dict(zip(own["face_id"], own["vote"], strict=True))
        for voter, own in standing.groupby("voter")
    }


def test_exported_folders_are_the_crops_and_come_back_as_someone_sorted_them():
    said = mien("export", "folders", "out")
    assert said == "faces: happy 1, angry 1; without a label 1\n"
    files = {path.relative_to("out").as_posix(): path for path in Path("out").rglob("*.png")}
    assert sorted(files) == ["angry/f2.png", "happy/f1.png"]
    assert files["happy/f1.png"].read_bytes() == picture("f1")
    Path("out/neutral").mkdir()
    files["angry/f2.png"].rename("out/neutral/f2.png")
    Path("out/happy/strange.png").touch()
    said = mien("import", "folders", "out", "--voter", "ada")
    assert votes() == {"ada": {"f1": "happy", "f2": "neutral"}}
    assert said.splitlines() == [
        "not in the index of faces: 1 (strange)",
        "ballots: 2, of 1 voters, in data/ballots",
    ]


def test_folders_of_first_labels_hold_those_of_contested_faces_too():
    mien("export", "folders", "out", "--which", "initial")
    assert sorted(path.name for path in Path("out/happy").iterdir()) == [
        "f1.png",
        "f2.png",
        "f3.png",
    ]


def test_ballots_that_are_there_are_kept_unless_someone_says_replace():
    mien("export", "folders", "out")
    mien("import", "folders", "out", "--voter", "ada")
    before = Path("data/ballots/ada.csv").read_bytes()
    with pytest.raises(SourceError) as caught:
        mien("import", "folders", "out", "--voter", "ada")
    assert str(caught.value) == (
        "data/ballots/ada.csv: there are ballots already; --replace writes over them"
    )
    with pytest.raises(SourceError, match="only in case"):
        mien("import", "folders", "out", "--voter", "Ada", "--replace")
    assert Path("data/ballots/ada.csv").read_bytes() == before
    Path("out/happy/f1.png").rename("out/angry/f1.png")
    mien("import", "folders", "out", "--voter", "ada", "--replace")
    assert votes() == {"ada": {"f1": "angry", "f2": "angry"}}


def test_a_name_that_is_no_file_of_ballots_is_refused():
    mien("export", "folders", "out")
    for name in ("../ada", "=cmd()", "simulated-1"):
        with pytest.raises(MienError):
            mien("import", "folders", "out", "--voter", name)
    assert not Path("data/ballots").exists()


def test_vote_counts_become_ballots_of_anonymous_voters():
    Path("votes.csv").write_text(
        "Usage,Image name,neutral,happiness,sadness,unknown,NF\n"
        "Training,scene-f1.png,0,3,1,0,0\n"
        "Training,f2.png,1,0,0,0,4\n"
        "Training,elsewhere.png,10,0,0,0,0\n"
        "Training,scene-f1.jpg,4,0,0,0,0\n"
    )
    said = mien("import", "ferplus", "votes.csv")
    assert votes() == {
        "ferplus-1": {"f1": "happy", "f2": "neutral"},
        "ferplus-2": {"f1": "happy", "f2": "not_a_face"},
        "ferplus-3": {"f1": "happy", "f2": "not_a_face"},
        "ferplus-4": {"f1": "unsure", "f2": "not_a_face"},
        "ferplus-5": {"f2": "not_a_face"},
    }
    assert said.splitlines() == [
        "pictures: 4; an absolute majority of 10 taggers gave 25.00% one answer, 25.00% one expression",
        "rows: 4, of no face 1, of a face once more 1",
        "sadness: 1 votes became unsure; it is not in labels.expressions",
        "who cast which vote is not known: votes were dealt out in the order of the columns",
        "ballots: 9, of 5 voters, in data/ballots",
        "params.yaml: labels.voters is 4; set it to 5, who voted on a face",
    ]


def test_counts_that_replace_others_leave_no_voter_of_the_old_ones():
    header = "Usage,Image name,happiness,unknown,NF\n"
    Path("votes.csv").write_text(f"{header}Training,f1.png,3,0,0\n")
    mien("import", "ferplus", "votes.csv")
    Path("votes.csv").write_text(f"{header}Training,f1.png,2,0,0\n")
    with pytest.raises(SourceError, match="--replace"):
        mien("import", "ferplus", "votes.csv")
    assert len(votes()) == 3
    mien("import", "ferplus", "votes.csv", "--replace")
    assert sorted(votes()) == ["ferplus-1", "ferplus-2"]


def test_counts_of_no_face_are_refused_and_delete_nothing():
    header = "Usage,Image name,happiness,unknown,NF\n"
    Path("votes.csv").write_text(f"{header}Training,f1.png,3,0,0\n")
    mien("import", "ferplus", "votes.csv")
    Path("votes.csv").write_text(f"{header}Training,x.png,3,0,0\n")
    with pytest.raises(TableError) as caught:
        mien("import", "ferplus", "votes.csv", "--replace")
    assert str(caught.value) == (
        "votes.csv: no picture is named after a face_id or an item of one face"
    )
    assert len(votes()) == 3


def test_exported_counts_are_imported_again():
    Path("votes.csv").write_text(
        "Usage,Image name,anger,happiness,neutral,surprise,unknown,NF\n"
        "Training,f1.png,0,3,1,0,0,0\n"
        "Training,f3.png,1,0,0,0,2,1\n"
    )
    mien("import", "ferplus", "votes.csv")
    said = mien("export", "ferplus", "again.csv")
    assert Path("again.csv").read_bytes() == Path("votes.csv").read_bytes()
    assert said == "faces: 2 of 3; the others have no votes\n"


def test_tasks_show_kept_faces_alone_and_annotations_come_back():
    mien("export", "label-studio", "out")
    tasks = json.loads(Path("out/tasks.json").read_text())
    assert [task["data"]["face_id"] for task in tasks] == ["f1", "f2", "f3"]
    assert ["predictions" in task for task in tasks] == [True, True, False]
    for task in tasks:
        crop = task["data"]["image"].removeprefix("/data/local-files/?d=")
        assert Path(crop).read_bytes() == picture(task["data"]["face_id"])
    result = [{"from_name": "expression", "value": {"choices": ["surprised"]}}]
    done = {"completed_by": 3, "result": result, "created_at": "2024-05-17T14:03:00Z"}
    Path("export.json").write_text(json.dumps([tasks[0] | {"annotations": [done]}]))
    said = mien("import", "label-studio", "export.json")
    assert votes() == {"labelstudio-3": {"f1": "surprised"}}
    assert said.splitlines()[0] == "annotations: 1 answered, 0 skipped, 0 without an answer"
