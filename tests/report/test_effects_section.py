"""What each setting gave, as the overview tells it."""

import pytest
from bs4 import BeautifulSoup

from mien.evaluate.files import Effect, Gain
from mien.report.page.effects import effect_rows, verdict


@pytest.fixture(scope="module")
def section(project) -> BeautifulSoup:
    return BeautifulSoup(project.page(), "html.parser").find("section", id="compared")


def rows(section: BeautifulSoup, label: str) -> list[str]:
    """Return the texts of the rows of the table in the region of this name."""
    region = section.find(attrs={"aria-label": label})
    return [" ".join(row.get_text(" ").split()) for row in region.select("tbody tr")]


def test_settings_that_gained_and_those_that_lost_have_a_row(section):
    assert rows(section, "Effects of settings") == [
        "image size px 32 → 64 yolov8n-32 yolov8n-64 +12.0 +4.0 to +20.0 −0.020 −0.030 to −0.010 "
        "25 helps",
        "lr0 0.001 → <script>alert('x')</script> yolov8n-32 yolov8n-64 −2.0 −3.0 to −1.0 0.300 "
        "0.100 to 0.500 25 harms",
    ]


def test_the_leak_is_told_side_by_side_with_what_it_seems_to_give(section):
    assert rows(section, "Worth of the leak") == [
        "grouped → paper-every5 yolov8n-32 yolov8n-64 0.0 % 80.0 % +12.0 +4.0 to +20.0 seems better"
    ]


def test_averaged_seeds_stand_beside_single_ones(section):
    (row,) = rows(section, "Averaged runs")
    assert row.startswith("resnet50-64 2 ")
    assert row.endswith("66.0 % +2.0 −1.0 to +5.0")


def test_pairs_with_the_best_variant_come_first_and_the_others_are_folded(section):
    first, folded = section.select("ul.pairs")
    assert all("yolov8n-64" in item.text for item in first.select("li"))
    assert "The other pairs (1)" in folded.find_parent("details").summary.text
    assert "p = 0.031" in first.li.text


def effect(low: float | None, high: float | None) -> Effect:
    gain = Gain(0.02, low, high)
    return Effect("labels", "a", "b", 1, 2, gain, gain, faces=9, groups=9, reliable=False)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.03, "helps"),
        (-0.03, -0.01, "harms"),
        (-0.01, 0.01, "no difference shown"),
        (None, None, "cannot be said"),
    ],
)
def test_an_interval_on_one_side_of_nought_decides(low, high, word):
    assert verdict(Gain(0.0, low, high)) == word


def test_the_axis_has_nought_in_its_middle_and_reaches_to_the_farthest_end():
    (row,), schemes = effect_rows([effect(-0.01, 0.04)])
    assert schemes == []
    assert row["reach"] == 0.04
    assert row["mark"] == {"at": 75.0, "low": 37.5, "high": 100.0}


def test_an_effect_without_an_interval_has_a_place_all_the_same():
    (row,), _ = effect_rows([effect(None, None)])
    assert row["mark"] == {"at": 100.0, "low": None, "high": None}
