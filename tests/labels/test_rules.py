"""What all rules of the vote have in common, and how Dawid and Skene's treats reviews."""

import pandas as pd
import pytest

from mien.labels.consensus import consensus

VOTERS = ["ada", "bob", "cy", "dee"]
RULES = ["strict", "majority", "dawid-skene"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("no no no no", ("contested", None, "4 no of 4 reviews")),
        ("unsure no unsure", ("contested", None, "happy has probability 0.0")),
        ("no no", ("too_few", "happy", "2 of 3 voters")),
        ("yes no no no", ("contested", None, "3 no of 4 reviews")),
        ("yes yes yes no", ("agreed", "happy", None)),
    ],
)
def test_by_dawid_and_skene_reviews_alone_decide_on_what_was_hoped_for(
    answers, expected, cast, make_faces, make_params
):
    said = zip(VOTERS, answers.split(), strict=False)
    ballots = cast([("f1", voter, f"happy: {answer}") for voter, answer in said])
    table = consensus(make_faces("f1"), ballots, make_params(rule="dawid-skene"))
    row = table[["status", "label", "reason"]].astype(object).iloc[0]
    assert tuple(row.where(row.notna(), None)) == expected


@pytest.mark.parametrize("rule", RULES)
def test_faces_with_too_few_votes_may_be_dropped_by_every_rule(rule, cast, make_faces, make_params):
    ballots = cast([("f1", "ada", "angry"), ("f2", "ada", "happy: no")])
    params = make_params(rule=rule, too_few="drop")
    table = consensus(make_faces("f1", "f2", "f3"), ballots, params)
    assert table["status"].tolist() == ["too_few"] * 3
    assert table["label"].isna().tolist() == [True, True, False]  # nobody voted on the third


@pytest.mark.parametrize("rule", RULES)
def test_the_order_of_the_ballots_changes_no_label(rule, cast, make_faces, make_params):
    faces = make_faces("f1", "f2", "f3")
    answers = {"f1": "angry angry happy", "f2": "happy neutral happy", "f3": "unsure unsure angry"}
    ballots = cast(
        [
            (face, *pair)
            for face, votes in answers.items()
            for pair in zip(VOTERS, votes.split(), strict=False)
        ]
    )
    table, turned = (
        consensus(faces, order, make_params(rule=rule)) for order in (ballots, ballots.iloc[::-1])
    )
    pd.testing.assert_frame_equal(table, turned)
