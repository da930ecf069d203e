"""What second looks changed, counted by hand."""

from pathlib import Path

import pandas as pd

from mien.evaluate.files import SecondLook
from mien.evaluate.second_look import OUTCOMES, second_look
from mien.labels.tables import LOOKED, ballots
from mien.tables import check

EXPRESSIONS = ["angry", "happy", "neutral"]
FIRST, AGAIN = "2026-05-02T10:00:00.000Z", "2026-06-02T10:00:00.000Z"


def looked(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Return what was offered, from tuples (face, label, suggested, time)."""
    columns = ["face_id", "label", "suggested", "offered_at"]
    return check(pd.DataFrame(rows, columns=columns).assign(quality=0.1), LOOKED, Path())


def cast(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Return ballots of round one, from tuples (face, voter, vote, time)."""
    table = ballots(EXPRESSIONS)
    frame = pd.DataFrame(rows, columns=["face_id", "voter", "vote", "cast_at"])
    place = {"scene_id": "s", "x": 0, "y": 0, "width": 9, "height": 9}
    return check(frame.assign(**place, round="label", repeat=0), table, Path())


def labels(**by_face: str | None) -> pd.Series:
    return pd.Series(by_face, dtype="string")


def counts(**outcomes: int) -> dict[str, int]:
    return dict.fromkeys(OUTCOMES, 0) | outcomes


def test_every_outcome_is_counted_overall_and_by_the_label_that_was_doubted():
    offers = [(name, "happy", "angry", FIRST) for name in ("a", "b", "c", "d", "e", "f")]
    after = "2026-05-03T08:00:00+00:00"
    votes = [(name, "ada", "happy", after) for name in ("a", "b", "c", "d", "g")]
    told = second_look(
        looked(*offers, ("g", "neutral", "happy", FIRST)),
        labels(a="happy", b="angry", c="neutral", d=None, e="happy", g="neutral"),
        cast(*votes, ("e", "ada", "happy", "2026-05-01T08:00:00Z")),
    )
    happy = dict.fromkeys(OUTCOMES, 1)
    assert told.offered == 7
    assert told.outcomes == happy | {"confirmed": 2}
    assert told.classes == {"happy": happy, "neutral": counts(confirmed=1)}


def test_times_are_compared_across_zones_and_what_was_taken_back_is_no_answer():
    offers = looked(("a", "happy", "angry", FIRST), ("b", "happy", "angry", FIRST))
    told = second_look(
        offers,
        labels(a="happy", b="happy"),
        cast(
            ("a", "ada", "happy", "2026-05-02T11:30:00+02:00"),  # half an hour before the offer
            ("b", "ada", "happy", "2026-05-02T08:30:00-02:00"),  # half an hour after it
            ("b", "ada", "taken_back", "2026-05-02T09:00:00-02:00"),
            ("a", "ben", "happy", "2026-05-02T09:00:00-02:00"),
        ),
    )
    assert told.outcomes == counts(confirmed=1, unanswered=1)


def test_a_face_looked_at_twice_had_its_second_label_after_the_first_look():
    told = second_look(
        looked(("a", "angry", "happy", AGAIN), ("a", "happy", "angry", FIRST)),
        labels(a="angry"),
        cast(("a", "ada", "angry", "2026-06-03T08:00:00Z")),
    )
    assert told.classes == {"angry": counts(confirmed=1), "happy": counts(suggested=1)}


def test_without_a_second_look_there_is_nothing_to_count():
    told = second_look(looked(), labels(a="happy"), cast())
    assert told == SecondLook(offered=0, outcomes=counts(), classes={})
