"""The table of sources is read, or refused with the line."""

from pathlib import Path

import pytest

from mien.acquire.sources import read_sources
from mien.errors import TableError
from mien.params import load

EXPRESSIONS = ["angry", "happy"]
HEADER = "source_id,kind,target,limit,expression,group\n"


def test_a_table_of_sources_is_read_in_its_order(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text("source_id,kind,target,limit\nb,folder,photos,10\na,drawn,happy-1,5\n")
    sources = read_sources(path, EXPRESSIONS)
    assert list(sources.source_id) == ["b", "a"]
    assert list(sources.limit) == [10, 5]
    assert sources.expression.isna().all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "A b,folder,p,1,,",
            "source_id is 'A b'; it names files: lower-case letters, digits, '-' and '_'",
        ),
        ("a,foldr,p,1,,", "kind is 'foldr'; did you mean 'folder'?"),
        ("a,web,p,1,,", "kind is 'web'; it must be one of flickr, video, folder, drawn"),
        ("a,folder,,1,,", "target is empty; every row needs one"),
        ("a,folder,p,0,,", "limit is 0; it must be at least 1"),
        ("a,folder,p,many,,", "limit is 'many'; it must be a whole number"),
        (
            "a,folder,p,1,hapy,",
            "expression is 'hapy', which is not in labels.expressions; did you mean 'happy'?",
        ),
        ("a,folder,p,1,,x(", "group is 'x(': missing ), unterminated subpattern at position 1"),
        ("a,folder,p,1,,x", "group is 'x'; it must be a pattern with one bracket"),
        (
            "first,folder,p,1,,",
            "source_id is first for the second time; it must be unique in the table of sources",
        ),
        ("a,folder,p", "3 fields; the header has 6 columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path, row, message):
    path = tmp_path / "sources.csv"
    path.write_text(HEADER + "first,drawn,happy-1,5,happy,\n\n" + row + "\n")
    with pytest.raises(TableError) as error:
        read_sources(path, EXPRESSIONS)
    assert str(error.value) == f"{path}, line 4: {message}"


def test_a_misspelt_column_gets_a_suggestion(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text("source_id,kind,target,limits\na,folder,p,1\n")
    with pytest.raises(TableError) as error:
        read_sources(path, EXPRESSIONS)
    assert "line 1" in str(error.value)
    assert "'limit'" in str(error.value)


def test_a_table_without_rows_is_refused(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text(HEADER)
    with pytest.raises(TableError, match="there are no sources; write one line for each"):
        read_sources(path, EXPRESSIONS)


def test_the_example_of_the_paper_is_valid():
    example = Path(__file__).parents[2] / "examples" / "paper"
    params = load(example / "params.yaml")
    sources = read_sources(example / "data" / "sources.csv", params.labels.expressions)
    assert sources["kind"].value_counts().to_dict() == {"flickr": 8, "video": 2}
    assert sources["expression"].value_counts().to_dict() == dict.fromkeys(
        ["happy", "angry", "surprised", "neutral"], 2
    )
