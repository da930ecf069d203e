"""Votes add up to a label by the rules, in every combination."""

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from mien.labels.ballots import poll
from mien.labels.consensus import consensus, count
from mien.labels.files import BallotCounts
from mien.labels.tables import labels
from mien.tables import check

VOTERS = ["ada", "bob", "cy", "dee"]
FERPLUS = Path(__file__).parents[3] / "shared/data/ferplus/fer2013new.csv"


def one(table: pd.DataFrame) -> dict[str, object]:
    """The only row of a table, empty fields as None."""
    assert len(table) == 1
    return {name: None if pd.isna(value) else value for name, value in table.iloc[0].items()}


def decided(row: dict[str, object]) -> tuple[object, ...]:
    return row["initial"], row["status"], row["label"], row["reason"]


def test_a_face_stays_only_with_more_than_half_of_all_voters(cast, make_faces, make_params):
    combinations = list(product(["yes", "no", None], repeat=4))
    faces = make_faces(*(f"f{number}" for number in range(81)))
    votes = [(face, voter, "happy") for face in faces["face_id"] for voter in VOTERS]
    for face, answers in zip(faces["face_id"], combinations, strict=True):
        said = zip(VOTERS, answers, strict=True)
        votes += [(face, voter, f"happy: {answer}") for voter, answer in said if answer]
    table = consensus(faces, cast(votes), make_params())
    # the rule in the report's words: 3 of 4 stay; and with two or more missing nobody can tell
    expected = []
    for answers in combinations:
        if answers.count("yes") in (3, 4):
            expected.append(("agreed", "happy"))
        elif answers.count(None) in (0, 1):
            expected.append(("contested", None))
        else:
            expected.append(("too_few", "happy"))
    label = table["label"].astype(object).where(table["label"].notna(), None)
    assert list(zip(table["status"], label, strict=True)) == expected
    assert table["yes"].tolist() == [answers.count("yes") for answers in combinations]
    assert table["no"].tolist() == [answers.count("no") for answers in combinations]


@pytest.mark.parametrize("rule", ["strict", "majority"])
def test_a_rule_is_what_counting_by_hand_gives_for_every_four_reviews(
    rule, cast, make_faces, make_params
):
    combinations = list(product(["yes", "no", "unsure", None], repeat=4))
    faces = make_faces(*(f"f{number:03}" for number in range(256)))
    votes = [(face, voter, "happy") for face in faces["face_id"] for voter in VOTERS]
    expected = []
    for face, answers in zip(faces["face_id"], combinations, strict=True):
        said = [(voter, answer) for voter, answer in zip(VOTERS, answers, strict=True) if answer]
        votes += [(face, voter, f"happy: {answer}") for voter, answer in said]
        yes, reviewers = sum(answer == "yes" for _, answer in said), len(said)
        if rule == "strict":
            agreed = yes > 2
        else:
            agreed = reviewers == 0 or (reviewers >= 3 and yes > reviewers - yes)
        few = "too_few" if reviewers < 3 else "contested"
        expected.append("agreed" if agreed else few)
    table = consensus(faces, cast(votes), make_params(rule=rule))
    assert table["status"].tolist() == expected
    labelled = [status in ("agreed", "too_few") for status in expected]
    assert table["label"].notna().tolist() == labelled


def test_a_majority_decides_below_the_quorum_too(cast, make_faces, make_params):
    votes = [("f1", "ada", "happy")] + [("f1", name, "happy: yes") for name in VOTERS[:3]]
    row = one(consensus(make_faces("f1"), cast(votes), make_params(quorum=4)))
    assert decided(row) == ("happy", "agreed", "happy", None)


def test_unsure_reviews_reach_the_quorum_and_never_win(cast, make_faces, make_params):
    votes = [("f1", "ada", "angry"), ("f1", "ada", "angry: yes"), ("f1", "bob", "angry: yes")]
    faces, params = make_faces("f1"), make_params()
    before = one(consensus(faces, cast(votes), params))
    assert decided(before) == ("angry", "too_few", "angry", "2 of 3 review votes")
    after = one(consensus(faces, cast([*votes, ("f1", "cy", "angry: unsure")]), params))
    assert decided(after) == ("angry", "contested", None, "2 yes of 4 voters")


