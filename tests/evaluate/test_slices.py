"""Where a variant errs: counted by hand on faces whose errors are known."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import TableError
from mien.evaluate.slices import FEWEST, WORST_GROUPS, error_rates, errors_of, slices_of
from mien.evaluate.tables import SLICES
from mien.params import EvaluateParams
from mien.tables import read_csv

PARAMS = EvaluateParams(
    bootstrap_samples=400,
    confidence=0.95,
    answered_accuracy=0.9,
    seed=0,
)


def make_faces(count: int, **columns: object) -> pd.DataFrame:
    """Return so many faces, alike but for these columns; tens of them are a group."""
    numbers = np.arange(count)
    like = {"width": 50, "height": 60, "sharpness": 100.0, "source_id": "web", "tags": pd.NA}
    ids = [f"f{number:03}" for number in numbers]
    groups = [f"g{number:02}" for number in numbers // 10]
    frame = pd.DataFrame({"face_id": ids, "group_id": groups}).assign(**(like | columns))
    return frame.astype({"tags": "string"})


def run(faces: pd.DataFrame, wrong: list[bool] | np.ndarray) -> pd.DataFrame:
    """Return what a run predicted: angry faces, and happy in their place where it is wrong."""
    predicted = np.where(np.asarray(wrong), "happy", "angry")
    return faces[["face_id"]].assign(actual="angry", predicted=predicted)


def rates(faces: pd.DataFrame, *runs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one variant by slice and value."""
    groups = faces.set_index("face_id")["group_id"]
    rows, _ = error_rates(errors_of(runs), slices_of(faces), groups, PARAMS)
    return rows.set_index(["slice", "value"])


def test_sizes_are_cut_into_quarters_by_the_longer_side() -> None:
    faces = make_faces(80, width=20, height=np.arange(41, 121))
    found = rates(faces, run(faces, np.arange(80) >= 60)).loc["size"]
    # the quartiles are 60.75, 80.5 and 100.25; edges have two digits
    assert found.index.tolist() == ["under 61 px", "61 to 80 px", "80 to 100 px", "100 px or more"]
    assert found["faces"].tolist() == [20, 19, 20, 21]
    assert found["errors"].tolist() == [0, 0, 0, 20]
    assert found["error_rate"].tolist() == [0, 0, 0, 20 / 21]


def test_a_lower_edge_belongs_to_its_bin() -> None:
    faces = make_faces(40, width=np.repeat([10, 20, 30, 40], 10), height=1)
    found = rates(faces, run(faces, [False] * 40)).loc["size"]
    assert found["faces"].to_dict() == {
        "under 18 px": 10,
        "18 to 25 px": 10,
        "25 to 32 px": 10,
        "32 px or more": 10,
    }


def test_faces_of_one_sharpness_are_one_bin() -> None:
    faces = make_faces(30, sharpness=123.4)
    assert rates(faces, run(faces, [False] * 30)).loc["sharpness"].index.tolist() == ["120 or more"]


def test_every_variant_is_cut_alike() -> None:
    faces = make_faces(80, width=np.arange(21, 101), height=1)
    small = run(faces.head(30), [False] * 30)
    found = rates(faces, small).loc["size"]
    assert found["faces"].to_dict() == {"under 41 px": 20, "41 to 60 px": 10}


def test_sources_tags_and_expressions_are_counted_apart() -> None:
    faces = make_faces(
        40,
        source_id=["flickr"] * 20 + ["video"] * 20,
        tags=["glasses"] * 10 + ["covered glasses"] * 10 + [None] * 20,
    )
    table = run(faces, [True] * 10 + [False] * 20 + [True] * 10)
    table["actual"] = ["angry"] * 30 + ["surprised"] * 10
    found = rates(faces, table)["error_rate"]
    assert found["source"].to_dict() == {"flickr": 0.5, "video": 0.5}
    assert found["tag"].to_dict() == {"covered": 0, "glasses": 0.5}
    assert found["expression"].to_dict() == {"angry": 1 / 3, "surprised": 1}


