"""A ledger that cannot be read is named, with what restores it."""

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.ledger import read_ledger, write_ledger


def test_a_ledger_comes_back_as_it_was_written(tmp_path: Path) -> None:
    entries = {"a.csv": {"md5": "1", "inputs": {"b.csv": "2"}, "record": {}, "versions": {}}}
    write_ledger(tmp_path / "stage.json", entries)
    assert read_ledger(tmp_path / "stage.json") == entries
    assert read_ledger(tmp_path / "other.json") == {}


def test_what_cannot_be_read_is_one_line_that_never_says_to_delete_it(tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    path.write_text('{"version": 99, "outputs": {}}')
    with pytest.raises(MienError, match=r"another version of mien wrote it; use that one$"):
        read_ledger(path)
    path.write_text("half a li")
    with pytest.raises(MienError, match=r"damaged; `dvc checkout .*` restores what was committed$"):
        read_ledger(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(MienError, match=r"stage.json: the file cannot be read: Is a directory$"):
        read_ledger(path)