def test_too_few_may_be_dropped(cast, make_faces, make_params):
    ballots = cast([("f1", "ada", "angry")])
    row = one(consensus(make_faces("f1"), ballots, make_params(too_few="drop")))
    assert decided(row) == ("angry", "too_few", None, "0 of 3 review votes")


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ("angry angry happy", ("angry", "too_few", "angry", "0 of 3 review votes")),
        ("angry happy unsure angry", ("angry", "too_few", "angry", "0 of 3 review votes")),
        ("angry happy", (None, "contested", None, "tie in round one: angry 1, happy 1")),
        (
            "angry happy happy angry",
            (None, "contested", None, "tie in round one: angry 2, happy 2"),
        ),
        ("happy unsure", (None, "contested", None, "tie in round one: happy 1, unsure 1")),
        (
            "unsure unsure happy",
            (None, "rejected", None, "round one: unsure has 2 of 3 votes"),
        ),
        ("not_a_face", (None, "rejected", None, "round one: not_a_face has 1 of 1 votes")),
        (
            "artificial artificial happy angry",
            (None, "rejected", None, "round one: artificial has 2 of 4 votes"),
        ),
    ],
)
def test_round_one_goes_to_the_most_votes_if_they_are_for_an_expression(
    votes, expected, cast, make_faces, make_params
):
    ballots = cast([("f1", *pair) for pair in zip(VOTERS, votes.split(), strict=False)])
    assert decided(one(consensus(make_faces("f1"), ballots, make_params()))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("happy", "too_few", "happy", "no ballots")),
        ({"too_few": "drop"}, ("happy", "too_few", "happy", "no ballots")),
        ({"unvoted": "drop"}, (None, "too_few", None, "no ballots")),
    ],
)
def test_a_face_without_ballots_has_what_its_source_hoped_for(
    changes, expected, cast, make_faces, make_params
):
    row = one(consensus(make_faces("f1"), cast([]), make_params(**changes)))
    assert decided(row) == expected
    assert [row[f"share_{name}"] for name in make_params().expressions] == [None] * 4


def test_without_hope_and_without_ballots_there_is_no_label(cast, make_faces, make_params):
    faces = make_faces({"face_id": "f1", "expression": pd.NA})
    row = one(consensus(faces, cast([]), make_params()))
    assert decided(row) == (None, "too_few", None, "no ballots")


def test_reviews_of_a_hoped_for_expression_count(cast, make_faces, make_params):
    ballots = cast([("f1", name, "happy: yes") for name in VOTERS[:3]])
    kept = one(consensus(make_faces("f1"), ballots, make_params()))
    assert decided(kept) == ("happy", "agreed", "happy", None)
    dropped = one(consensus(make_faces("f1"), ballots, make_params(unvoted="drop")))
    assert decided(dropped) == (None, "too_few", None, "no ballots in round one")


def test_reviews_that_asked_about_another_expression_are_stale(cast, make_faces, make_params):
    votes = [("f1", name, "angry") for name in VOTERS]
    votes += [("f1", name, "happy: yes") for name in VOTERS]
    polled = poll(cast(votes), make_faces("f1"))
    table = consensus(make_faces("f1"), polled.ballots, make_params())
    assert decided(one(table)) == ("angry", "too_few", "angry", "0 of 3 review votes")
    assert one(table)["share_happy"] == 0
    assert count(polled, table, make_params(), 0).stale_reviews == 4


