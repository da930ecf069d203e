"""A run is what its folder's name says, and it sees the faces of its split alone."""

import contextlib
from pathlib import Path

from training import Project

from mien.params import AnyVariant, load
from mien.train.run import Run, read_run


def given(project: Project, run: str) -> Run[AnyVariant]:
    with contextlib.chdir(project.folder):
        return read_run(load(project.params), Path("models", run))


def test_a_run_starts_from_its_file_or_from_random_weights(project: Project) -> None:
    assert given(project, "small-yolo/seed-0").start == "yolov8n-cls.yaml"
    assert given(project, "small-resnet/seed-1").start == Path("data/weights/notop.h5")


def test_a_run_sees_no_test_face_and_knows_its_name(project: Project) -> None:
    run = given(project, "small-yolo/seed-3")
    assert (run.name, run.seed, run.fold) == ("small-yolo", 3, None)
    assert run.classes == ["surprised", "happy"]
    assert run.faces["split"].value_counts().to_dict() == {"train": 20, "val": 10}
    assert run.shards == [Path("data/faces/drawn.parquet")]
