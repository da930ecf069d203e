"""Flickr's numbers for licences, and the pages of their terms."""

import pytest

from mien.acquire.drawing.drawn import LICENCE
from mien.acquire.licences import LICENCES, licence_url

CC = "https://creativecommons.org"


def test_every_number_of_flickr_has_a_name_of_its_own():
    assert sorted(LICENCES) == list(range(17))
    assert len({licence.name for licence in LICENCES.values()}) == 17


@pytest.mark.parametrize(
    ("number", "name", "url"),
    [
        (0, "All rights reserved", None),
        (3, "CC BY-NC-ND 2.0", f"{CC}/licenses/by-nc-nd/2.0/"),
        (4, "CC BY 2.0", f"{CC}/licenses/by/2.0/"),
        (7, "No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
        (8, "United States Government Work", "https://www.usa.gov/government-copyright"),
        (9, "CC0 1.0", f"{CC}/publicdomain/zero/1.0/"),
        (10, "Public Domain Mark 1.0", f"{CC}/publicdomain/mark/1.0/"),
        (12, "CC BY-SA 4.0", f"{CC}/licenses/by-sa/4.0/"),
        (16, "CC BY-NC-ND 4.0", f"{CC}/licenses/by-nc-nd/4.0/"),
    ],
)
def test_a_number_of_flickr_is_a_name_with_a_page(number, name, url):
    assert LICENCES[number].name == name
    assert licence_url(name) == url


def test_what_other_sources_state_has_a_page_too():
    assert licence_url(LICENCE) == f"{CC}/publicdomain/zero/1.0/"
    of_youtube = "Creative Commons Attribution license (reuse allowed)"
    assert licence_url(of_youtube) == f"{CC}/licenses/by/3.0/"
    assert licence_url(f"{CC}/licenses/by/4.0/") == f"{CC}/licenses/by/4.0/"


@pytest.mark.parametrize("name", ["unknown", "", "javascript:alert(1)", "cc by 2.0"])
def test_a_name_that_is_not_known_has_no_page(name):
    assert licence_url(name) is None
