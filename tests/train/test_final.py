"""A final run learns from all labelled faces but the test part, by the recipe that was compared."""

import contextlib
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import yaml
from training import Project, make_project
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import MienError
from mien.faces.extractors import extractor_graph
from mien.faces.graphs import runner
from mien.files import read_json
from mien.forget.traces import models_that_saw
from mien.live.metadata import KEY, read_metadata
from mien.params import load
from mien.train.card import read_card
from mien.train.probe import predict

pytestmark = pytest.mark.xdist_group("yolo")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("final"))
    params = yaml.safe_load(project.params.read_text())
    params["features"]["hog"] |= {"image_size_px": 32}
    shared = {"labels": "consensus", "classes": None, "scheme": "paper-every5"}
    params["variants"] = {
        "probe": {**shared, "family": "probe", "features": ["hog"], "seeds": [0, 1], "cross_validate": False},
        "small-yolo": params["variants"]["small-yolo"] | {"epochs": 1},
        "choosy": params["variants"]["small-yolo"] | {"checkpoint": "best"},
    }  # fmt: skip
    project.params.write_text(yaml.safe_dump(params))
    return project


@pytest.fixture(autouse=True)
def here(project: Project):
    with contextlib.chdir(project.folder):
        yield


def mien(*words: str):
    return CliRunner().invoke(app, list(words))


def refused(*words: str) -> str:
    done = mien(*words)
    assert isinstance(done.exception, MienError), done.output
    return str(done.exception)


def test_it_is_trained_once_for_each_seed_and_not_twice():
    mien("faces", "features", "--extractor", "hog", "--source", "drawn")
    done = mien("train", "final", "probe")
    assert done.stdout.splitlines() == ["finals/probe/seed-0", "finals/probe/seed-1"]
    assert "324 features of 30 faces" in done.stderr  # 20 to train, 10 to validate, 2 to test
    assert done.stderr.splitlines()[-1] == "next: mien export finals/probe"
    card = read_card(Path("finals/probe/seed-1"))
    assert (card.seed, sorted(card.final)[0]) == (1, "data/faces.csv")
    before = Path("finals/probe/seed-0/model.npz").stat().st_mtime_ns
    Path("finals/probe/seed-1/model.json").unlink()  # as after a kill
    again = mien("train", "final", "probe")
    assert "finals/probe/seed-0 is trained already, with these settings and tables" in again.stderr
    assert Path("finals/probe/seed-0/model.npz").stat().st_mtime_ns == before
    assert Path("finals/probe/seed-1/model.json").is_file()
    ordinary = mien("train", "fit", "--run", "models/probe/seed-0")
    assert "324 features of 20 faces" in ordinary.stderr
    assert read_card(Path("models/probe/seed-0")).final is None


def test_it_is_exported_with_the_figures_of_the_runs_that_were_compared():
    for seed in (0, 1):
        mien("train", "fit", "--run", f"models/probe/seed-{seed}")
        mien("evaluate", "predict", "--run", f"models/probe/seed-{seed}")
    done = mien("export", "finals/probe")
    assert done.stdout.splitlines()[-1] == "exports/probe-final.onnx"
    session = onnxruntime.InferenceSession("exports/probe-final.onnx")
    about = read_metadata(session.get_modelmeta().custom_metadata_map[KEY], "probe")
    assert about.run == "final average of 2 runs"
    assert about.summary.startswith("This model learned from all labelled faces but the test part.")
    assert about.answers.faces == 10
    assert mien("export", "models/probe").stdout.splitlines() == ["exports/probe.onnx"]
    one = mien("export", "finals/probe/seed-0")
    assert one.stdout.splitlines() == ["exports/probe-final-seed-0.onnx"]
    faces = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    said = [
        onnxruntime.InferenceSession(path).run(None, {"pictures": faces})[0]
        for path in ("exports/probe-final.onnx", "exports/probe.onnx")
    ]
    assert np.abs(said[0] - said[1]).max() > 1e-4  # ten more faces
    hog = runner(extractor_graph(load(Path("params.yaml")).extractor("hog"), None), 1)(faces)
    for place, found in zip(("finals", "models"), said, strict=True):
        runs = [Path(place, "probe", f"seed-{seed}") for seed in (0, 1)]
        assert np.abs(np.mean([predict(run, hog, 1) for run in runs], axis=0) - found).max() < 1e-4


def test_it_is_refused_once_its_labels_have_changed():
    labels = Path("data/labels.csv")
    kept = labels.read_text()
    frame = pd.read_csv(labels, dtype="string", keep_default_na=False)
    frame.loc[3, ["label", "initial"]] = "surprised"
    frame.to_csv(labels, index=False)
    text = "finals/probe/seed-0 was trained with other labels or splits: run `mien train final probe` first"
    assert refused("export", "finals/probe") == text
    assert "of 30 faces" in mien("train", "final", "probe").stderr
    assert mien("export", "finals/probe").exit_code == 0
    labels.write_text(kept)
    assert refused("export", "finals/small-yolo").startswith(
        "finals/small-yolo/seed-0 is not trained"
    )


def test_whoever_is_withdrawn_is_said_to_be_in_it():
    params = load(Path("params.yaml"))
    lines = list(models_that_saw(params, ["face-00", "face-25", "face-31"]))
    assert "finals/probe/seed-0: faces in training: 2" in lines


def test_a_network_learns_so_too_and_a_best_epoch_cannot_be_chosen():
    assert refused("train", "final", "choosy").startswith("variants.choosy.checkpoint is best")
    done = mien("train", "final", "small-yolo")
    assert done.exit_code == 0, done.output
    assert "trained on 30 faces" in done.stderr
    assert read_json(Path("finals/small-yolo/seed-0/model.json"))["family"] == "yolo"
