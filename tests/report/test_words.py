from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from figures import variant_row

from mien.evaluate.files import NoPair, Pair
from mien.live import sureness
from mien.params import load
from mien.report.page.cautions import cautions
from mien.report.page.pictures import spread
from mien.report.page.sentences import (
    groups_noun,
    p_value,
    pair_sentence,
    rivals,
    rule_sentence,
    switch,
    value,
)
from mien.words import GAP, count, listing, percent, points, short_percent

PAIR = Pair("A", "B", 0.0, 0.0, 0.0, 0.02, 0.06, faces=140, groups=36, reliable=True)
BEST = variant_row(groups=30)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (
            {"difference": 0.031, "low": 0.004, "high": 0.059},
            "A is better than B by 3.1 points (0.4 to 5.9), p = 0.020, p = 0.060 for all pairs together, on 140 faces both predicted.",
        ),
        (
            {"difference": -0.031, "low": -0.059, "high": -0.004},
            "B is better than A by 3.1 points (0.4 to 5.9), p = 0.020, p = 0.060 for all pairs together, on 140 faces both predicted.",
        ),
        (
            {"difference": -0.012, "low": -0.05, "high": 0.03},
            "No difference shown between A and B: −1.2 points (−5.0 to 3.0), "
            "p = 0.020, p = 0.060 for all pairs together, on 140 faces both predicted.",
        ),
        (
            {"difference": 0.031, "low": 0.004, "high": 0.059, "groups": 9, "reliable": False},
            "A is better than B by 3.1 points (0.4 to 5.9), p = 0.020, p = 0.060 for all pairs together, on 140 faces both predicted "
            "(of 9 groups only: unreliable).",
        ),
    ],
)
def test_comparison_says_who_is_better_or_that_nobody_is(numbers, sentence):
    assert pair_sentence(replace(PAIR, **numbers)) == sentence


def test_what_cannot_be_compared_has_its_reason_told():
    assert pair_sentence(NoPair("A", "B", "no face was predicted by both")) == (
        "A and B cannot be compared: no face was predicted by both."
    )


def test_a_single_pair_has_one_p_since_there_are_no_others_to_adjust_it_for():
    numbers = {"difference": 0.031, "low": 0.004, "high": 0.059}
    assert pair_sentence(replace(PAIR, **numbers), is_only_one=True) == (
        "A is better than B by 3.1 points (0.4 to 5.9), p = 0.020, on 140 faces both predicted."
    )


def test_best_variant_names_those_it_is_not_shown_to_beat():
    assert rivals(["close", "other"]) == (
        "These faces do not show it to be better than close and other."
    )
    assert rivals([]) == ""


@pytest.mark.parametrize(("chance", "text"), [(0.0004, "p < 0.001"), (0.0312, "p = 0.031")])
def test_a_small_p_value_is_not_written_as_nought(chance, text):
    assert p_value(chance) == text


@pytest.mark.parametrize(
    ("setting", "text"),
    [(True, "on"), (None, "none"), (["happy", "angry"], "happy and angry"), (64, "64")],
)
def test_values_of_settings_read_as_words(setting, text):
    assert value(setting) == text


def test_a_switch_names_its_value_where_it_is_more_than_on():
    assert switch("class_weights", True) == "class weights"
    assert switch("augmentation", "gentle") == "augmentation gentle"


def test_points_have_a_sign_and_a_dash_for_none():
    assert [points(one) for one in (0.0312, -0.0312, 0.0001, None)] == ["+3.1", "−3.1", "0.0", "–"]


def test_drawn_faces_say_nothing_about_real_ones():
    assert cautions(BEST, "last", pd.DataFrame({"kind": ["drawn", "drawn"]})) == [
        "Every face here is drawn by a program. The numbers show that the pipeline works, and say "
        "nothing about real faces."
    ]
    assert cautions(BEST, None, pd.DataFrame({"kind": ["drawn", "folder"]})) == []


def test_epoch_chosen_by_the_faces_it_is_judged_on_is_warned_of():
    assert cautions(BEST, "best", pd.DataFrame({"kind": ["folder"]})) == [
        "The epoch it was kept from is the one that did best on these very faces, so the accuracy "
        "flatters it."
    ]


@pytest.mark.parametrize(
    ("kinds", "group", "noun"),
    [
        (["drawn", "drawn"], pd.NA, "drawn casts"),
        (["drawn"], "(.+)-", "groups"),
        (["drawn", "folder"], pd.NA, "groups"),
    ],
)
def test_groups_are_called_what_they_are(kinds, group, noun):
    assert groups_noun(pd.DataFrame({"kind": kinds, "group": group})) == noun


def test_numbers_read_as_people_write_them():
    assert percent(0.8325) == "83.2\u202f%"
    assert percent(pd.NA) == percent(None) == "–"
    assert (count(1382, "faces"), count(1, "faces"), count(0)) == ("1,382 faces", "1 face", "0")
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["a"]) == "a"


def test_spread_takes_first_and_last_and_evenly_between():
    rows = pd.DataFrame({"n": range(9)})
    assert spread(rows, 3)["n"].tolist() == [0, 4, 8]
    assert spread(rows, 1)["n"].tolist() == [0]
    assert spread(rows, 0).empty
    assert len(spread(rows, 20)) == 9


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("strict", "more than half of 4 voters say yes"),
        ("majority", "more than half of those who reviewed it say yes"),
        ("dawid-skene", "the most probable by Dawid and Skene's model"),
    ],
)
def test_the_rule_of_the_vote_is_told_in_a_sentence(rule, words):
    labels = load(Path(__file__).parents[2] / "params.yaml").labels.among(4)
    assert words in rule_sentence(labels.model_copy(update={"rule": rule}))


def test_without_a_number_of_voters_those_who_voted_are_meant():
    labels = load(Path(__file__).parents[2] / "params.yaml").labels
    sentence = rule_sentence(labels.model_copy(update={"voters": None}).among(2))
    assert "more than half of 2 voters say yes" in sentence
    assert "fewer votes than 2 " in sentence


@pytest.mark.parametrize(
    ("share", "words"), [(0.9, "90 %"), (0.925, "92.5 %"), (0.995, "99.5 %"), (1.0, "100 %")]
)
def test_the_accuracy_that_is_asked_for_is_told_as_it_is_set(share, words):
    assert short_percent(share).replace(GAP, " ") == words == sureness.percent(share)