def test_shares_are_what_was_said_for_each_expression(cast, make_faces, make_params):
    votes = [
        ("f1", "ada", "happy", {"also": "surprised"}),
        ("f1", "bob", "happy"),
        ("f1", "cy", "unsure", {"also": "neutral"}),
        ("f1", "dee", "surprised"),
        ("f1", "ada", "happy: yes"),
        ("f1", "bob", "happy: yes"),
        ("f1", "cy", "happy: no"),
    ]
    table = consensus(make_faces("f1"), cast(votes), make_params())
    row = one(check(table, labels(make_params().expressions), Path("labels.csv")))
    assert row["initial"] == "happy"
    # happy 2 and 2 of yes, surprised 1 and 1 of also, neutral 1 of also: 7 in all
    assert [row[f"share_{name}"] for name in make_params().expressions] == [
        0,
        0.571429,
        0.142857,
        0.285714,
    ]
    assert [row[f"votes_{name}"] for name in make_params().expressions] == [0, 2, 0, 1]


def test_an_expression_is_named_by_the_share_of_voters_who_said_it(cast, make_faces, make_params):
    votes = [
        ("f1", "ada", "happy", {"also": "surprised"}),
        ("f1", "bob", "happy"),
        ("f1", "cy", "unsure", {"also": "neutral"}),
        ("f1", "ada", "happy: yes"),  # said already
        ("f1", "cy", "happy: yes"),
        ("f1", "dee", "happy: no"),  # a voter who names none
        ("f1", "eve", "angry: yes"),  # stale: no voter here
    ]
    faces = make_faces("f1", "f2")
    table = consensus(faces, cast(votes), make_params()).set_index("face_id")
    named = table[[f"named_{name}" for name in make_params().expressions]]
    assert named.loc["f1"].tolist() == [0, 0.75, 0.25, 0.25]
    assert named.loc["f2"].isna().all()


def test_where_each_voter_says_one_expression_shares_and_names_are_the_same(
    cast, make_faces, make_params
):
    votes = zip(VOTERS, ["happy", "angry", "happy", "neutral"], strict=True)
    row = one(consensus(make_faces("f1"), cast([("f1", *vote) for vote in votes]), make_params()))
    for name in make_params().expressions:
        assert row[f"named_{name}"] == row[f"share_{name}"]


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ("glasses|glasses|-|-", "glasses"),  # half of four
        ("glasses|-|-|-", None),
        ("profile glasses|glasses  covered|covered profile|-", "covered glasses profile"),
        ("glasses", "glasses"),
        ("-|-", None),
    ],
)
def test_a_face_has_the_tags_that_half_of_its_voters_gave(
    given, tags, cast, make_faces, make_params
):
    said = zip(VOTERS, given.split("|"), strict=False)
    votes = [("f1", who, "happy", {"tags": pd.NA if what == "-" else what}) for who, what in said]
    row = one(consensus(make_faces("f1"), cast(votes), make_params()))
    assert row["tags"] == tags


def test_a_voter_gives_a_tag_once_however_many_rounds(cast, make_faces, make_params):
    votes = [(f"f{n}", who, "happy") for n in (1, 2) for who in VOTERS]
    votes += [("f1", "ada", "happy: yes", {"tags": "covered"})]
    votes += [("f2", "ada", "happy: yes", {"tags": "covered"})]
    votes += [("f2", "bob", "happy: no", {"tags": "covered"})]
    cast_all = cast(votes)
    cast_all.loc[0, "tags"] = "covered"
    table = consensus(make_faces("f1", "f2"), cast_all, make_params())
    assert table["tags"].fillna("").tolist() == ["", "covered"]


def test_every_kept_face_has_its_row_in_the_order_of_the_index(cast, make_faces, make_params):
    faces = make_faces("z", {"face_id": "y", "status": "blurred"}, "b", "a")
    ballots = poll(cast([("a", "ada", "angry"), ("y", "ada", "angry")]), faces).ballots
    table = consensus(faces, ballots, make_params())
    assert table["face_id"].tolist() == ["z", "b", "a"]
    assert table["initial"].tolist() == ["happy", "happy", "angry"]


def test_the_order_of_the_ballots_changes_nothing(cast, make_faces, make_params):
    faces = make_faces("f1", "f2")
    ballots = cast(
        [
            ("f1", "ada", "angry"),
            ("f2", "ada", "happy"),
            ("f1", "bob", "angry"),
            ("f2", "bob", "angry"),
            ("f1", "ada", "angry: no"),
        ]
    )
    table = consensus(faces, ballots, make_params())
    turned = consensus(faces, ballots.iloc[::-1], make_params())
    pd.testing.assert_frame_equal(table, turned)


