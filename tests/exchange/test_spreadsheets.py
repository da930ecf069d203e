"""Ballots that a spreadsheet wrote are read, or refused with the line to mend."""

from pathlib import Path

import pytest

from mien.errors import TableError
from mien.labels.ballots import read_ballots

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
HEADER = "face_id,scene_id,x,y,width,height,voter,round,asked,vote,also,tags,cast_at,repeat"
HAPPY = "f1,s1,10,20,50,60,ada,label,,happy,,,2024-05-17T14:03:00Z,0"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read ada's file, which is as a spreadsheet leaves it: BOM, semicolons, CRLF."""
    monkeypatch.chdir(tmp_path)

    def save(*rows: str, content: bytes = b""):
        text = "\r\n".join([HEADER, *rows]).replace(",", ";").replace("COMMA", ",") + "\r\n"
        Path("ada.csv").write_bytes(content or text.encode("utf-8-sig"))
        return read_ballots([Path("ada.csv")], EXPRESSIONS)

    return save


def refusal(read, *rows, **options):
    with pytest.raises(TableError) as caught:
        read(*rows, **options)
    return str(caught.value)


def test_bom_semicolons_crlf_and_empty_rows_at_the_end_are_read(read):
    ballots, torn = read(HAPPY, "," * 13, "," * 13)
    assert (ballots["vote"].tolist(), ballots["repeat"].tolist(), torn) == (["happy"], [0], [])


def test_whole_numbers_with_a_point_and_nought_are_whole_numbers(read):
    ballots, _ = read(HAPPY.replace("10,20", "12.0,20.00"))
    assert ballots[["x", "y"]].to_numpy().tolist() == [[12, 20]]


def test_ids_that_look_like_dates_stay_texts(read):
    ballots, _ = read(HAPPY.replace("f1,s1", "2024-05-17,1234567890123e45"))
    assert ballots[["face_id", "scene_id"]].to_numpy().tolist() == [
        ["2024-05-17", "1234567890123e45"]
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (HAPPY.replace("10,20", "12.5,20"), "x is '12.5'; it must be a whole number"),
        (HAPPY.replace("10,20", "12COMMA0,20"), "x is '12,0'; it must be a whole number"),
        (HAPPY.replace("10,20", "TRUE,20"), "x is 'TRUE'; it must be a whole number"),
        (HAPPY.replace("10,20", "#VALUE!,20"), "x is '#VALUE!'; it must be a whole number"),
        (
            HAPPY.replace("happy", "TRUE"),
            "vote is 'TRUE'; it must be one of angry, happy, neutral, surprised, "
            "yes, no, unsure, not_a_face, artificial, taken_back",
        ),
        (HAPPY.replace("happy", "Happy"), "vote is 'Happy'; did you mean 'happy'?"),
        (
            HAPPY.replace("2024-05-17T14:03:00Z", "17.05.2024 14:03"),
            "cast_at is '17.05.2024 14:03'; it must be an ISO time such as 2024-05-17T14:03:00+00:00",
        ),
        (
            HAPPY.replace("2024-05-17T14:03:00Z", "45429.5854"),
            "cast_at is '45429.5854'; it must be an ISO time such as 2024-05-17T14:03:00+00:00",
        ),
        (HAPPY.replace("f1", ""), "face_id is empty; every row needs one"),
    ],
)
def test_what_a_spreadsheet_made_of_a_value_is_refused_with_its_line(read, row, message):
    assert refusal(read, HAPPY, row) == f"ada.csv, line 3: {message}"


def test_tabs_are_read_as_commas_are(read):
    ballots, _ = read(content=f"{HEADER}\n{HAPPY}\n".replace(",", "\t").encode())
    assert ballots["vote"].tolist() == ["happy"]


def test_other_encodings_are_refused(read):
    message = refusal(read, content=f"{HEADER}\n{HAPPY}\n".encode("utf-16"))
    assert message == "ada.csv, line 1: not UTF-8; save the file as UTF-8 CSV"
