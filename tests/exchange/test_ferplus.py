"""Vote counts in the layout of FER+ are read, dealt out as ballots, and written."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from mien.errors import ParamsError, TableError
from mien.exchange.ferplus import (
    answers,
    as_votes,
    count_votes,
    deal,
    majority_share,
    names,
    read_counts,
    table,
)
from mien.exchange.matching import match_images
from mien.labels.ballots import poll
from mien.tables import write_csv

REAL = Path(__file__).parents[3] / "shared/data/ferplus/fer2013new.csv"
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


@pytest.fixture
def counts(tmp_path, monkeypatch):
    """Read counts from a short file: the header of FER+ and these rows."""
    monkeypatch.chdir(tmp_path)

    def read(*rows: str, header: str = HEADER, taggers: int = 10) -> pd.DataFrame:
        Path("votes.csv").write_text("\n".join([header, *rows]) + "\n")
        return read_counts(Path("votes.csv"), EXPRESSIONS, taggers)

    return read


def refusal(read, *rows, **options):
    with pytest.raises(TableError) as caught:
        read(*rows, **options)
    return str(caught.value)


ROW = "Training,fer0.png,4,0,0,1,3,2,0,0,0,0"


def test_a_file_without_its_header_has_the_columns_of_ferplus(counts):
    whole = counts(ROW, "PublicTest,,0,0,0,0,0,0,0,0,0,10")
    bare = counts("PublicTest,,0,0,0,0,0,0,0,0,0,10", header=ROW)
    pd.testing.assert_frame_equal(bare, whole)


def test_the_label_file_of_one_part_is_read_too(counts):
    rows = [
        'fer0.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0',
        'a.png,"(0, 0, 48, 48)",0,9,0,0,0,0,0,0,1,0',
    ]
    read = counts(rows[1], header=rows[0])
    assert read["Image name"].tolist() == ["fer0.png", "a.png"]
    assert read[answers(read)].iloc[0].tolist() == [4, 0, 0, 1, 3, 2, 0, 0, 0, 0]
    assert answers(read) == HEADER.split(",")[2:]


def test_the_columns_may_stand_in_any_order(counts):
    turned = counts(
        ",".join(reversed(ROW.split(","))), header=",".join(reversed(HEADER.split(",")))
    )
    pd.testing.assert_frame_equal(turned, counts(ROW))


def test_a_fault_in_a_file_without_a_header_has_its_line(counts):
    message = refusal(counts, ROW.replace("4,0", "4,x"), header=ROW)
    assert message == "votes.csv, line 2: happiness is 'x'; it must be a whole number"
    assert refusal(counts, ROW, header=ROW.removesuffix(",0")).startswith("votes.csv, line ")


@pytest.mark.skipif(not REAL.is_file(), reason="FER+ is not here")
def test_all_rows_of_ferplus_are_read_and_its_majorities_are_those_of_another_count():
    counts = read_counts(REAL, EXPRESSIONS, 10)
    with REAL.open(newline="") as file:
        rows = [[int(field) for field in row[2:]] for row in list(csv.reader(file))[1:]]
    assert len(counts) == len(rows) == 35887
    assert counts[answers(counts)].to_numpy().tolist() == rows
    most = sum(any(votes > 5 for votes in row) for row in rows)
    assert majority_share(counts, 10, answers(counts)) == most / len(rows)
    of_expressions = sum(any(votes > 5 for votes in row[:8]) for row in rows)
    assert majority_share(counts, 10, answers(counts)[:8]) == of_expressions / len(rows)


def test_five_of_ten_are_no_absolute_majority_and_six_are(counts):
    read = counts("Training,a.png,5,5,0,0,0,0,0,0,0,0", "Training,b.png,6,4,0,0,0,0,0,0,0,0")
    assert majority_share(read, 10, answers(read)) == 0.5


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Training,b.png,-1,5,0,0,0,0,0,0,0,0", "neutral is -1; it must be 0 or more"),
        ("Training,b.png,4,2.5,0,0,0,0,0,0,0,0", "happiness is '2.5'; it must be a whole number"),
        ("Training,b.png,4,x,0,0,0,0,0,0,0,0", "happiness is 'x'; it must be a whole number"),
        ("Training,b.png,4,,0,0,0,0,0,0,0,0", "happiness is empty; every row needs one"),
        ("Trainig,b.png,4,0,0,0,0,0,0,0,0,0", "Usage is 'Trainig'; did you mean 'Training'?"),
        ("Training,b.png,4,4,0,0,0,0,0,0,0,3", "11 votes; there must be 1 to 10 (--taggers)"),
        ("Training,b.png,0,0,0,0,0,0,0,0,0,0", "0 votes; there must be 1 to 10 (--taggers)"),
        ("Training,b.png,4,0", "4 fields; the header has 12 columns"),
    ],
)
def test_a_wrong_row_is_refused_with_file_line_and_value(counts, row, message):
    good = "Training,a.png,4,0,0,1,3,2,0,0,0,0"
    assert refusal(counts, good, "", row) == f"votes.csv, line 4: {message}"


def test_a_column_that_is_no_known_expression_is_refused(counts):
    message = refusal(counts, header=HEADER.replace("sadness", "sadnes"))
    assert message == (
        "votes.csv, line 1: 'sadnes' is not a column of a table of vote counts; "
        "did you mean 'sadness'?"
    )


def test_a_file_without_rows_is_refused(counts):
    assert refusal(counts) == "votes.csv: there are no rows"


def test_a_picture_may_lack_a_name_and_columns_may_be_those_of_the_project(counts):
    read = counts("PublicTest,,1,0,3", header="Usage,Image name,happiness,unknown,NF")
    assert (read["Image name"].isna().all(), answers(read)) == (
        True,
        ["happiness", "unknown", "NF"],
    )


def test_expressions_have_the_words_of_ferplus_where_one_alone_has_it():
    assert names(["happy", "calm", "afraid"]) == {
        "happy": "happiness",
        "calm": "calm",
        "afraid": "fear",
    }
    assert names(["afraid", "scared"]) == {"afraid": "afraid", "scared": "scared"}


def test_an_expression_with_the_name_of_another_column_is_refused():
    with pytest.raises(ParamsError, match=r"'unknown' in labels\.expressions"):
        names(["happy", "unknown"])


def test_a_picture_is_found_by_face_id_by_item_and_by_file_name(make_faces):
    faces = make_faces("f1", "f2", "f3", "f4")
    items = {
        "scene-f1": "x",
        "scene-f2": "123",
        "scene-f3": "old/fer7.jpg",
        "scene-f4": "old/a.b.png",
    }
    scenes = pd.DataFrame(items.items(), columns=["scene_id", "item_id"], dtype="string")
    images = pd.Series(
        ["f1.png", "123.jpg", "fer7.png", "old/a.b.png", "g.png", None], dtype="string"
    )
    found = match_images(images, faces, scenes)
    assert found.fillna("none").tolist() == ["f1", "f2", "f3", "f4", "none", "none"]


def test_a_picture_of_two_faces_and_a_name_of_two_pictures_match_none(make_faces):
    faces = make_faces(
        {"face_id": "f1", "scene_id": "pair"}, {"face_id": "f2", "scene_id": "pair"}, "f3", "f4"
    )
    items = {"pair": "p.png", "scene-f3": "a/twin.png", "scene-f4": "b/twin.png"}
    scenes = pd.DataFrame(items.items(), columns=["scene_id", "item_id"], dtype="string")
    found = match_images(pd.Series(["p.png", "twin.png"], dtype="string"), faces, scenes)
    assert found.isna().all()


def test_of_two_pictures_of_a_name_the_one_with_a_single_face_is_not_taken_for_the_other(
    make_faces,
):
    faces = make_faces(
        {"face_id": "f1", "scene_id": "pair"}, {"face_id": "f2", "scene_id": "pair"}, "f3"
    )
    items = [("pair", "a/x.png"), ("scene-f3", "b/x.png"), ("scene-f3", "b/x.png")]
    scenes = pd.DataFrame(items, columns=["scene_id", "item_id"], dtype="string")
    found = match_images(pd.Series(["x.png", "b/x.png"], dtype="string"), faces, scenes)
    assert found.fillna("none").tolist() == ["none", "f3"]


def test_votes_for_expressions_that_the_project_lacks_become_unsure_and_are_counted(counts):
    read = counts("Training,a.png,1,2,0,3,0,0,1,0,1,2").set_index(pd.Index(["f1"]))
    votes, lacking = as_votes(read, EXPRESSIONS)
    assert votes.loc["f1"].to_dict() == {
        "angry": 0,
        "happy": 2,
        "neutral": 1,
        "surprised": 0,
        "unsure": 5,
        "not_a_face": 2,
        "artificial": 0,
    }
    assert lacking == {"sadness": 3, "fear": 1}


def test_votes_are_dealt_out_in_a_fixed_order_and_none_is_lost():
    votes = pd.DataFrame({"happy": [2, 0], "unsure": [1, 1]}, index=["f1", "f2"])
    dealt = deal(votes)
    assert dealt.to_numpy().tolist() == [
        ["f1", "ferplus-1", "happy"],
        ["f1", "ferplus-2", "happy"],
        ["f1", "ferplus-3", "unsure"],
        ["f2", "ferplus-1", "unsure"],
    ]
    assert deal(votes.iloc[:0]).empty


def test_written_counts_are_those_of_round_one_and_are_read_again(cast, make_faces, tmp_path):
    faces = make_faces("f2", "f1", "f3")
    ballots = cast(
        [
            ("f1", "ada", "happy"),
            ("f1", "bob", "unsure"),
            ("f1", "cy", "artificial"),
            ("f1", "dan", "not_a_face"),
            ("f1", "ada", "happy: unsure"),
            ("f1", "ada", "angry", {"repeat": 1}),
            ("f2", "ada", "surprised"),
        ]
    )
    counts = count_votes(poll(ballots, faces).ballots, faces, EXPRESSIONS)
    path = tmp_path / "votes.csv"
    write_csv(path, counts, table(names(EXPRESSIONS).values()))
    assert path.read_text() == (
        "Usage,Image name,anger,happiness,neutral,surprise,unknown,NF\n"
        "Training,f2.png,0,0,0,1,0,0\n"
        "Training,f1.png,0,1,0,0,1,2\n"
    )
    assert read_counts(path, EXPRESSIONS, 4)["NF"].tolist() == [0, 2]


def test_usage_is_the_part_of_the_split_and_a_face_without_one_is_left_out(cast, make_faces):
    faces = make_faces("f1", "f2", "f3", "f4")
    ballots = cast([(face, "ada", "happy") for face in faces["face_id"]])
    splits = pd.DataFrame({"face_id": ["f1", "f2", "f3"], "split": ["val", "train", "test"]})
    counts = count_votes(ballots, faces, EXPRESSIONS, splits.astype("string"))
    assert counts[["Usage", "Image name"]].to_numpy().tolist() == [
        ["PublicTest", "f1.png"],
        ["Training", "f2.png"],
        ["PrivateTest", "f3.png"],
    ]
