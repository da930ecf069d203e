"""Whatever a user's classes are called, the figures are the same: no table takes them for its own."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mien.evaluate.compare import compare_pairs
from mien.evaluate.metrics import measure
from mien.evaluate.plots import confusions
from mien.evaluate.predict import prediction_table
from mien.evaluate.runs import Result
from mien.evaluate.scored import with_groups
from mien.evaluate.slices import error_rates, errors_of, slices_of
from mien.evaluate.summary import summarise
from mien.evaluate.suspects import suspects
from mien.evaluate.tables import PREDICTIONS
from mien.params import load
from mien.report.page.answers import first_answers, matrix_faces
from mien.tables import read_csv, write_csv

PARAMS = load(Path(__file__).parents[2] / "params.yaml")
PLAIN = ["class-a", "class-b", "class-c", "class-d"]
FACES = [f"f{n:03d}" for n in range(120)]


def figures(folder: Path, classes: list[str]) -> str:
    """Return all that is computed from two runs' predictions, as one text."""
    random = np.random.default_rng(0)
    actual = random.integers(0, 4, len(FACES))
    groups = pd.DataFrame({"face_id": FACES, "group_id": [f"g{n % 30}" for n in range(120)]})
    truth = np.asarray(classes, object)[actual]
    rows = pd.DataFrame({"face_id": FACES, "split": "val", "fold": pd.NA, "actual": truth})
    rows = rows.assign(initial=truth, consensus=truth)
    runs = {}
    for name in PARAMS.variants:
        chances = random.dirichlet(np.full(4, 0.3), len(FACES)) + 0.5 * np.eye(4)[actual]
        chances[:8] = np.eye(4)[(actual[:8] + 1) % 4] * 0.97 + 0.01  # surely taken for another
        chances /= chances.sum(axis=1, keepdims=True)
        path = folder / f"{name}.csv"
        write_csv(path, prediction_table(rows, chances, classes, multi_label=True), PREDICTIONS)
        runs[Path(name, "seed-0")] = with_groups(read_csv(path, PREDICTIONS), groups, path)
    results = [Result(run.parent.name, 0, table, 0.0) for run, table in runs.items()]
    whole = groups.assign(width=50, height=range(120), sharpness=1.0, source_id="s", tags=pd.NA)
    cut, group = slices_of(whole), groups.set_index("face_id")["group_id"]
    tables = [
        pd.DataFrame(summarise(results, PARAMS.variants, PARAMS.evaluate)),
        error_rates(errors_of(list(runs.values())), cut, group, PARAMS.evaluate)[0],
        confusions(runs),
        first_answers(list(runs.values())),
        suspects(
            pd.concat(table.assign(variant=run.parent.name) for run, table in runs.items()),
            pd.Series(truth, FACES),
            classes,
        ),
    ]
    assert len(tables[-1]) > 0
    cells = {
        " ".join(key): cell.faces for key, cell in matrix_faces(list(runs.values()), 3).items()
    }
    values = [measure(table, PARAMS.evaluate) for table in runs.values()]
    content = [*values, compare_pairs(results, PARAMS.evaluate), cells]
    return json.dumps(content, default=vars) + "".join(table.to_json() for table in tables)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return figures(tmp_path_factory.mktemp("plain"), PLAIN)


@pytest.mark.parametrize(
    "classes",
    [
        ["actual", "face_id", "predicted", "split"],
        ["group_id", "label", "named_label", "p_label"],
        ["0", "all", "count", "weight"],
        ["index", "nan", "null", "variant"],
    ],
)
def test_no_name_of_a_class_changes_a_figure(tmp_path, plain, classes):
    expected = plain
    for old, new in zip(PLAIN, classes, strict=True):
        expected = expected.replace(f"p_{old}", f"p_{new}").replace(f'"{old}"', f'"{new}"')
        expected = expected.replace(f'"{old} ', f'"{new} ').replace(f' {old}"', f' {new}"')
    assert figures(tmp_path, classes) == expected