def test_errors_are_the_mean_of_the_runs_that_predicted_a_face() -> None:
    faces = make_faces(20)
    seeds = [run(faces, [True] * 10 + [False] * 10), run(faces, [True] * 20)]
    folds = [seeds[0].head(10), seeds[0].tail(10)]
    row = rates(faces, *seeds).loc[("source", "web")]
    assert (row["errors"], row["error_rate"], row["faces"]) == (15, 0.75, 20)
    row = rates(faces, *folds).loc[("source", "web")]
    assert (row["errors"], row["error_rate"], row["faces"]) == (10, 0.5, 20)


def test_slices_of_too_few_faces_are_left_out_and_counted() -> None:
    few = FEWEST - 1
    faces = make_faces(50, source_id=["a"] * few + ["b"] * few + ["c"] * (50 - 2 * few))
    groups = faces.set_index("face_id")["group_id"]
    rows, left_out = error_rates(
        errors_of([run(faces, [False] * 50)]), slices_of(faces), groups, PARAMS
    )
    assert rows.loc[rows["slice"] == "source", "value"].tolist() == ["c"]
    assert left_out == {"source": 2}


def test_a_variant_of_few_faces_has_no_row() -> None:
    faces = make_faces(FEWEST - 1)
    assert rates(faces, run(faces, [True] * (FEWEST - 1))).empty


def test_of_the_groups_the_worst_have_a_row_the_worst_first() -> None:
    faces = make_faces(300)
    errors = np.arange(300) % 10 < np.arange(300) // 10 % 10  # 0, 1, 2 … 9 of ten, three times
    found = rates(faces, run(faces, errors)).loc["group"]
    assert len(found) == WORST_GROUPS
    assert (
        found["errors"].tolist()
        == sorted([*range(4, 10), *range(4, 10), *range(4, 10), 3, 3])[::-1]
    )
    assert found["low"].isna().all()  # one group has no interval


def test_intervals_are_wide_where_errors_come_by_group() -> None:
    faces = make_faces(400)
    by_group = rates(faces, run(faces, np.arange(400) // 10 % 4 == 0)).loc[("source", "web")]
    by_face = rates(faces, run(faces, np.arange(400) % 4 == 0)).loc[("source", "web")]
    assert by_group["error_rate"] == pytest.approx(by_face["error_rate"], abs=0.02)
    width = by_group["high"] - by_group["low"]
    # 40 groups, of which each is all right or all wrong: 2 * 1.96 * sqrt(0.25 * 0.75 / 40)
    assert width == pytest.approx(0.27, abs=0.04)
    assert by_face["high"] - by_face["low"] < width / 3


def slices(project) -> str:
    """Run the command in the project; return what it says."""
    words = ["evaluate", "slices", "--slices", "metrics/slices.csv"]
    with contextlib.chdir(project.root):
        return CliRunner().invoke(app, words, catch_exceptions=False).stderr


def test_the_command_writes_the_table_of_all_variants(project, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("mien.evaluate.slices.FEWEST", 3)  # the project has few faces
    project = project.copy(tmp_path)
    said = slices(project)
    table = read_csv(project.root / "metrics/slices.csv", SLICES)
    assert set(table["variant"]) == {"resnet50-64", "yolov8n-32", "yolov8n-64"}
    assert set(table["slice"]) >= {"size", "sharpness", "source", "expression"}
    assert (table["faces"] >= 3).all()
    for name in ("resnet50-64", "yolov8n-64"):
        rows = table[(table["variant"] == name) & (table["slice"] == "expression")]
        tables = [pd.read_csv(path) for path in project.files(f"metrics/runs/{name}/*/pred*.csv")]
        wrong = pd.concat(tables)
        happy = wrong[wrong["actual"] == "happy"]
        row = rows[rows["value"] == "happy"].iloc[0]
        assert row["error_rate"] == pytest.approx((happy["predicted"] != "happy").mean(), abs=1e-6)
        assert f"{name}: {(table['variant'] == name).sum()} slices; left out for less" in said


def test_a_predicted_face_that_is_not_in_the_index_is_named(project, tmp_path) -> None:
    project = project.copy(tmp_path)
    path = project.files("metrics/runs/*/*/predictions.csv")[0]
    face = pd.read_csv(path, dtype=str)["face_id"].iloc[0]
    index = project.root / "data/faces.csv"
    lines = index.read_text().splitlines(keepends=True)
    index.write_text("".join(line for line in lines if not line.startswith(face)))
    with pytest.raises(TableError, match=f"face_id is '{face}'; there is no such row"):
        slices(project)
