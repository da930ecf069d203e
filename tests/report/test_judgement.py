"""What the best variant is good for is decided by rules, and never said too well."""

from dataclasses import replace

import pandas as pd
import pytest
from figures import metrics_of, variant_row

from mien.evaluate.files import ClassScores
from mien.report.page.cautions import cautions
from mien.report.page.judgement import Evidence, evidence, judge
from mien.report.page.yields import unvoted_share, waiting

GOOD = variant_row(accuracy_low=0.86, groups=60)
COMMONEST = ("happy", 0.4)
ASKED = {"waiting": 0, "is_drawn": False, "is_voted": True, "is_crossed": False}


def seen(name: str = "angry", **changes) -> Evidence:
    known = {"faces": 200, "groups": 80, "checked": 40, "checked_groups": 20, "recall": 0.8}
    return Evidence(name=name, **(known | changes))


CLASSES = [seen(), seen("happy", recall=0.95)]


def test_a_good_variant_is_usable_on_faces_like_these_and_names_its_weakest_class():
    found = judge(GOOD, CLASSES, COMMONEST, **ASKED)
    assert found.verdict == "Usable"
    assert found.reasons == [
        "It tells angry and happy apart on faces like these: of 100 answers expect 6 to 14 wrong.",
        "Its weakest class is angry, of which it finds 80.0\u202f%.",
    ]
    assert "on those it is often worse" in found.steps[-1]


@pytest.mark.parametrize(
    ("best", "classes", "asked", "verdict", "reason", "step"),
    [
        ({}, {}, {"is_drawn": True}, "A demonstration", "Nothing is known yet about photographs", "sources.csv"),
        ({"leak": 0.3}, {}, {}, "Not usable yet", "30\u202f% of the faces", "scheme: grouped"),
        ({"reliable": False, "groups": 12}, {}, {}, "Not usable yet", "12 groups", "cross_validate"),
        ({"accuracy_low": None}, {}, {}, "Not usable yet", "always answering happy", "add faces of every"),
        ({"accuracy_low": 0.4}, {}, {}, "Not usable yet", "always answering happy", "add faces of every"),
        ({}, {"checked": 19}, {}, "Not usable yet", "19 of 200 angry faces (20 groups)", "about 11 more angry"),
        ({}, {"checked_groups": 4}, {}, "Not usable yet", "40 of 200 angry faces (4 groups)", "angry faces of more people"),
        ({}, {"checked": 0}, {}, "Not usable yet", "0 of 200 angry faces (20 groups)", "angry faces of more people"),
        ({}, {"recall": 0.49}, {}, "Not usable yet", "only 49.0\u202f% of the angry", "the matrix of v"),
        ({"accuracy_low": 0.74}, {}, {}, "Usable with care", "expect 6 to 26", "add faces, angry above all"),
        ({}, {}, {"is_voted": False}, "Usable with care", "expect 6 to 14", "let people vote"),
        ({"accuracy_low": 0.75}, {}, {}, "Usable", "expect 6 to 25 wrong", "pictures from elsewhere"),
        ({}, {"checked": 20, "checked_groups": 5, "recall": 0.5}, {}, "Usable", "50.0", "elsewhere"),
    ],
)  # fmt: skip
def test_each_rule_decides_at_its_own_edge(best, classes, asked, verdict, reason, step):
    found = judge(
        replace(GOOD, **best), [seen(**classes), seen("happy")], COMMONEST, **(ASKED | asked)
    )
    assert found.verdict == verdict
    assert reason in " ".join(found.reasons)
    assert step in "; ".join(found.steps)


def test_a_scarce_class_is_told_with_its_faces_and_its_people():
    angry = seen(faces=27, groups=5, checked=6, checked_groups=1)
    found = judge(GOOD, [angry, seen("happy")], COMMONEST, **ASKED)
    assert found.reasons == ["It was checked on too few faces: 6 of 27 angry faces (1 group)."]
    assert found.steps == [
        "add about 63 more angry faces, or check v on every fold (cross_validate: true in "
        "params.yaml)"
    ]
    crossed = judge(GOOD, [angry, seen("happy")], COMMONEST, **(ASKED | {"is_crossed": True}))
    assert crossed.steps == ["add about 63 more angry faces"]


