"""Where the variants err, as the overview and the page of a variant tell it."""

import pandas as pd
from bs4 import BeautifulSoup

from mien.report.page import overview, variant  # noqa: F401, before a test sets what they import
from mien.report.page.mistakes import slice_matrix, slice_rows


def rows(section) -> dict[tuple[str, str], list[str]]:
    """Return the cells of each row of a table of slices by slice and value."""
    return {
        (row.td.text, row.th.text): [
            " ".join(cell.get_text(" ").split()) for cell in row.select("td")[1:]
        ]
        for row in section.select("table.slices tbody tr")
    }


def test_the_overview_sets_the_error_rates_of_all_variants_side_by_side(project):
    shown = rows(BeautifulSoup(project.page(), "html.parser"))
    slices = pd.read_csv(project.root / "metrics/slices.csv")
    shared = slices[slices["slice"] != "group"]
    assert set(shown) == set(zip(shared["slice"], shared["value"], strict=True))
    heads = ["yolov8n-64", "yolov8n-32", "resnet50-64"]
    for row in shared.itertuples():
        cell = shown[row.slice, row.value][heads.index(row.variant)]
        assert cell == f"{100 * row.error_rate:.0f} % of {row.faces}"


def test_the_page_of_a_variant_has_its_errors_by_expression_and_by_size(project, monkeypatch):
    monkeypatch.setattr("mien.evaluate.slices.FEWEST", 3)  # the project has few faces
    page = BeautifulSoup(project.variant_page("yolov8n-32"), "html.parser").find(id="errors")
    path = project.root / "metrics/runs/yolov8n-32/seed-0/predictions.csv"
    table = pd.read_csv(path)
    shown = rows(page)
    counted = 0
    for name, faces in table.groupby("actual"):
        if len(faces) >= 3:
            rate = (faces.actual != faces.predicted).mean()
            assert shown["expression", name][0].startswith(f"{100 * rate:.1f} %")
            counted += 1
    assert counted == sum(slice == "expression" for slice, _ in shown)
    assert any(slice == "size" for slice, _ in shown)


def table(*rates: tuple) -> pd.DataFrame:
    columns = ["variant", "slice", "value", "error_rate", "low", "high", "faces"]
    return pd.DataFrame(rates, columns=columns)


def test_a_variant_with_too_few_faces_of_a_slice_has_no_rate_there():
    rates = table(("a", "size", "small", 0.5, 0.4, 0.6, 12), ("b", "group", "ann", 0.5, 0, 1, 12))
    (row,) = slice_matrix(rates, ["b", "a"])
    assert row["variants"][0] is None
    assert row["variants"][1]["error_rate"] == 0.5


def test_rates_share_an_axis_that_ends_at_the_greatest_upper_end():
    rates = table(("a", "size", "x", 0.1, 0.05, 0.4, 12), ("a", "size", "y", 0.2, None, None, 12))
    first, second = slice_rows(rates)
    assert first["reach"] == 0.4
    assert first["mark"] == {"at": 25.0, "low": 12.5, "high": 100.0}
    assert second["mark"] == {"at": 50.0, "low": None, "high": None}
    assert slice_rows(rates.head(0)) == []
