"""The page of one variant: its figures are those of its predictions, its pictures what it says."""

import json
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mien.errors import ParamsError
from mien.params import load
from mien.report.page.answers import disagreement, first_answers, matrix_faces, worst_errors
from mien.report.page.variant_inputs import read_variant

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
VARIANTS = ["resnet50-64", "yolov8n-32", "yolov8n-64"]
PAGE = "metrics/report/yolov8n-64.html"


def test_a_misspelt_variant_is_named_with_the_one_that_was_meant(project, monkeypatch):
    monkeypatch.chdir(project.root)
    with pytest.raises(ParamsError, match="no variant 'yolov8n-65'; did you mean 'yolov8n-64'"):
        read_variant("yolov8n-65", load(Path("params.yaml")))


def soup_of(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


@pytest.fixture(scope="module")
def pages(project) -> dict[str, BeautifulSoup]:
    return {name: soup_of(project.variant_page(name)) for name in VARIANTS}


def predicted(project, variant: str) -> pd.DataFrame:
    """Return the predictions of all runs of a variant."""
    paths = project.files(f"metrics/runs/{variant}/*/predictions.csv")
    return pd.concat([pd.read_csv(path, dtype={"face_id": str}) for path in paths])


def texts(element) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in element]


def matrix(soup: BeautifulSoup) -> pd.DataFrame:
    """Return the counts that stand in the confusion matrix of a page."""
    table = soup.select_one("table.confusion")
    rows = [
        [int(text.split()[0].replace(",", "")) for text in texts(row.find_all("td"))]
        for row in table.select("tbody tr")
    ]
    heads = [head.text for head in table.select("tbody th")]
    return pd.DataFrame(rows, heads, [head.text for head in table.select("thead th")[2:]])


@pytest.mark.parametrize("variant", VARIANTS)
def test_counts_of_the_matrix_are_those_of_the_predictions(project, pages, variant):
    table = predicted(project, variant)
    counts = pd.crosstab(table.actual, table.predicted)
    counts = counts.reindex(index=EXPRESSIONS, columns=EXPRESSIONS, fill_value=0)
    shown = matrix(pages[variant])
    assert shown.sum().sum() == len(table) > 0
    assert (shown.to_numpy() == counts.to_numpy()).all()
    assert [*shown.index, *shown.columns] == EXPRESSIONS * 2


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_cell_leads_to_its_faces_and_says_how_many_there_are(project, pages, variant):
    table, soup = predicted(project, variant), pages[variant]
    faces = table.groupby(["actual", "predicted"])["face_id"].nunique()
    links = soup.select(".confusion a")
    assert len(links) == len(faces)
    for (actual, given), number in faces.items():
        place = EXPRESSIONS.index(actual), EXPRESSIONS.index(given)
        section = soup.find(id=f"cell-{place[0]}-{place[1]}")
        heading = " ".join(section.h3.text.split())
        assert heading.startswith(
            f"{actual} recognised {number} face"
            if actual == given
            else f"{actual} taken for {given} {number} face"
        )
        assert len(section.select("img")) == min(number, 12)
        assert ("12 of them" in heading) == (number > 12)
        assert all(image["loading"] == "lazy" for image in section.select("img"))


def test_scores_of_each_expression_are_those_of_the_metrics(project, pages):
    path = project.root / "metrics/runs/yolov8n-64/seed-0/metrics.json"
    metrics = json.loads(path.read_text())["per_class"]
    rows = pages["yolov8n-64"].select("table.classes tbody tr")
    for row, name in zip(rows, EXPRESSIONS, strict=True):
        scores = [metrics[name][part] for part in ("precision", "recall", "f1")]
        expected = ["–" if one is None else f"{100 * one:.1f} %" for one in scores]
        assert texts(row.find_all("td")) == [*expected, str(metrics[name]["support"])]


def test_figures_are_those_of_the_comparison_and_of_each_run(project, pages, tmp_path):
    copy = project.copy(tmp_path / "copy")
    for row in copy.compare()["variants"]:
        soup, table = pages[row["variant"]], predicted(project, row["variant"])
        (lead,) = texts(soup.select(".lead"))
        assert lead.startswith(f"{100 * (table.actual == table.predicted).mean():.1f} % of faces")
        low, high = (100 * row[name] for name in ("accuracy_low", "accuracy_high"))
        assert f"interval {low:.1f} to {high:.1f} %" in lead
        runs = soup.find(string="Its runs").find_parent("table").select("tbody tr")
        assert len(runs) == row["runs"]


def test_answers_stand_beside_the_truth_and_wrong_ones_are_marked(project, pages):
    table = predicted(project, "resnet50-64").set_index("face_id")
    tiles = pages["resnet50-64"].select("ul.answers li")
    assert len(tiles) == min(24, table.index.nunique())
    wrong = 0
    for tile in tiles:
        actual, mark, given, chance, _ = tile.select_one(".said").get_text(" ").split()
        assert (mark == "✗") == (actual != given) == ("wrong" in tile.get("class", []))
        wrong += actual != given
        rows = table[(table.actual == actual) & (table.predicted == given)]
        chances = [f"{100 * one:.0f}" for one in rows[f"p_{given}"]]
        assert chance in chances
    assert 0 < wrong < len(tiles)


def test_worst_errors_come_with_the_surest_first(project, pages):
    table = predicted(project, "yolov8n-64")
    wrong = table[table.actual != table.predicted]
    surest = wrong[[f"p_{name}" for name in EXPRESSIONS]].max(axis=1).sort_values(ascending=False)
    assert texts(pages["yolov8n-64"].select(".errors .said")) == [
        f"{wrong.actual[row]} {wrong.predicted[row]} {100 * chance:.0f} %"
        for row, chance in surest.items()
    ]


