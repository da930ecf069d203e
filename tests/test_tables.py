"""Tables are checked whenever they are read or written, and a fault is named with its line."""

import csv

import pandas as pd
import pytest

from mien.errors import TableError
from mien.tables import Column, Table, check_references, read_csv, write_csv

TABLE = Table(
    "the table of fruit",
    {
        "fruit_id": Column(),
        "colour": Column(allowed=("red", "green")),
        "weight": Column("number"),
        "count": Column("integer", empty=True),
        "p_*": Column("number", optional=True),
        "note": Column(empty=True, optional=True),
    },
    key=("fruit_id",),
)
HEADER = "fruit_id,colour,weight,count\n"


def read(tmp_path, text):
    path = tmp_path / "fruit.csv"
    path.write_bytes(text.encode())
    return read_csv(path, TABLE)


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "a,red,0.5,2\nb,green,1,\n",
        "\ufeff" + HEADER + "a,red,0.5,2\nb,green,1,\n",
        (HEADER + "a,red,0.5,2\nb,green,1,\n").replace("\n", "\r\n"),
        (HEADER + "a,red,0.5,2\nb,green,1,\n").replace("\n", "\r"),
        (HEADER + "a,red,0.5,2\nb,green,1,\n").replace(",", ";"),
        (HEADER + "a,red,0.5,2\nb,green,1,\n").replace(",", "\t"),
        (HEADER + "a,red,0.5,2\r\nb,green,1,\r"),
        "\n" + (HEADER + "a,red,0.5,2\nb,green,1,\n").replace(",", ";"),
        (HEADER + "a,red,0.5,2\nb,green,1,\n").replace("\n", ",,\n"),
        "colour,count,fruit_id,weight\nred,2,a,0.5\n\ngreen,,b,1",
        HEADER + '"a", red ,0.5,2\nb,green,1,\n',
    ],
    ids=[
        *("plain", "byte order mark", "CRLF", "CR", "semicolons", "tabs", "mixed ends"),
        *("blank first", "nothing at the end", "other order", "quotes and spaces"),
    ],
)
def test_a_table_is_read_as_people_write_it(tmp_path, text):
    frame = read(tmp_path, text)
    assert list(frame.columns) == ["fruit_id", "colour", "weight", "count", "note"]
    assert frame.fruit_id.tolist() == ["a", "b"]
    assert frame.weight.tolist() == [0.5, 1.0]
    assert frame["count"].isna().tolist() == [False, True]


def test_an_id_of_digits_and_one_e_stays_a_text(tmp_path):
    assert read(tmp_path, HEADER + "1234567890123e45,red,1,\n").fruit_id[0] == "1234567890123e45"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "a,blue,1,2\n", "line 2: colour is 'blue'; it must be one of red, green"),
        (HEADER + "a,red,1,2\nb,red,heavy,2\n", "line 3: weight is 'heavy'; it must be a number"),
        (HEADER + "a,red,nan,2\n", "line 2: weight is 'nan'; it must be a number"),
        (HEADER + "a,red,1,2.5\n", "line 2: count is '2.5'; it must be a whole number"),
        (
            HEADER + "a,red,1,12345678901234567890\n",
            "line 2: count is '12345678901234567890'; it must be a whole number",
        ),
        (HEADER + "\n\na,red,,2\n", "line 4: weight is empty; every row needs one"),
        (HEADER + "a,red,1\n", "line 2: 3 fields; the header has 4 columns"),
        (
            HEADER + "a,red,1,2\na,red,1,2\n",
            "line 3: fruit_id is a for the second time; it must be unique in the table of fruit",
        ),
        (
            "fruit_id,colour,weight,count,nose\n",
            "line 1: 'nose' is not a column of the table of fruit; did you mean 'note'?",
        ),
        ("fruit_id,colour,weight,count,note,note\n", "line 1: the column 'note' appears twice"),
        (HEADER + 'a,red,"1,000",2\n', "line 2: weight is '1,000'; it must be a number"),
        (HEADER + "a,red,1,2\nb,red," + "9" * 300 + "x,2\n",
         f"line 3: weight is '{'9' * 37}...{'9' * 37}x'; it must be a number"),
        ("x" * 300 + ",colour,weight,count\n",
         "line 1: the column 'fruit_id' is missing; "
         "the table of fruit has fruit_id, colour, weight, count, p_*, note"),
        (
            "fruit_id,colour,weight\n",
            "line 1: the column 'count' is missing; "
            "the table of fruit has fruit_id, colour, weight, count, p_*, note",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(TableError) as error:
        read(tmp_path, text)
    assert str(error.value) == f"{tmp_path / 'fruit.csv'}, {message}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the file is empty; its first line must name the columns"),
        (HEADER.encode() + b"a,r\xe9d,1,2\n", ", line 2: not UTF-8; save the file as UTF-8 CSV"),
        (HEADER.encode("utf-16"), ", line 1: not UTF-8; save the file as UTF-8 CSV"),
        (HEADER.encode("utf-16-le"), ", line 1: not text; save the file as UTF-8 CSV"),
        (HEADER.encode() + b"a,r\0d,1,2\n", ", line 2: not text; save the file as UTF-8 CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, message):
    path = tmp_path / "fruit.csv"
    path.write_bytes(content)
    with pytest.raises(TableError) as error:
        read_csv(path, TABLE)
    assert str(error.value) == f"{path}{message}"


ROW = "{},red,1,2,\n"
UNCLOSED = 'a quotation mark (") opens a text here and is not closed; close or remove it'


@pytest.mark.parametrize(
    "rest",
    ["", ROW.format("c"), ROW.format('"c"'), "".join(map(ROW.format, range(20_000)))],
    ids=["at the end", "one more line", "up to another mark", "longer than a field may be"],
)
@pytest.mark.parametrize(
    "torn", ['b,red,1,2,"ripe\n', '"b,red,1,2,ripe\n', 'b"c,red,1,2,"ripe\nd,red,1,2,\n']
)
def test_a_quotation_mark_that_is_not_closed_is_named_with_its_line(tmp_path, torn, rest):
    start = HEADER.replace("\n", ",note\n") + 'a,red,1,2,"of two\nlines, 5"" wide"\n'
    with pytest.raises(TableError) as error:
        read(tmp_path, start + torn + rest)
    assert str(error.value) == f"{tmp_path / 'fruit.csv'}, line 4: {UNCLOSED}"


def test_a_field_that_is_too_long_without_a_mark_is_named_as_that(tmp_path):
    with pytest.raises(TableError, match="line 2: a field has more than 131072 letters; shorten"):
        read(tmp_path, HEADER + f"{'a' * 140_000},red,1,2\n")


def test_a_mark_within_a_text_and_a_text_of_several_lines_are_read(tmp_path):
    rows = 'a,red,1,2,5" wide\nb,red,1,2,"two\nlines"\n'
    assert read(tmp_path, HEADER.replace("\n", ",note\n") + rows).note.tolist() == [
        '5" wide',
        "two\nlines",
    ]


def test_what_is_no_file_or_may_not_be_read_is_refused(tmp_path):
    with pytest.raises(TableError, match="fruit: the file cannot be read: Is a directory"):
        (tmp_path / "fruit").mkdir()
        read_csv(tmp_path / "fruit", TABLE)
    with pytest.raises(TableError, match="under: the file cannot be read: Not a directory"):
        (tmp_path / "file").touch()
        read_csv(tmp_path / "file" / "under", TABLE)


TEXTS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=A1&","&"b"', "\uff1d1", "-", "--"),
    *("'=1", "''=1", "'", "'a", "'-1", "plain", '"', "a,b", "a\nb", "a\rb", "a\r\nb", "5e3", "-1", "+1.5"),
    f"{'1' * 60_000}.{'1' * 60_000}x",
]  # fmt: skip


