"""A second look at doubted labels: what is offered to whom, asked blindly, and what it changes."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pandas as pd
import pytest
from voting import Booth

from mien.errors import TableError
from mien.evaluate.tables import SUSPECTED
from mien.faces.tables import FACES
from mien.labels.ballots import ballot_files, poll, read_ballots
from mien.labels.consensus import consensus
from mien.labels.second_look import looked_at, offer, offered
from mien.labels.tables import LOOKED
from mien.params import load
from mien.tables import read_csv, write_csv

VOTERS = ["ada", "ben", "cy"]
EARLY, LATE = (datetime(2026, 5, day, 10, tzinfo=UTC) for day in (1, 2))


def suspected(*faces: str, label: str = "happy", suggested: str = "neutral") -> pd.DataFrame:
    """Return these faces as suspected, the first the most doubtful."""
    rows = {"face_id": list(faces), "label": label, "suggested": suggested}
    rows |= {"quality": [0.01 * place for place, _ in enumerate(faces, 1)]}
    return pd.DataFrame(rows | {"p_label": 0.1, "p_suggested": 0.9, "variants": "small"})


def test_a_face_is_offered_once_for_each_label_it_comes_to_have(tmp_path):
    path = tmp_path / "data/second_look.csv"
    assert offer(path, suspected("a", "b"), EARLY) == 2
    before = path.read_bytes()
    assert offer(path, suspected("a", "b", suggested="angry"), LATE) == 0
    assert path.read_bytes() == before
    assert offer(path, suspected("c", "b", label="angry"), LATE) == 2
    assert path.read_bytes().startswith(before)
    rows = looked_at(path)[["face_id", "label", "suggested", "quality"]].to_numpy().tolist()
    assert rows == [
        ["a", "happy", "neutral", 0.01],
        ["b", "happy", "neutral", 0.02],
        ["c", "angry", "neutral", 0.01],
        ["b", "angry", "neutral", 0.02],
    ]


def test_a_look_is_open_with_what_was_offered_since_the_last_was_closed(tmp_path):
    path = tmp_path / "second_look.csv"
    assert offered(path, None) == {}
    offer(path, suspected("b", "a"), EARLY)
    offer(path, suspected("c"), LATE)
    early, late = "2026-05-01T10:00:00.000Z", "2026-05-02T10:00:00.000Z"
    assert list(offered(path, None).items()) == [("b", early), ("a", early), ("c", late)]
    assert offered(path, "2026-05-01T12:00:00.000Z") == {"c": late}
    assert offered(path, late) == {}


@pytest.mark.parametrize("ending", ["", "\n"])
def test_rows_are_appended_to_a_header_alone_whatever_its_ending(tmp_path, ending):
    path = tmp_path / "second_look.csv"
    path.write_text(",".join(LOOKED.columns) + ending)
    offer(path, suspected("a"), EARLY)
    assert path.read_text().splitlines()[1:] == ["a,happy,neutral,0.01,2026-05-01T10:00:00.000Z"]


def test_a_file_that_is_none_is_told_with_its_line_and_left_alone(tmp_path):
    path = tmp_path / "second_look.csv"
    path.write_text("face_id,label\na,happy\n")
    with pytest.raises(TableError, match=r"second_look.csv, line 1: the column 'suggested'"):
        offer(path, suspected("a"), EARLY)
    assert path.read_text() == "face_id,label\na,happy\n"


def cast(client: httpx.Client, votes: dict[str, str], round_name: str, **more: str) -> dict:
    """Send an answer to every face, cast now, as a browser does."""
    now = client.get("/api/session").json()["now"]
    sent = [
        {"face_id": face, "round": round_name, "vote": vote, "cast_at": now} | more
        for face, vote in votes.items()
    ]
    return client.post("/api/ballots", json={"ballots": sent}).json()


def upcoming(client: httpx.Client) -> list[dict]:
    return client.get("/api/faces?limit=200").json()["next"]


def labels(booth: Booth) -> dict[str, tuple[str, str]]:
    """Return status and label of every face that has one, as the ballots say now."""
    settings = load(booth.folder / "params.yaml").labels
    faces = read_csv(booth.folder / "data/faces.csv", FACES)
    cast, _ = read_ballots(ballot_files(booth.folder / "data/ballots"), settings.expressions)
    table = consensus(faces, poll(cast, faces).ballots, settings).set_index("face_id")
    return dict(zip(table.index, zip(table["status"], table["label"], strict=True), strict=True))


def labelled(booth: Booth) -> list[str]:
    """Let everybody say that three faces are happy, review two of them, and close both rounds."""
    booth.mien("vote", "links", *VOTERS)
    with booth.client("ada") as ada:
        faces = sorted(item["face_id"] for item in upcoming(ada))[:3]
    for name in VOTERS:
        with booth.client(name) as client:
            assert cast(client, dict.fromkeys(faces, "happy"), "label")["saved"] == 3
    booth.close("label")
    for name in VOTERS:
        with booth.client(name) as client:
            votes = dict.fromkeys(faces[:2], "yes")
            assert cast(client, votes, "review", asked="happy")["saved"] == 2
    booth.close("review")
    booth.kill()
    return faces


def doubt(booth: Booth, table: pd.DataFrame) -> Path:
    path = booth.folder / "metrics/suspected.csv"
    write_csv(path, table, SUSPECTED)
    return path


def test_doubted_faces_are_asked_about_anew_blindly_and_the_new_answers_count(booth):
    with booth.client("ada") as ada:
        told = ada.get("/api/session").json()
        told_faces = upcoming(ada)
    first, second, _ = labelled(booth)
    assert labels(booth)[first] == ("agreed", "happy")
    doubt(booth, suspected(second, first, "0" * 16))
    booth.start("--suspected")
    looks = booth.folder / "data/second_look.csv"
    remembered = looks.read_bytes()
    assert list(read_csv(looks, LOOKED)["face_id"]) == [second, first]  # the third is not kept
    with booth.client("ada") as ada:
        session, items = ada.get("/api/session").json(), upcoming(ada)
        assert [item["face_id"] for item in items] == [second, first]  # most doubtful first
        as_told = {item["face_id"]: item for item in told_faces}
        assert items == [as_told[second], as_told[first]]  # as in round one: no old answer, no hint
        assert set(session) == set(told)
        assert (session["faces"], session["done"]) == (2, 0)
        assert cast(ada, {first: "neutral"}, "second_look")["saved"] == 1
        assert [item["face_id"] for item in upcoming(ada)] == [second]
    booth.kill()
    booth.start("--suspected")  # as after a power cut: nobody is asked a third time
    assert looks.read_bytes() == remembered
    with booth.client("ada") as ada:
        assert [item["face_id"] for item in upcoming(ada)] == [second]
        assert [item["vote"] for item in ada.get("/api/faces").json()["done"]] == ["neutral"]
    with booth.client("ben") as ben:
        votes = {first: "neutral", second: "happy"}
        assert [item["face_id"] for item in upcoming(ben)] == [second, first]
        assert cast(ben, votes, "second_look")["saved"] == 2
        assert upcoming(ben) == []
    row = booth.ballots("ben")[-2]
    assert (row["round"], row["asked"], row["repeat"]) == ("label", "", "0")
    after = labels(booth)
    assert after[first] == ("too_few", "neutral")  # two of three now say so; to be reviewed
    assert after[second] == ("agreed", "happy")


def test_the_review_is_open_again_after_a_look_for_faces_whose_first_label_changed(booth):
    first, second, third = labelled(booth)
    doubt(booth, suspected(first, second))
    booth.start("--suspected")
    for name in VOTERS:
        with booth.client(name) as client:
            cast(client, {first: "neutral", second: "happy"}, "second_look")
    booth.close("second_look")
    with booth.client("ada") as ada:
        assert ada.get("/api/session").json()["round"] == "review"
        asked = {item["face_id"]: item["expression"] for item in upcoming(ada)}
        assert asked[first] == "neutral"
        assert asked[third] == "happy"  # nobody had reviewed it
        assert second not in asked  # its review stands
    for name in VOTERS:
        with booth.client(name) as client:
            assert cast(client, {first: "yes"}, "review", asked="neutral")["saved"] == 1
    assert labels(booth)[first] == ("agreed", "neutral")
    booth.close("label", "review")
    doubt(booth, suspected(first, label="neutral", suggested="happy"))
    booth.kill()
    booth.start("--suspected")  # another look, at another label of that face
    with booth.client("ada") as ada:
        assert [item["face_id"] for item in upcoming(ada)] == [first]


def test_answers_from_before_the_look_are_none_and_those_of_closed_rounds_are_refused(booth):
    face, *_ = labelled(booth)
    doubt(booth, suspected(face))
    booth.start("--suspected")
    with booth.client("ada") as ada:
        early = cast(ada, {face: "angry"}, "second_look", cast_at="2025-05-01T10:00:00Z")
        assert (early["saved"], early["refused"][0]["reason"]) == (
            0,
            "it was cast too early; is the clock right?",
        )
        ballot = {"face_id": face, "round": "label", "vote": "angry"}
        now = ada.get("/api/session").json()["now"]
        late = ada.post("/api/ballots", json={"ballots": [ballot | {"cast_at": now}]})
        assert (late.status_code, late.json()["round"]) == (409, "second_look")
        assert [item["face_id"] for item in upcoming(ada)] == [face]
    assert len(booth.ballots("ada")) == 5


def test_a_second_look_needs_doubts_and_every_round_closed(booth):
    booth.kill()
    done = booth.mien("vote", "--port", "0", "--suspected")
    assert done.returncode == 2
    assert done.stderr == (
        "mien: metrics/suspected.csv: no model was asked for doubts yet; run `snakemake`\n"
    )
    doubt(booth, suspected("0" * 16))
    done = booth.mien("vote", "--port", "0", "--suspected")
    assert done.returncode == 2
    assert "close it first: mien vote close label" in done.stderr
    assert not (booth.folder / "data/second_look.csv").exists()
