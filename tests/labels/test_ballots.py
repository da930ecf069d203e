"""Voters' files are read as they are, or refused with the line to mend."""

from pathlib import Path

import pandas as pd
import pytest

from mien.errors import ParamsError, TableError
from mien.labels.ballots import (
    ballot_files,
    latest,
    match_to_faces,
    poll,
    read_ballots,
    refuse_strays,
)
from mien.labels.checks import check_hopes, check_voters

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
HEADER = "face_id,scene_id,x,y,width,height,voter,round,asked,vote,also,tags,cast_at,repeat"
HAPPY = "f1,s1,10,20,50,60,ada,label,,happy,,,2024-05-17T14:03:00+00:00,0"
YES = "f1,s1,10,20,50,60,ada,review,happy,yes,,,2024-05-17T15:03:00Z,0"


@pytest.fixture
def ada(tmp_path, monkeypatch):
    """Write ada's file and return its path, which is short because it is relative."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes) -> Path:
        path = Path("ada.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def refusal(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read_ballots([path], EXPRESSIONS)
    return str(caught.value)


def test_ballots_are_read_with_their_types(ada):
    ballots, torn = read_ballots([ada(lines(HAPPY, YES))], EXPRESSIONS)
    assert torn == []
    assert ballots["vote"].tolist() == ["happy", "yes"]
    assert ballots["width"].tolist() == [50, 50]
    assert ballots["asked"].isna().tolist() == [True, False]


def test_no_file_gives_an_empty_table():
    ballots, torn = read_ballots([], EXPRESSIONS)
    assert (len(ballots), torn) == (0, [])
    assert ",".join(ballots.columns) == HEADER


def test_a_file_with_nothing_but_its_header_has_no_ballots(ada):
    assert len(read_ballots([ada(HEADER)], EXPRESSIONS)[0]) == 0


@pytest.mark.parametrize(
    "written",
    [
        b"\xef\xbb\xbf" + lines(HAPPY, YES).encode(),
        lines(HAPPY, YES).replace("\n", "\r\n").encode(),
        lines(HAPPY, YES).replace(",", ";").encode(),
        lines("", HAPPY, "", ",,,,,,,,,,,,,", YES, "").encode(),
        b"\n\r\n" + lines(HAPPY, YES).encode(),
        b"\xef\xbb\xbf" + lines(HAPPY, YES).replace(",", ";").replace("\n", "\r\n").encode(),
        lines(HAPPY, YES).rstrip("\n").encode(),
        lines(HAPPY, YES).replace("ada", ' "ada" '.strip()).encode(),
    ],
    ids=["mark", "CRLF", "semicolons", "blank", "blank first", "Excel", "unended", "quoted"],
)
def test_what_spreadsheets_write_is_read_alike(ada, written):
    plain, _ = read_ballots([ada(lines(HAPPY, YES))], EXPRESSIONS)
    ballots, torn = read_ballots([ada(written)], EXPRESSIONS)
    pd.testing.assert_frame_equal(ballots, plain)
    assert torn == []


def test_columns_may_stand_in_any_order(ada):
    plain, _ = read_ballots([ada(lines(HAPPY, YES))], EXPRESSIONS)
    turned = "\n".join(",".join(reversed(row.split(","))) for row in (HEADER, HAPPY, YES))
    pd.testing.assert_frame_equal(read_ballots([ada(turned)], EXPRESSIONS)[0], plain)


def test_asked_also_and_tags_may_be_absent(ada):
    content = (
        "face_id,scene_id,x,y,width,height,voter,round,vote,repeat,cast_at\n"
        "f1,s1,10,20,50,60,ada,label,happy,0,2024-05-17\n"
    )
    ballots, _ = read_ballots([ada(content)], EXPRESSIONS)
    assert ballots[["asked", "also", "tags"]].isna().all(axis=None)


@pytest.mark.parametrize(
    "rest",
    ["f2,s2", "f2", YES[:-2], YES.replace("ada", "a"), "f2,s2,1,2,3,4,ada,label,,hap", '"f2,s'],
)
def test_a_torn_last_line_is_left_out_and_its_place_told(ada, rest):
    ballots, torn = read_ballots([ada(lines(HAPPY) + rest)], EXPRESSIONS)
    assert ballots["vote"].tolist() == ["happy"]
    assert torn == ["ada.csv, line 3"]


def test_a_line_torn_within_a_letter_is_left_out(ada):
    content = lines(HAPPY).encode() + "f2,s2,1,2,3,4,ada,label,,happy,,é".encode()[:-1]
    ballots, torn = read_ballots([ada(content)], EXPRESSIONS)
    assert (len(ballots), torn) == (1, ["ada.csv, line 3"])


def test_a_faulty_line_before_a_torn_one_is_still_refused(ada):
    message = refusal(ada(lines(HAPPY.replace("happy", "hapy")) + "f2,s2"))
    assert message == "ada.csv, line 2: vote is 'hapy'; did you mean 'happy'?"


def test_the_same_fault_in_an_ended_last_line_is_refused(ada):
    assert refusal(ada(lines(HAPPY, "f2,s2"))) == (
        "ada.csv, line 3: 2 fields; the header has 14 columns"
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (HAPPY.replace("happy", "hapy"), "vote is 'hapy'; did you mean 'happy'?"),
        (
            HAPPY.replace("happy", "joy"),
            "vote is 'joy'; it must be one of angry, happy, neutral, surprised, "
            "yes, no, unsure, not_a_face, artificial, taken_back",
        ),
        (HAPPY.replace("label", "lable"), "round is 'lable'; did you mean 'label'?"),
        (
            YES.replace("happy", "sad"),
            "asked is 'sad'; it must be one of " + ", ".join(EXPRESSIONS),
        ),
        (
            HAPPY.replace(",,,2024", ",surprise,,2024"),
            "also is 'surprise'; did you mean 'surprised'?",
        ),
        (
            HAPPY.replace("happy", "yes"),
            "vote is 'yes' in round label; yes and no answer round review",
        ),
        (
            YES.replace("yes", "angry"),
            "vote is 'angry' in round review; "
            "it must be one of yes, no, unsure, not_a_face, artificial",
        ),
        (
            YES.replace("happy", ""),
            "asked is empty; in round review it is the expression asked about",
        ),
        (
            HAPPY.replace("ada", "Ada"),
            "voter is 'Ada', but the file is named after 'ada'; each voter has one file",
        ),
        (HAPPY.replace("50", "0"), "width is 0; it must be 1 or more"),
        (HAPPY.replace("60,", "-6,"), "height is -6; it must be 1 or more"),
        (HAPPY.removesuffix("0") + "-1", "repeat is -1; it must be 0 or more"),
        (HAPPY.replace("10", "ten"), "x is 'ten'; it must be a whole number"),
        (HAPPY.replace("f1", ""), "face_id is empty; every row needs one"),
        (
            HAPPY.replace(",,,2024", ",happy,,2024"),
            "also is 'happy', as is vote; leave it empty or name a second expression",
        ),
        (
            HAPPY.replace("2024-05-17T", "17.5.2024 "),
            "cast_at is '17.5.2024 14:03:00+00:00'; it must be an ISO time "
            "such as 2024-05-17T14:03:00+00:00",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_line_and_the_way_out(ada, row, message):
    assert refusal(ada(lines(YES, "", row))) == f"ada.csv, line 4: {message}"


@pytest.mark.parametrize("column", ["voter", "vote", "asked", "x", "cast_at", "round"])
def test_a_value_as_long_as_a_book_is_told_by_its_beginning_and_its_end(ada, column):
    values = dict(zip(HEADER.split(","), YES.split(","), strict=True)) | {
        column: 30_000 * "9" + "z"
    }
    row = ",".join(values.values())
    message = refusal(ada(lines(row)))
    assert message.startswith("ada.csv, line ")
    assert len(message) < 300


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            lines(HAPPY).replace("cast_at", "castat"),
            "ada.csv, line 1: the column 'cast_at' is missing; a table of ballots has "
            + HEADER.replace(",", ", "),
        ),
        (
            lines(HAPPY).replace("tags", "tag"),
            "ada.csv, line 1: 'tag' is not a column of a table of ballots; did you mean 'tags'?",
        ),
        (
            lines(HAPPY).replace("tags", "also"),
            "ada.csv, line 1: the column 'also' appears twice",
        ),
        (
            lines(HAPPY).encode() + b"\xff\n",
            "ada.csv, line 3: not UTF-8; save the file as UTF-8 CSV",
        ),
    ],
)
def test_a_bad_file_is_refused(ada, content, message):
    assert refusal(ada(content)) == message


def test_a_file_that_is_missing_is_named(ada):
    ada("")
    assert refusal(Path("bob.csv")) == "bob.csv: the file is missing"


@pytest.mark.parametrize("end", ["", YES[:20]], ids=["whole", "torn"])
def test_a_mark_too_many_in_a_long_file_is_named_with_its_line(ada, end):
    tagged = HAPPY.replace(",,,2024", ',,"glasses,2024')
    message = refusal(ada(lines(HAPPY, tagged, *[HAPPY] * 3000) + end))
    assert message == (
        'ada.csv, line 3: a quotation mark (") opens a text here and is not closed; '
        "close or remove it"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("ada.CSV", "ada.Csv", "ada.csv.txt", "ada.csv ", "ada.tsv", "ada.xlsx", "ada.xls"),
        *("ada.ods", "ada.csv.csv.txt", "ada.csv.gz"),
    ],
)
def test_what_looks_like_ballots_and_is_not_read_is_told(ada, name):
    ada(lines(HAPPY)).rename(name)
    stem = "ada.csv" if name.startswith("ada.csv.csv") else "ada"
    with pytest.raises(TableError) as caught:
        refuse_strays(Path())
    assert str(caught.value) == (
        f"{name!r} is not read: ballots are files whose names end in .csv; "
        f"save it as {stem}.csv, or move it elsewhere"
    )


def test_a_folder_with_the_name_of_ballots_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bob.csv").mkdir()
    assert ballot_files(Path()) == []
    with pytest.raises(TableError, match=r"^'bob\.csv' is a folder: "):
        refuse_strays(Path())


def test_notes_backups_and_hidden_files_beside_ballots_are_passed_over(ada):
    path = ada(lines(HAPPY))
    for name in ("README.md", "notes.txt", "ada.csv~", "ada.csv.bak", "#ada.csv#", ".ada.csv.swp"):
        Path(name).touch()
    Path(".~lock.ada.csv#").touch()
    Path("old").mkdir()
    refuse_strays(Path())
    assert ballot_files(Path()) == [path]


def test_two_files_of_one_voter_are_refused(ada):
    path = ada(lines(HAPPY))
    other = Path("old") / "ada.csv"
    other.parent.mkdir()
    other.write_text(lines(HAPPY))
    with pytest.raises(TableError) as caught:
        read_ballots([path, other], EXPRESSIONS)
    assert str(caught.value) == "old/ada.csv: 'ada' has another file, ada.csv; join the two"


def test_an_accent_taken_apart_in_a_file_name_is_the_same_voter(tmp_path):
    path = tmp_path / "Zoe\u0308.csv"
    path.write_text(lines(HAPPY.replace("ada", "Zo\u00eb")))
    assert read_ballots([path], EXPRESSIONS)[0]["voter"].tolist() == ["Zo\u00eb"]


def test_more_voters_on_a_face_than_the_settings_count_are_refused(cast, make_params):
    names = ("ada", "bob", "cy")
    ballots = cast([("f1", name, "happy: yes") for name in names])
    with pytest.raises(ParamsError) as caught:
        check_voters(ballots, make_params(voters=2, quorum=2), Path("params.yaml"))
    assert str(caught.value) == (
        "params.yaml: labels.voters is 2, but 3 voted on face f1: ada, bob, cy; "
        "set it to how many vote on a face, or to null"
    )


def test_as_many_other_voters_may_vote_on_other_faces(cast, make_params):
    faces = {"f1": ("ada", "bob"), "f2": ("simulated-1", "simulated-2")}
    votes = [(face, name, "happy: yes") for face, names in faces.items() for name in names]
    check_voters(cast(votes), make_params(voters=2, quorum=2), Path("params.yaml"))
    check_voters(cast([]), make_params(), Path("params.yaml"))


def test_a_source_that_hopes_for_no_known_expression_is_refused(make_faces, make_params):
    faces = make_faces("f1", {"face_id": "f2", "expression": "hapy"})
    with pytest.raises(TableError) as caught:
        check_hopes(faces, make_params(), Path("faces.csv"))
    assert str(caught.value) == (
        "faces.csv, line 3: source web names the expression 'hapy', "
        "which is not in labels.expressions; did you mean 'happy'?"
    )


def test_the_latest_of_several_answers_counts_whatever_the_zone(cast):
    ballots = cast(
        [
            ("f1", "ada", "happy", {"cast_at": "2024-05-17T12:00:00"}),
            ("f1", "ada", "angry", {"cast_at": "2024-05-17T13:30:00+02:00"}),
            ("f1", "ada", "neutral", {"cast_at": "2024-05-17T10:00:00Z"}),
            ("f1", "bob", "neutral", {"cast_at": "2024-05-17T10:00:00Z"}),
        ]
    )
    current, corrections = latest(ballots)
    assert corrections == 2
    assert current[["voter", "vote"]].values.tolist() == [["ada", "happy"], ["bob", "neutral"]]


def test_of_answers_at_one_time_the_last_row_counts(cast):
    at = {"cast_at": "2024-05-17T12:00:00"}
    current, corrections = latest(cast([("f1", "ada", "happy", at), ("f1", "ada", "angry", at)]))
    assert (current["vote"].tolist(), corrections) == (["angry"], 1)


def test_rounds_and_repeats_are_no_corrections_of_each_other(cast):
    ballots = cast(
        [
            ("f1", "ada", "happy"),
            ("f1", "ada", "happy: no"),
            ("f1", "ada", "angry", {"repeat": 1}),
        ]
    )
    current, corrections = latest(ballots)
    assert (len(current), corrections) == (3, 0)


def test_an_answer_taken_back_leaves_none(cast):
    ballots = cast([("f1", "ada", "happy"), ("f1", "ada", "taken_back"), ("f1", "bob", "happy")])
    current, corrections = latest(ballots)
    assert (current["voter"].tolist(), corrections) == (["bob"], 2)
    again = cast([("f1", "ada", "happy"), ("f1", "ada", "taken_back"), ("f1", "ada", "angry")])
    assert latest(again)[0]["vote"].tolist() == ["angry"]


def test_ballots_follow_a_face_that_was_detected_anew(cast, make_faces):
    faces = make_faces({"face_id": "new", "scene_id": "scene-old", "x": 20})  # IoU 80 / 120
    matched = match_to_faces(cast([("old", "ada", "happy"), ("old", "bob", "happy")]), faces)
    assert matched.ballots["face_id"].tolist() == ["new", "new"]
    assert matched.counts == {"moved": 2, "orphans": 0, "on_dropped_faces": 0}


def test_iou_of_0_6_moves_a_ballot_and_less_leaves_an_orphan(cast, make_faces):
    ballots = cast([("old", "ada", "happy")])
    exactly = make_faces({"face_id": "new", "scene_id": "scene-old", "x": 25})  # 75 / 125
    less = make_faces({"face_id": "new", "scene_id": "scene-old", "x": 26})  # 74 / 126
    elsewhere = make_faces({"face_id": "new", "scene_id": "scene-other"})
    assert match_to_faces(ballots, exactly).counts["moved"] == 1
    assert match_to_faces(ballots, less).counts["orphans"] == 1
    assert match_to_faces(ballots, elsewhere).counts["orphans"] == 1


def test_of_two_old_faces_only_the_nearer_moves_to_a_new_one(cast, make_faces):
    scene = {"scene_id": "s"}
    ballots = cast([("far", "ada", "happy", scene | {"x": 15}), ("near", "bob", "angry", scene)])
    matched = match_to_faces(ballots, make_faces({"face_id": "new", "x": 5} | scene))
    assert matched.ballots[["face_id", "voter"]].values.tolist() == [["new", "bob"]]
    assert matched.counts == {"moved": 1, "orphans": 1, "on_dropped_faces": 0}


def test_an_old_face_moves_to_one_new_face_only(cast, make_faces):
    faces = make_faces(
        {"face_id": "a", "scene_id": "scene-old", "x": 15},
        {"face_id": "b", "scene_id": "scene-old", "x": 5},
    )
    matched = match_to_faces(cast([("old", "ada", "happy")]), faces)
    assert matched.ballots["face_id"].tolist() == ["b"]


def test_a_ballot_never_moves_over_one_cast_on_the_new_face(cast, make_faces):
    scene = {"scene_id": "s"}
    ballots = cast(
        [
            ("new", "ada", "happy", scene),
            ("old", "ada", "angry", scene),
            ("old", "ada", "happy: yes", scene),
            ("old", "bob", "angry", scene),
        ]
    )
    matched = match_to_faces(ballots, make_faces({"face_id": "new"} | scene))
    assert matched.counts == {"moved": 2, "orphans": 1, "on_dropped_faces": 0}
    assert matched.ballots[["voter", "vote"]].values.tolist() == [
        ["ada", "happy"],
        ["ada", "yes"],
        ["bob", "angry"],
    ]


def test_ballots_on_dropped_faces_do_not_count_and_are_counted(cast, make_faces):
    faces = make_faces(
        "kept",
        {"face_id": "twin", "status": "duplicate", "duplicate_of": "kept"},
        {"face_id": "tiny", "status": "too_small"},
    )
    matched = match_to_faces(cast([(face, "ada", "happy") for face in faces["face_id"]]), faces)
    assert matched.ballots["face_id"].tolist() == ["kept"]
    assert matched.counts == {"moved": 0, "orphans": 0, "on_dropped_faces": 2}


def test_repeats_stay_out_of_the_poll_and_are_counted(cast, make_faces):
    ballots = cast([("f1", "ada", "happy"), ("f1", "ada", "angry", {"repeat": 1})])
    polled = poll(ballots, make_faces("f1"))
    assert polled.ballots["vote"].tolist() == ["happy"]
    assert polled.counts["repeats"] == 1
