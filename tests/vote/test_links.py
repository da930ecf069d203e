"""The file of the voters' links is secret, whole, and told of in one line when it is not."""

import subprocess
import sys

import pytest

from mien.errors import ParamsError, SourceError
from mien.vote.links import invite, read_links, take_back


def test_a_link_is_given_once_and_taken_back_before_its_voter_has_voted(tmp_path):
    path = tmp_path / "links.json"
    voter, token = invite(path, " ada", [])
    assert voter == "ada"
    assert read_links(path).find(token) == ("ada", False)
    assert invite(path, "ada", []) == ("ada", token)
    assert read_links(path).voters == {"ada": token}
    with pytest.raises(ParamsError, match="'ada' has voted already"):
        take_back(path, "ada", ["ada"])
    take_back(path, "ada", [])
    assert read_links(path).find(token) is None
    with pytest.raises(ParamsError, match="'ada' has no link; `mien vote links` shows who has one"):
        take_back(path, "ada", [])


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        read_links(tmp_path)
    damaged = tmp_path / "links.json"
    damaged.write_text("{")
    with pytest.raises(SourceError, match="delete it to make new ones"):
        read_links(damaged)


def test_the_server_starts_without_libraries_of_statistics():
    code = "import sys, mien.vote.voting, mien.vote.server as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "pandas" in loaded
    assert not loaded & {"scipy", "sklearn", "matplotlib", "torch", "tensorflow"}