@pytest.mark.parametrize("rule", ["strict", "majority", "dawid-skene"])
@pytest.mark.parametrize(
    "names",
    [
        ["cast", "label", "status", "words"],
        ["face_id", "initial", "votes_happy", "reason"],
        ["nan", "tied", "total", "voter"],
        ["also", "asked", "round", "vote"],
    ],
)
def test_no_name_of_an_expression_changes_a_label(names, rule, cast, make_faces, make_params):
    called = dict(zip(make_params().expressions, names, strict=True))
    faces = make_faces(*(f"f{number:02}" for number in range(40)))
    votes = []
    for row, face in enumerate(faces["face_id"]):
        most, least = [*called, "unsure"][row % 5], list(called)[row % 4]
        said = [most, most, most if row % 3 else least, least]
        votes += [(face, voter, vote) for voter, vote in zip(VOTERS, said, strict=True)]
        if row % 2:
            yes = "yes" if row % 7 else "no"
            votes += [(face, voter, f"{most}: {yes}") for voter in VOTERS[:3] if most in called]
    ballots = cast(votes)
    columns = {"vote": called, "asked": called}
    renamed = consensus(
        faces.assign(expression=called["happy"]),
        ballots.replace(columns),
        make_params(expressions=names, rule=rule),
    )
    plain = consensus(faces, ballots, make_params(rule=rule))
    assert set(plain["label"].dropna()) == set(called)
    for kind in ("votes", "share", "named"):
        pairs = {f"{kind}_{old}": f"{kind}_{new}" for old, new in called.items()}
        plain = plain.rename(columns=pairs)
    expected = plain.replace({"initial": called, "label": called}).assign(
        reason=plain["reason"].str.replace(
            "|".join(called), lambda match: called[match[0]], regex=True
        )
    )
    pd.testing.assert_frame_equal(renamed, expected)


def test_an_empty_index_gives_an_empty_table(cast, make_faces, make_params):
    table = consensus(make_faces(), cast([]), make_params())
    assert len(check(table, labels(make_params().expressions), Path("labels.csv"))) == 0


def test_what_became_of_every_ballot_is_counted(cast, make_faces, make_params):
    faces = make_faces(
        "f1",
        "f2",
        {"face_id": "new", "scene_id": "scene-old"},
        {"face_id": "twin", "status": "duplicate"},
    )
    ballots = cast(
        [
            ("f1", "ada", "angry"),
            ("f1", "ada", "happy"),  # a correction
            ("f1", "bob", "happy"),
            ("f1", "bob", "angry", {"repeat": 1}),  # a repeat
            ("old", "ada", "neutral"),  # moved
            ("gone", "ada", "neutral"),  # an orphan
            ("twin", "bob", "neutral"),  # on a dropped face
            ("f1", "ada", "happy: yes"),
            ("f1", "bob", "angry: no"),  # stale
            ("f2", "bob", "happy: no"),
        ]
    )
    polled = poll(ballots, faces)
    table = consensus(faces, polled.ballots, make_params())
    numbers = count(polled, table, make_params(), torn_lines=1)
    assert numbers == BallotCounts(
        voters=2,
        ballots=10,
        corrections=1,
        repeats=1,
        moved=1,
        orphans=1,
        on_dropped_faces=1,
        stale_reviews=1,
        counted=5,
        torn_lines=1,
        absent=10,  # four voters and three faces with a first label; two reviews count
    )


