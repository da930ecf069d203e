"""Labels in doubt and what second looks made of them, as the overview tells it."""

import json

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mien.evaluate.second_look import OUTCOMES


def section(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser").find("section", id="doubted")


@pytest.fixture(scope="module")
def shown(project) -> BeautifulSoup:
    return section(project.page())


def texts(elements) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in elements]


def test_doubted_faces_stand_with_their_label_and_what_is_suggested(project, shown):
    table = pd.read_csv(project.root / "metrics/suspected.csv")
    assert texts(shown.select(".faces .said")) == [
        f"{label} 12 % happy 81 %" for label in table["label"]
    ]
    assert "the labels of 2 faces" in shown.p.text


def test_outcomes_of_second_looks_are_counted_by_label(shown):
    assert texts(shown.select("tbody tr, tfoot tr")) == ["angry 3 0 0 1 1 0", "all 3 0 0 1 1 0"]


def test_without_doubts_and_second_looks_the_section_says_so(project, tmp_path):
    copy = project.copy(tmp_path / "copy")
    path = copy.root / "metrics/suspected.csv"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    none = {"offered": 0, "outcomes": dict.fromkeys(OUTCOMES, 0), "classes": {}}
    (copy.root / "metrics/second_look.json").write_text(json.dumps(none))
    said = section(copy.page())
    assert texts(said.select(".key")) == [
        "The models doubt no label.",
        "Nobody has taken a second look yet.",
    ]
