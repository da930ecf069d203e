"""Simulated voters err as often as they are told to, and together find the truth."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

from mien.boxes import iou
from mien.labels.ballots import poll
from mien.labels.consensus import consensus
from mien.labels.simulate import simulate, true_answers

VOTERS = [f"simulated-{number}" for number in range(1, 5)]


@pytest.fixture
def drawn(make_faces, make_params):
    """Drawn faces found, 600 of them, five a scene, and their truth, slightly off."""
    rng = np.random.default_rng(7)
    boxes = [
        {"scene_id": f"scene-{number // 5}", "x": number % 5 * 100, "y": 0, "width": 60}
        for number in range(600)
    ]
    ids = [hashlib.sha256(str(number).encode()).hexdigest()[:16] for number in range(600)]
    faces = make_faces(
        *(
            box | {"face_id": face, "source_id": "happy"}
            for box, face in zip(boxes, ids, strict=True)
        )
    )
    truth = faces[["scene_id", "x", "y", "width", "height"]].copy()
    truth["x"] += 7
    truth["expression"] = rng.choice(make_params().expressions, len(truth))
    truth["tags"] = rng.choice(["glasses", None], len(truth))
    return faces, truth


def everything(ballots: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(ballots.values(), ignore_index=True)


def test_answers_are_wrong_and_missing_as_often_as_set(drawn, make_params):
    faces, truth = drawn
    params = make_params(simulated={"error_rate": 0.2, "absent_rate": 0.1, "seed": 0})
    cast = everything(simulate(faces, {"happy": truth}, VOTERS, params))
    right = dict(zip(faces["face_id"], truth["expression"], strict=True))
    first = cast[cast["round"] == "label"]
    # 2,400 chances: three standard deviations are 0.024 and 0.018
    assert len(first) / 2400 == pytest.approx(0.9, abs=0.018)
    assert (first["vote"] != first["face_id"].map(right)).mean() == pytest.approx(0.2, abs=0.026)
    review = cast[cast["round"] == "review"]
    says = np.where(review["asked"] == review["face_id"].map(right), "yes", "no")
    assert (review["vote"] != says).mean() == pytest.approx(0.2, abs=0.026)


def test_wrong_answers_fall_on_the_other_expressions_alike(drawn, make_params):
    faces, truth = drawn
    params = make_params(simulated={"error_rate": 1, "absent_rate": 0, "seed": 0})
    cast = everything(simulate(faces, {"happy": truth.assign(expression="angry")}, VOTERS, params))
    votes = cast.loc[cast["round"] == "label", "vote"].value_counts(normalize=True)
    assert sorted(votes.index) == ["happy", "neutral", "surprised"]
    assert votes.to_numpy() == pytest.approx(1 / 3, abs=0.03)


def test_voters_without_fault_all_say_the_truth(drawn, make_params):
    faces, truth = drawn
    params = make_params(simulated={"error_rate": 0, "absent_rate": 0, "seed": 0})
    cast = everything(simulate(faces, {"happy": truth}, VOTERS, params))
    table = consensus(faces, poll(cast, faces).ballots, params)
    assert table["label"].tolist() == truth["expression"].tolist()
    assert set(table["status"]) == {"agreed"}
    assert len(cast) == 2 * 4 * 600


def test_voters_tag_what_was_drawn_once_in_round_one(drawn, make_params):
    faces, truth = drawn
    cast = everything(simulate(faces, {"happy": truth}, VOTERS, make_params()))
    first = cast[cast["round"] == "label"]
    worn = dict(zip(faces["face_id"], truth["tags"].notna(), strict=True))
    assert (first["tags"].eq("glasses").fillna(False) == first["face_id"].map(worn)).all()
    assert cast.loc[cast["round"] == "review", "tags"].isna().all()


def test_four_voters_with_some_faults_recover_the_truth(drawn, make_params):
    faces, truth = drawn
    params = make_params()
    cast = everything(simulate(faces, {"happy": truth}, VOTERS, params))
    table = consensus(faces, poll(cast, faces).ballots, params)
    labelled = table["label"].notna()
    assert labelled.mean() > 0.9
    assert accuracy_score(truth["expression"][labelled], table["label"][labelled]) > 0.99


def test_the_same_seed_gives_the_same_ballots_and_another_others(drawn, make_params):
    faces, truth = drawn
    first = simulate(faces, {"happy": truth}, VOTERS, make_params())
    again = simulate(faces, {"happy": truth}, VOTERS, make_params())
    pd.testing.assert_frame_equal(everything(first), everything(again))
    other = make_params(simulated={"error_rate": 0.05, "absent_rate": 0.05, "seed": 1})
    changed = simulate(faces, {"happy": truth}, VOTERS, other)
    assert not everything(first).equals(everything(changed))


def test_an_answer_does_not_depend_on_the_other_faces(drawn, make_params):
    faces, truth = drawn
    whole = everything(simulate(faces, {"happy": truth}, VOTERS, make_params()))
    some = faces.iloc[100:300].iloc[::-1].reset_index(drop=True)
    part = everything(simulate(some, {"happy": truth}, VOTERS, make_params()))
    key = ["voter", "face_id", "round"]
    here = whole[whole["face_id"].isin(some["face_id"])].set_index(key)["vote"].sort_index()
    pd.testing.assert_series_equal(part.set_index(key)["vote"].sort_index(), here)


def test_voters_err_independently_of_each_other(drawn, make_params):
    faces, truth = drawn
    params = make_params(simulated={"error_rate": 0.5, "absent_rate": 0, "seed": 0})
    ballots = simulate(faces, {"happy": truth}, VOTERS, params)
    wrong = [
        (cast["vote"][:600].to_numpy() != truth["expression"].to_numpy())
        for cast in ballots.values()
    ]
    together = np.corrcoef(np.array(wrong, dtype=float))[np.triu_indices(4, k=1)]
    assert np.abs(together).max() < 0.15


def test_only_kept_faces_of_drawn_sources_are_voted_on(make_faces, make_params):
    faces = make_faces(
        {"face_id": "seen", "source_id": "drawn"},
        {"face_id": "tiny", "source_id": "drawn", "status": "too_small"},
        {"face_id": "real", "source_id": "web"},
    )
    truth = faces[["scene_id", "x", "y", "width", "height"]].assign(expression="angry", tags=pd.NA)
    params = make_params(simulated={"error_rate": 0, "absent_rate": 0, "seed": 0})
    cast = everything(simulate(faces, {"drawn": truth}, VOTERS, params))
    assert set(cast["face_id"]) == {"seen"}


def test_the_times_are_made_up_and_rise(drawn, make_params):
    faces, truth = drawn
    times = simulate(faces, {"happy": truth}, VOTERS, make_params())["simulated-1"]["cast_at"]
    assert times.iloc[:2].tolist() == ["2000-01-01T00:00:00+00:00", "2000-01-01T00:00:01+00:00"]
    assert times.is_monotonic_increasing


def test_what_was_found_is_called_what_was_drawn_there(make_faces):
    scene = {"scene_id": "s"}
    faces = make_faces(
        {"face_id": "good", "x": 0} | scene,
        {"face_id": "again", "x": 30} | scene,  # a second box on the same drawn face
        {"face_id": "clutter", "x": 500} | scene,
        {"face_id": "foreign", "x": 0, "scene_id": "t"},
    )
    truth = pd.DataFrame(
        {
            "scene_id": ["s", "t"],
            "x": [5, 0],
            "y": [0, 0],
            "width": [100, 100],
            "height": [100, 100],
            "expression": ["angry", "sad"],
            "tags": [None, "glasses"],
        }
    )
    answers = true_answers(faces, truth, ["angry", "happy"])
    assert answers["vote"].tolist() == ["angry", "not_a_face", "not_a_face", "unsure"]
    assert answers["tags"].fillna("").tolist() == ["", "", "", "glasses"]


def test_overlap_is_the_shared_area_over_the_joint_one():
    boxes = np.array([[0, 0, 10, 10], [5, 5, 10, 10], [10, 0, 5, 5], [2, 2, 5, 5]], dtype=float)
    assert iou(boxes[:1], boxes)[0] == pytest.approx([1, 25 / 175, 0, 25 / 100])
