"""The counts of confusion matrices: of predictions, counted by hand, and where they are shown."""

import csv
import json
from collections import Counter
from pathlib import Path

from bs4 import BeautifulSoup

Matrix = Counter[tuple[str, str]]  # faces by (actual, predicted); a pair without a face is 0


def counted(folder: Path) -> dict[str, Matrix]:
    """Return the matrix of every <variant>/<run> of a project, counted from its predictions."""
    matrices = {}
    for path in sorted((folder / "metrics" / "runs").glob("*/*/predictions.csv")):
        with path.open(encoding="utf-8") as file:
            pairs = [(row["actual"], row["predicted"]) for row in csv.DictReader(file)]
        matrices[_run(path)] = Counter(pairs)
    return matrices


def tabled(folder: Path) -> dict[str, Matrix]:
    """Return the matrices of metrics/confusion.csv, which `dvc plots` draws."""
    matrices: dict[str, Matrix] = {}
    with (folder / "metrics" / "confusion.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            matrix = matrices.setdefault(f"{row['variant']}/{row['run']}", Counter())
            matrix[row["actual"], row["predicted"]] += int(row["faces"])
    return matrices


def measured(folder: Path) -> dict[str, Matrix]:
    """Return the matrices of the runs' metrics.json, which the report shows."""
    matrices = {}
    for path in sorted((folder / "metrics" / "runs").glob("*/*/metrics.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        classes, rows = content["classes"], content["confusion"]
        matrices[_run(path)] = Counter(
            {
                (actual, predicted): faces
                for actual, row in zip(classes, rows, strict=True)
                for predicted, faces in zip(classes, row, strict=True)
            }
        )
    return matrices


def shown(folder: Path) -> dict[str, Matrix]:
    """Return the matrix of every variant as its page, metrics/report/<variant>.html, shows it."""
    matrices = {}
    for path in sorted((folder / "metrics" / "report").glob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        table = page.select_one("#matrix table.confusion")
        assert table is not None, f"{path} has no matrix"
        classes = [cell.text for cell in table.select("thead th:not(.corner, .over)")]
        matrices[path.stem] = Counter(
            {
                (row.th.text, predicted): int(next(cell.stripped_strings).replace(",", ""))
                for row in table.select("tbody tr")
                for predicted, cell in zip(classes, row.select("td"), strict=True)
            }
        )
    return matrices


def by_variant(matrices: dict[str, Matrix]) -> dict[str, Matrix]:
    """Return the sum of the matrices of each variant's runs."""
    sums: dict[str, Matrix] = {}
    for run, matrix in matrices.items():
        sums.setdefault(run.split("/")[0], Counter()).update(matrix)
    return sums


def _run(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.parent.name}"
