import pandas as pd

from mien.report.page.yields import (
    skip_reasons,
    totals,
    unlabelled_reasons,
    yield_per_class,
    yield_per_source,
)

# Source a hopes for happy: three scenes, two with faces; five faces, of which one is too small
# and one a duplicate. Source b hopes for nothing: its one scene is the third of a, so its face is
# repeated. Source c gave nothing at all.
SOURCES = pd.DataFrame(
    {"source_id": ["a", "b", "c"], "expression": ["happy", pd.NA, "angry"], "limit": [4, 2, 9]}
)
SCENES = pd.DataFrame({"scene_id": ["s1", "s2", "s3", "s3"], "source_id": ["a", "a", "a", "b"]})
SKIPPED = pd.DataFrame(
    {"source_id": ["a", "b", "b"], "item_id": ["x", "y", "z"], "reason": ["torn", "torn", "torn"]}
)
FOUND = pd.DataFrame(
    {
        "face_id": ["f1", "f2", "f3", "f4", "f5", "f5"],
        "scene_id": ["s1", "s1", "s1", "s1", "s3", "s3"],
        "source_id": ["a", "a", "a", "a", "a", "b"],
    }
)
FACES = pd.DataFrame(
    {
        "face_id": ["f1", "f2", "f3", "f4", "f5"],
        "source_id": ["a"] * 5,
        "status": ["kept", "too_small", "duplicate", "kept", "kept"],
    }
)
LABELS = pd.DataFrame(
    {
        "face_id": ["f1", "f4", "f5"],
        "initial": ["happy", "angry", pd.NA],
        "label": ["happy", pd.NA, pd.NA],
        "status": ["agreed", "contested", "rejected"],
        "reason": [pd.NA, "1 yes of 4 voters", "round one: not_a_face has 2 of 2 votes"],
    }
)
SPLIT = pd.DataFrame({"face_id": ["f1"], "split": ["val"]})


def per_source() -> pd.DataFrame:
    return yield_per_source(SOURCES, SCENES, SKIPPED, FOUND, FACES, LABELS, SPLIT)


def test_every_step_of_a_source_is_counted():
    a = per_source().set_index("source_id").loc["a"].drop("expression")
    assert a.to_dict() == {
        **{"limit": 4, "scenes": 3, "skipped": 1, "with_face": 2, "found": 5},
        **{"repeated": 0, "withdrawn": 0, "too_small": 1, "blurred": 0, "duplicate": 1, "kept": 3},
        **{"labelled": 1, "unlabelled": 2, "train": 0, "val": 1, "test": 0},
    }


def test_face_of_a_scene_that_an_earlier_source_has_is_repeated():
    b = per_source().set_index("source_id").loc["b"]
    assert (b["scenes"], b["skipped"], b["found"], b["repeated"], b["kept"]) == (1, 2, 1, 1, 0)


def test_source_that_gave_nothing_has_a_row_of_zeros():
    c = per_source().set_index("source_id").loc["c"].drop(["expression", "limit"])
    assert set(c) == {0}


def test_no_face_is_lost_between_two_steps():
    all_sources = totals(per_source())
    drops = ["repeated", "withdrawn", "too_small", "blurred", "duplicate"]
    assert all_sources["found"] == all_sources[[*drops, "kept"]].sum() == 6
    assert all_sources["kept"] == all_sources[["labelled", "unlabelled"]].sum() == 3


def test_expression_counts_by_hope_then_first_label_then_label():
    rows = yield_per_class(["angry", "happy"], per_source(), LABELS, SPLIT, "label")
    rows = rows.set_index("expression")
    assert rows.index.tolist() == ["angry", "happy", ""]
    assert rows["found"].tolist() == [0, 5, 1]
    assert rows["initial"].tolist() == [1, 1, 1]
    assert rows["unlabelled"].tolist() == [1, 0, 1]
    assert rows["labelled"].tolist() == [0, 1, 0]
    assert rows["val"].tolist() == [0, 1, 0]


def test_split_of_first_labels_counts_by_them():
    split = pd.DataFrame({"face_id": ["f1", "f4"], "split": ["val", "train"]})
    rows = yield_per_class(["angry", "happy"], per_source(), LABELS, split, "initial")
    assert rows["train"].tolist() == [1, 0, 0]


def test_row_for_no_expression_stands_only_where_it_counts_something():
    known = LABELS[LABELS["initial"].notna()]
    hopeful = per_source().query("source_id != 'b'")
    rows = yield_per_class(["angry", "happy"], hopeful, known, SPLIT, "label")
    assert rows["expression"].tolist() == ["angry", "happy"]


def test_reasons_stand_with_the_commonest_first():
    skipped = skip_reasons(SKIPPED).to_dict("records")
    assert [(row["source_id"], row["items"]) for row in skipped] == [("b", 2), ("a", 1)]
    assert unlabelled_reasons(LABELS)["status"].tolist() == ["contested", "rejected"]


def test_nothing_at_all_gives_zeros():
    rows = yield_per_source(
        SOURCES, SCENES[:0], SKIPPED[:0], FOUND[:0], FACES[:0], LABELS[:0], SPLIT[:0]
    )
    assert rows.drop(columns=["source_id", "expression", "limit"]).to_numpy().sum() == 0