def test_texts_that_a_spreadsheet_would_calculate_are_guarded_and_come_back(tmp_path):
    path = tmp_path / "fruit.csv"
    frame = pd.DataFrame({"fruit_id": TEXTS, "colour": "red", "weight": -1.5, "count": -2})
    write_csv(path, frame.assign(note=TEXTS), TABLE)
    table = read_csv(path, TABLE)
    assert table.fruit_id.tolist() == table.note.tolist() == TEXTS
    assert (set(table.weight), set(table["count"])) == ({-1.5}, {-2})
    with path.open(newline="") as file:
        cells = [row[0] for row in csv.reader(file)][1:]
    numbers = {"-1", "+1.5"}
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r\n\uff1d" and cell not in numbers]
    assert [cell for cell, text in zip(cells, TEXTS, strict=True) if cell == text] == [
        *("'", "'a", "'-1", "plain", '"', "a,b", "a\nb", "a\rb", "a\r\nb", "5e3", "-1", "+1.5"),
        TEXTS[-1],
    ]


def test_a_table_without_such_texts_has_the_bytes_that_pandas_writes(tmp_path):
    frame = pd.DataFrame({"fruit_id": ["a,b", 'c"', "d\ne", "é"], "colour": "red", "weight": -0.5})
    write_csv(tmp_path / "ours.csv", frame.assign(count=pd.NA), TABLE)
    frame.assign(count=pd.NA, note=pd.NA).to_csv(
        tmp_path / "theirs.csv", index=False, float_format="%.6f", lineterminator="\n"
    )
    assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


def test_what_is_written_is_checked_ordered_and_rounded(tmp_path):
    path = tmp_path / "out" / "fruit.csv"
    frame = pd.DataFrame(
        {
            "weight": [1 / 3],
            "p_b": [0.25],
            "fruit_id": "a",
            "p_a": [1],
            "count": [None],
            "colour": "red",
        }
    )
    write_csv(path, frame, TABLE)
    assert path.read_text() == (
        "fruit_id,colour,weight,count,p_b,p_a,note\na,red,0.333333,,0.250000,1.000000,\n"
    )
    assert read_csv(path, TABLE).weight.tolist() == [0.333333]
    with pytest.raises(TableError, match="line 2: colour is 'blue'"):
        write_csv(path, frame.assign(colour="blue"), TABLE)
    assert [file.name for file in path.parent.iterdir()] == ["fruit.csv"]


def test_a_reference_to_nothing_is_refused(tmp_path):
    values = pd.Series(["a", pd.NA, "c"], name="fruit_id", dtype="string")
    check_references(values, {"a", "c"}, tmp_path, "fruit.csv")
    with pytest.raises(TableError) as error:
        check_references(values, {"a"}, tmp_path / "x.csv", "fruit.csv")
    assert str(error.value) == (
        f"{tmp_path / 'x.csv'}, line 4: fruit_id is 'c'; there is no such row in fruit.csv"
    )
