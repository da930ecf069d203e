"""What closing a round does to the faces is said before, in the numbers that labels then have."""

from collections import Counter

import pandas as pd
import pytest

from mien.labels.ballots import poll, stand_ins, voted
from mien.labels.consensus import consensus
from mien.vote.outcome import outcome

THREE = ("ada", "ben", "cy")


@pytest.fixture
def index(make_faces):
    """Faces by what three voters make of them; nobody hopes for anything of `bare`."""
    names = ["agreed", "two_yes", "one_yes", "tied", "rejected", "few", "unvoted"]
    return make_faces(*names, {"face_id": "bare", "expression": pd.NA})


@pytest.fixture
def votes():
    said = [
        (face, voter, "happy")
        for face in ("agreed", "two_yes", "one_yes", "few")
        for voter in THREE
    ]
    said += zip(["tied"] * 3, THREE, ["happy", "angry", "neutral"], strict=True)
    said += zip(["rejected"] * 3, THREE, ["unsure", "unsure", "happy"], strict=True)
    return said


@pytest.fixture
def reviews():
    return [
        *(("agreed", voter, "happy: yes") for voter in THREE),
        *zip(["two_yes"] * 3, THREE, ["happy: yes", "happy: yes", "happy: no"], strict=True),
        *zip(["one_yes"] * 3, THREE, ["happy: yes", "happy: no", "happy: unsure"], strict=True),
        ("few", "ada", "happy: no"),
    ]


def test_before_round_label_is_closed_ties_and_refusals_are_told(index, votes, cast, make_params):
    told = outcome(index, poll(cast(votes), index), "label", make_params(voters=None))
    assert (told["faces"], told["labelled"], told["voters"]) == (8, 5, 3)
    reasons = {name: told[name] for name in ("ties", "rejected", "contested", "too_few", "unvoted")}
    assert reasons == {"ties": 1, "rejected": 1, "contested": 0, "too_few": 0, "unvoted": 1}
    assert told["kept_unvoted"] == 1
    assert told["helps"] == []


@pytest.mark.parametrize("rule", ["strict", "majority", "dawid-skene"])
@pytest.mark.parametrize("too_few", ["keep", "drop"])
@pytest.mark.parametrize("voters", [None, 4])
def test_what_is_told_of_the_review_is_what_the_labels_are(
    index, votes, reviews, cast, make_params, rule, too_few, voters
):
    params = make_params(voters=voters, rule=rule, too_few=too_few)
    polled = poll(cast(votes + reviews), index)
    told = outcome(index, polled, "review", params)
    table = consensus(index, polled.ballots, params.among(3))
    assert told["labelled"] == table["label"].notna().sum()
    why = ("ties", "rejected", "contested", "too_few", "unvoted")
    assert sum(told[name] for name in why) == table["label"].isna().sum()
    for help in told["helps"]:
        name = help["setting"].removeprefix("labels.")
        value = None if help["value"] == "null" else help["value"]
        changed = make_params(**{"voters": voters, "rule": rule, "too_few": too_few, name: value})
        then = consensus(index, polled.ballots, changed.among(3))
        assert help["labelled"] == then["label"].notna().sum() > told["labelled"]


def test_settings_that_help_are_named_with_what_they_give(index, votes, reviews, cast, make_params):
    polled = poll(cast(votes + reviews), index)
    told = outcome(index, polled, "review", make_params(voters=4, too_few="drop"))
    assert told["labelled"] == 2  # three of four for one, and one that nobody voted on
    given = {(help["setting"], help["value"]): help["labelled"] for help in told["helps"]}
    assert given["labels.voters", "null"] == 3  # two of three are more than half
    assert given["labels.too_few", "keep"] == 3


def test_of_three_voters_two_yes_keep_a_face_when_the_settings_name_no_number(
    index, votes, reviews, cast, make_params
):
    polled = poll(cast(votes + reviews), index)
    assert polled.counts["voters"] == 3
    table = consensus(index, polled.ballots, make_params(voters=None).among(3))
    status = dict(zip(table["face_id"], table["status"], strict=True))
    assert (status["agreed"], status["two_yes"], status["one_yes"]) == (
        "agreed", "agreed", "contested"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("people", "voters", "quorum"), [(0, 1, 1), (1, 1, 1), (2, 2, 2), (5, 5, 3)]
)
def test_no_quorum_is_larger_than_all_who_voted(make_params, people, voters, quorum):
    counted = make_params(voters=None).among(people)
    assert (counted.voters, counted.quorum) == (voters, quorum)
    assert make_params(voters=4).among(people).voters == 4


def test_who_took_everything_back_has_not_voted(index, cast):
    ballots = cast(
        [("agreed", "ada", "happy"), ("agreed", "ben", "happy"), ("agreed", "ben", "taken_back")]
    )
    assert poll(ballots, index).counts["voters"] == 1


def test_simulated_voters_stand_in_for_those_whom_the_settings_count_or_while_nobody_voted():
    counts = {
        (people, voters): len(stand_ins(people, voters))
        for people in (0, 1, 5)
        for voters in (None, 4)
    }
    assert counts == {(0, None): 4, (1, None): 0, (5, None): 0, (0, 4): 4, (1, 4): 3, (5, 4): 0}


def test_a_file_without_an_answer_is_nobodys_vote(tmp_path):
    for name, content in {"a": "", "b": "face_id,vote\n", "c": "face_id,vote\n1,happy\n"}.items():
        (tmp_path / f"{name}.csv").write_text(content)
    assert Counter(path.name for path in voted(tmp_path)) == {"c.csv": 1}