@pytest.mark.skipif(not FERPLUS.exists(), reason="needs ../shared/data/ferplus")
def test_plurality_of_ferplus_taggers_is_what_pandas_finds(make_faces, make_params):
    counts = pd.read_csv(FERPLUS).iloc[:3000, 2:10]  # eight expressions, of ten taggers
    counts = counts.rename(index=lambda row: f"face-{row:05}")
    params = make_params(expressions=list(counts.columns), voters=10, quorum=1)
    votes = counts.rename_axis("face_id").reset_index().melt("face_id", var_name="vote")
    votes = votes.loc[votes.index.repeat(votes["value"])]
    voters = votes.groupby("face_id").cumcount().astype("string")
    ballots = votes.assign(round="label", asked=pd.NA, also=pd.NA, tags=pd.NA, voter=voters)
    table = consensus(make_faces(*counts.index), ballots, params).set_index("face_id")

    voted = counts[counts.sum(axis=1) > 0]
    tied = voted.eq(voted.max(axis=1), axis=0).sum(axis=1) > 1
    assert 100 < tied.sum() < 1000
    expected = voted.idxmax(axis=1)
    found = table.loc[voted.index]
    assert found.loc[~tied, "initial"].tolist() == expected[~tied].tolist()
    assert found.loc[tied, "initial"].isna().all()
    assert set(found.loc[tied, "status"]) == {"contested"}
    shares = found[[f"share_{name}" for name in counts]].to_numpy(dtype=float)
    assert shares == pytest.approx(voted.div(voted.sum(axis=1), axis=0).to_numpy())


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ("yes yes no -", ("agreed", "happy", None)),
        ("yes no no -", ("contested", None, "1 of 3 votes cast")),
        ("yes yes no no", ("contested", None, "2 of 4 votes cast")),
        ("yes yes - -", ("too_few", "happy", "2 of 3 review votes")),
        ("yes yes unsure unsure", ("contested", None, "2 of 4 votes cast")),
        ("- - - -", ("agreed", "happy", None)),
    ],
)
def test_by_majority_those_who_voted_decide(cast, make_faces, make_params, reviews, expected):
    votes = [("f1", voter, "happy") for voter in VOTERS]
    said = zip(VOTERS, reviews.split(), strict=True)
    votes += [("f1", voter, f"happy: {answer}") for voter, answer in said if answer != "-"]
    row = one(consensus(make_faces("f1"), cast(votes), make_params(rule="majority")))
    assert (row["status"], row["label"], row["reason"]) == expected


def test_by_majority_round_one_decides_where_nobody_reviewed(cast, make_faces, make_params):
    two_of_four = ["happy", "happy", "angry", "neutral"]
    votes = [("f1", *pair) for pair in zip(VOTERS, two_of_four, strict=True)]
    row = one(consensus(make_faces("f1"), cast(votes), make_params(rule="majority")))
    assert decided(row) == ("happy", "contested", None, "2 of 4 votes cast")


def test_by_dawid_and_skene_one_good_voter_outweighs_two_bad_ones(cast, make_faces, make_params):
    names = ["angry", "happy", "neutral", "surprised"]
    faces = [f"f{number}" for number in range(40)]
    votes = []
    for number, face in enumerate(faces):
        shown = names[number % 4]
        votes += [(face, voter, shown) for voter in ("ada", "bob")]
        votes += [(face, "cy", names[number // 4 % 4]), (face, "dee", names[number // 8 % 4])]
    votes += [("new", "ada", "happy"), ("new", "cy", "angry"), ("new", "dee", "angry")]
    votes += [("odd", voter, "not_a_face") for voter in VOTERS]
    votes += [("few", "ada", "happy")]
    table = consensus(
        make_faces(*faces, "new", "odd", "few", "none"),
        cast(votes),
        make_params(rule="dawid-skene"),
    ).set_index("face_id")
    assert (table.loc[faces, "label"] == names * 10).all()
    assert table.loc["new", ["initial", "label", "status"]].tolist() == ["angry", "happy", "agreed"]
    assert table.loc["odd", "status"] == "rejected"
    assert pd.isna(table.loc["odd", "label"])
    assert table.loc["few", ["status", "label"]].tolist() == ["too_few", "happy"]
    assert table.loc["none", ["status", "label", "reason"]].tolist() == [
        "too_few",
        "happy",
        "no ballots",
    ]
