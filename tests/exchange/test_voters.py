"""Names of voters name files: nothing else may come in by them."""

import pytest

from mien.errors import ParamsError
from mien.labels.voters import voter_name


@pytest.mark.parametrize("name", ["ada", "Ada-2", "zo\u00eb", "李_四", "x" * 40])
def test_letters_and_digits_of_any_language_are_a_name(name):
    assert voter_name(name) == name


def test_an_accent_taken_apart_is_put_together():
    assert voter_name("zoe\u0308") == "zo\u00eb"


@pytest.mark.parametrize(
    "name",
    ["", " ", "../x", "a/b", "=cmd()", ".ada", "-ada", "+1", "@ada", "a b", "a\nb", "x" * 41],
)
def test_anything_else_is_refused_with_one_line(name):
    with pytest.raises(ParamsError) as caught:
        voter_name(name)
    assert "is no voter's name; it may have letters" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        *(("Ben Müller", "; try Ben-Müller"), ("a..b!", "; try a-b"), ("x" * 41, "x" * 40)),
        *(("_", ""), ("simulated 1", ""), ("organiser!", "")),
    ],
)
def test_what_is_refused_is_told_with_the_nearest_name_there_can_be(name, near):
    with pytest.raises(ParamsError) as caught:
        voter_name(name)
    assert str(caught.value).endswith(near or "of them")
    if near:
        assert voter_name(near.removeprefix("; try "))


@pytest.mark.parametrize("name", ["simulated-1", "Simulated-me", "ferplus-1"])
def test_the_names_of_simulated_voters_are_taken(name):
    with pytest.raises(ParamsError, match="who is no person"):
        voter_name(name)