def test_sizes_are_compared_on_the_faces_they_answer_differently(project, pages):
    small, large = (predicted(project, f"yolov8n-{size}") for size in (32, 64))
    both = small.merge(large, on=["face_id", "actual"], suffixes=("_small", "_large"))
    differ = both[both.predicted_small != both.predicted_large]
    section = pages["yolov8n-64"].find(id="sizes")
    said = " ".join(section.select_one(".key").text.split())
    assert said.startswith(
        f"Of {len(both)} faces asked of both they disagree on {len(differ)}: 64 px is right on "
        f"{(differ.predicted_large == differ.actual).sum()} of these, 32 px on "
        f"{(differ.predicted_small == differ.actual).sum()}."
    )
    assert len(section.select("li")) == min(24, len(differ)) > 0
    assert {a["href"] for a in section.select("h3 a")} == {"yolov8n-32.html"}
    assert pages["resnet50-64"].find(id="sizes") is None


def test_a_variant_without_an_error_says_so(project, tmp_path):
    copy = project.copy(tmp_path / "copy")
    for path in copy.files("metrics/runs/*/*/predictions.csv"):
        table = pd.read_csv(path, dtype=str)
        table.assign(predicted=table["actual"]).to_csv(path, index=False)
    soup = soup_of(copy.variant_page("yolov8n-64"))
    assert not soup.select(".errors li")
    assert "No validation face was given a wrong expression." in soup.text
    assert "They answer the same on all" in soup.find(id="sizes").text


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_link_has_its_target_and_every_picture_its_words(pages, variant):
    soup = pages[variant]
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = {a["href"] for a in soup.find_all("a")}
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    others = {"../report.html", "../attribution.html", "yolov8n-32.html", "yolov8n-64.html"}
    others.add(f"../cards/{variant}.md")
    pictures = "https://pictures.example/1"
    assert {link for link in links if not link.startswith("#")} <= {*others, pictures}
    assert all(image["alt"] for image in soup.find_all("img"))
    assert all(image["src"].startswith("data:image/jpeg;") for image in soup.find_all("img"))
    for table in soup.find_all("table"):
        assert table.caption.text.strip()
        assert all(head.get("scope") for head in table.find_all("th"))


def test_equal_data_gives_equal_bytes_in_another_process(project, tmp_path):
    copy = project.copy(tmp_path / "copy")
    copy.write_elsewhere("report", "variant-page", "--variant", "yolov8n-64", "--page", PAGE)
    drawn = (copy.root / PAGE).read_text(encoding="utf-8")
    assert drawn == project.variant_page("yolov8n-64")
    assert len(drawn.encode()) < 2_000_000


def run(answers: dict[str, tuple[str, str, float]]) -> pd.DataFrame:
    """Return predictions of classes x and y: by face its truth, its answer and that one's chance."""
    rows = pd.DataFrame(answers.values(), columns=["actual", "predicted", "chance"])
    chances = {
        f"p_{name}": rows.chance.where(rows.predicted == name, 1 - rows.chance) for name in "xy"
    }
    return rows.assign(face_id=list(answers), **chances)


def test_worst_error_of_several_runs_stands_once_at_its_worst():
    runs = [
        run({"f1": ("x", "y", 0.7), "f2": ("x", "x", 0.9), "f3": ("y", "x", 0.6)}),
        run({"f1": ("x", "y", 0.8), "f2": ("x", "x", 0.9), "f3": ("y", "y", 0.9)}),
    ]
    errors = worst_errors(runs, 24)
    assert errors["face_id"].tolist() == ["f1", "f3"]
    assert errors["probability"].tolist() == [0.8, 0.6]
    assert worst_errors(runs, 1)["face_id"].tolist() == ["f1"]


def test_a_cell_shows_a_face_of_several_runs_once_and_spreads_over_the_sureness():
    faces = {f"f{number}": ("x", "y", 0.5 + number / 20) for number in range(1, 10)}
    cells = matrix_faces([run(faces), run({"f1": ("x", "y", 0.99)})], limit=3)
    assert set(cells) == {("x", "y")}
    assert cells["x", "y"].faces == 9
    assert cells["x", "y"].shown["face_id"].tolist() == ["f1", "f6", "f2"]


def test_many_classes_show_fewer_faces_a_cell():
    rows = {
        f"{a}{b}{n}": (f"c{a}", f"c{b}", 0.9)
        for a in range(20)
        for b in range(20)
        for n in range(4)
    }
    table = pd.DataFrame(rows.values(), columns=["actual", "predicted", "p_x"])
    cells = matrix_faces([table.assign(face_id=list(rows))], limit=12)
    assert {len(cell.shown) for cell in cells.values()} == {2}


def test_faces_that_one_size_has_right_come_before_those_that_neither_has():
    mine = {"f1": ("x", "y", 0.9), "f2": ("z", "x", 0.8), "f3": ("x", "x", 0.7)}
    theirs = {"f1": ("x", "x", 0.6), "f2": ("z", "y", 0.6), "f3": ("x", "y", 0.6)}
    mine["f4"] = theirs["f4"] = ("x", "x", 0.9)
    found = disagreement(first_answers([run(mine)]), first_answers([run(theirs)]), 24)
    assert (found.both, found.faces, found.right, found.other_right) == (4, 3, 1, 1)
    assert found.shown["face_id"].tolist() == ["f3", "f1", "f2"]
