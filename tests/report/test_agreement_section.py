import json
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mien.labels.files import BallotCounts, Round
from mien.report.page.agreement import (
    alpha_meaning,
    leaning,
    moved_sentence,
    round_meaning,
    vote_counts,
)

HOSTILE = "<script>alert('x')</script>"
GAP = "\u202f"  # before a per cent sign


def section(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser").find("section", id="agreement")


def changed(project, tmp_path, change) -> BeautifulSoup:
    """Return the section of a copy of the project whose agreement is changed."""
    copy = project.copy(tmp_path / "copy")
    path = copy.root / "metrics/agreement.json"
    agreement = json.loads(path.read_text())
    change(agreement)
    path.write_text(json.dumps(agreement))
    return section(copy.page())


@pytest.fixture(scope="module")
def shown(project) -> BeautifulSoup:
    return section(project.page())


def rows(table) -> dict[str, list[str]]:
    """Return the texts of a table's rows by the first text of their headings."""
    return {
        row.th.find(string=True).strip(): [
            cell.get_text(" ", strip=True) for cell in row.find_all("td")
        ]
        for row in table.select("tbody tr")
    }


def test_alpha_of_each_round_stands_there_with_its_meaning(shown):
    facts = {fact.dt.text: " ".join(fact.dd.text.split()) for fact in shown.select(".facts div")}
    assert facts == {
        "Round one": "0.712, from 640 votes on 320 faces. The voters agree well enough for "
        "tentative conclusions only.",
        "Round two": "–, from 0 votes on 0 faces. There is no alpha: no face has two votes, or all "
        "votes are the same.",
    }


@pytest.mark.parametrize(
    ("alpha", "word"),
    [
        (0.8, "relied on"),
        (0.799, "tentative"),
        (0.667, "tentative"),
        (0.666, "too little"),
        (0.0, "too little"),
        (-0.01, "less than chance"),
        (None, "no alpha"),
    ],
)
def test_alpha_is_read_as_krippendorff_does(alpha, word):
    assert word in alpha_meaning(alpha)


def test_a_low_alpha_beside_unanimous_faces_is_explained_where_it_stands():
    skewed = Round(alpha=-0.01, unanimous=0.9, votes=9, faces=3)
    assert "Yet on 90" in round_meaning(skewed)
    assert "alpha corrects for chance" in round_meaning(skewed)
    balanced = {"alpha": 0.65, "unanimous": 0.71}  # three voters, two classes of one size
    no_alpha = {"alpha": None, "unanimous": None}
    for plain in ({"unanimous": 0.4}, {"alpha": 0.8}, no_alpha, balanced):
        assert "chance. Where" not in round_meaning(replace(skewed, **plain))


def test_each_voter_has_a_row_of_their_numbers(shown):
    voters = rows(shown.select_one(".voters"))
    assert voters["ada"] == [
        *("1,020", f"91.4{GAP}%", f"95.0{GAP}% 40 repeats", f"93.0{GAP}% 91.0 to 95.1", "nothing"),
    ]
    happy, angry = f"happy\xa0+32{GAP}%", f"angry\xa0−30{GAP}%"
    assert voters["ben"] == [
        *("61", f"48.0{GAP}%", "– 0 repeats", f"41.0{GAP}%", f"{happy}, {angry}"),
    ]


def test_unreliable_voter_is_named_in_a_sentence(shown):
    assert [caution.text for caution in shown.select(".caution")] == [
        f"Caution. ben is unreliable: only about 41{GAP}% of their answers seem right."
    ]


def test_every_two_voters_have_their_kappa_in_both_directions(shown):
    table = shown.select_one(".kappas")
    names = [heading.text for heading in table.select("thead th")][1:]
    matrix = pd.DataFrame(rows(table), index=names)
    assert list(matrix.columns) == names and matrix.equals(matrix.T)
    assert matrix.loc["ada", "ben"] == "0.39 41 faces"
    assert matrix.loc["ben", HOSTILE] == "– 1 face"
    assert matrix.loc["ben", names[-1]] == "– 0 faces"
    assert [matrix.loc[name, name] for name in names] == [""] * 4


def test_moved_ballots_and_orphans_are_told_in_a_sentence(shown):
    assert (
        "Of 1,204 ballots, 3 moved to another face, found anew where theirs had been, and 1 lost "
        "theirs for good (orphans)."
    ) in [p.text for p in shown.find_all("p")]
    assert "Of 1 ballot, 0 moved" in moved_sentence(BallotCounts(1, 1, *[0] * 9))


def test_disputed_faces_show_their_votes(project, shown):
    disputed = json.loads((project.root / "metrics/agreement.json").read_text())["disputed"]
    tiles = shown.select(".faces li")
    assert [[vote.text for vote in tile.select(".said span")] for tile in tiles] == [
        ["2 happy", "1 angry", "1 not a face"]
    ] * len(disputed)
    assert {tile.img["alt"] for tile in tiles} == {
        "A disputed face: 2 happy, 1 angry and 1 not a face"
    }


def test_a_disputed_face_that_was_withdrawn_since_is_not_shown(project, tmp_path):
    copy = project.copy(tmp_path / "copy")
    gone = json.loads((copy.root / "metrics/agreement.json").read_text())["disputed"][0]["face_id"]
    for name in ("faces", "labels"):
        path = copy.root / f"data/{name}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        mine = table["face_id"] == gone
        if name == "faces":
            table.loc[mine, "status"] = "withdrawn"
        else:
            table = table[~mine]
        table.to_csv(path, index=False)
    assert len(section(copy.page()).select(".faces li")) == 1


def test_without_a_ballot_one_sentence_says_so(project, tmp_path):
    def empty(agreement: dict) -> None:
        agreement.update(voters=[], pairs=[], disputed=[])
        for counts in agreement["rounds"].values():
            counts.update(alpha=None, votes=0, faces=0)

    section = changed(project, tmp_path, empty)
    assert [tag.text for tag in section.find_all(True)] == [
        "How far the voters agree",
        "No ballot counts yet, so there is no agreement to measure.",
    ]


def test_a_single_voter_has_no_matrix_and_disputes_nothing(project, tmp_path):
    def alone(agreement: dict) -> None:
        agreement.update(voters=agreement["voters"][:1], pairs=[], disputed=[])

    section = changed(project, tmp_path, alone)
    assert len(section.find_all("table")) == 1
    assert not section.select("h3, .faces")


def test_a_voter_leans_to_what_they_say_a_tenth_more_or_less_often():
    assert leaning({"angry": 1.1, "happy": 1.09, "neutral": 0.0, "surprised": 0.9}) == (
        f"neutral\xa0−100{GAP}%, angry\xa0+10{GAP}%, surprised\xa0−10{GAP}%"
    )


def test_a_voter_without_a_label_to_compare_with_leans_to_nothing_that_is_known():
    assert leaning({"angry": None}) == "–"


def test_equal_counts_of_votes_stand_by_name():
    assert vote_counts({"neutral": 1, "happy": 2, "angry": 1}) == [
        "2 happy",
        "1 angry",
        "1 neutral",
    ]