def test_faces_that_wait_for_votes_come_before_new_pictures():
    few = [seen(checked=6, checked_groups=1), seen("happy")]
    found = judge(GOOD, few, COMMONEST, **(ASKED | {"waiting": 300}))
    assert found.reasons[0] == "300 faces have no label yet: too few people voted."
    assert found.steps[0] == "vote on 300 faces (mien vote), then run snakemake again"
    found = judge(GOOD, few, COMMONEST, **(ASKED | {"is_voted": False}))
    assert found.steps[0] == "let people vote on the faces (mien vote), then run snakemake again"
    assert judge(GOOD, CLASSES, COMMONEST, **(ASKED | {"waiting": 300})).verdict == "Usable"
    leaking = judge(replace(GOOD, leak=0.5), few, COMMONEST, **(ASKED | {"waiting": 300}))
    assert "scheme: grouped" in leaking.steps[0]
    assert leaking.steps[1].startswith("vote on 300 faces")


def test_faces_wait_for_votes_while_too_few_people_voted_and_they_have_no_label():
    table = pd.DataFrame(
        {
            "label": ["x", pd.NA, pd.NA, pd.NA],
            "status": ["too_few", "too_few", "contested", "rejected"],
        }
    )
    assert waiting(table) == 1
    many = pd.concat([table, pd.DataFrame({"label": ["x"] * 7, "status": "agreed"})])
    assert waiting(many) == 0, "under a tenth of the faces"


def test_every_fault_is_told_and_no_step_twice():
    bad = replace(GOOD, leak=0.5, reliable=False, groups=3, accuracy_low=0.1)
    few = {"checked": 1, "checked_groups": 1}
    found = judge(bad, [seen(**few), seen("happy", **few)], COMMONEST, **ASKED)
    assert len(found.reasons) == 4
    assert "1 of 200 angry faces (1 group) and 1 of 200 happy faces" in found.reasons[1]
    assert len(found.steps) == len(set(found.steps))


def test_no_figure_makes_a_leaking_or_unreliable_variant_usable():
    perfect = {"accuracy": 1.0, "accuracy_low": 0.99, "accuracy_high": 1.0}
    for fault in ({"leak": 0.01}, {"reliable": False}):
        found = judge(replace(GOOD, **perfect, **fault), CLASSES, COMMONEST, **ASKED)
        assert found.verdict == "Not usable yet"


def test_evidence_counts_faces_groups_and_the_recall_of_all_runs():
    faces = pd.DataFrame({"group_id": list("aabbcd"), "label": ["x", "x", "x", "y", "y", "x"]})
    checked = pd.Series([True, False, True, True, False, False])
    known = [{"x": (0.5, 2), "y": (1.0, 1)}, {"x": (1.0, 2), "y": (None, 0)}]
    runs = [
        metrics_of(per_class={name: ClassScores(None, recall, None, support)
                              for name, (recall, support) in run.items()})
        for run in known
    ]  # fmt: skip
    x, y, z = evidence(faces, checked, ["x", "y", "z"], runs)
    assert (x.faces, x.groups, x.checked, x.checked_groups, x.recall) == (4, 3, 2, 2, 0.75)
    assert (y.faces, y.groups, y.checked, y.checked_groups, y.recall) == (2, 2, 1, 1, 1.0)
    assert (z.faces, z.groups, z.checked, z.recall, z.is_scarce) == (0, 0, 0, 0.0, True)


def labels(votes: list[int]) -> pd.DataFrame:
    rows = pd.DataFrame({"label": "x", "votes_x": votes, "votes_y": 0, "yes": 0, "no": 0})
    return pd.concat([rows, rows.assign(label=pd.NA, votes_x=0)])


def test_labels_that_are_nobodys_votes_are_warned_of():
    sources = pd.DataFrame({"kind": ["folder"]})
    for votes, words in (
        ([0, 0], "Nobody has voted: each label is what its source was hoped to show."),
        ([1, 0, 0, 1], "Nobody voted on 50\u202f% of the labels"),
        ([1] * 19 + [0], None),
    ):
        said = cautions(GOOD, None, sources, unvoted=unvoted_share(labels(votes)))
        assert said[0].startswith(words) if words else said == []
    assert unvoted_share(labels([])) == 0.0


def test_a_group_that_is_much_of_the_faces_is_warned_of_and_named_where_groups_are():
    sources = pd.DataFrame({"kind": ["folder"]})
    assert cautions(GOOD, None, sources, largest=("Ada", 0.2)) == []
    (said,) = cautions(GOOD, None, sources, largest=("Ada", 0.31))
    assert said.startswith("One group, Ada, is 31\u202f% of the faces it was checked on")
    (said,) = cautions(GOOD, None, sources, largest=("", 0.31))
    assert said.startswith("One group is 31\u202f% of the faces")


def test_an_expression_that_it_was_not_taught_is_named():
    (said,) = cautions(GOOD, None, pd.DataFrame({"kind": ["folder"]}), untaught=["sad"])
    assert said.startswith("It does not know sad")
