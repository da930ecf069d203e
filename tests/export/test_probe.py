"""An exported probe answers a scene's faces as the stored features and the regression do."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from onnx import numpy_helper, parser, save
from training import EXPRESSIONS, make_project
from typer.testing import CliRunner

from mien.acquire.drawing.drawn import draw_source
from mien.cli import app
from mien.faces.crop import crop_faces
from mien.faces.detections import Detection, box_of
from mien.faces.extraction import write_features
from mien.faces.features import read_features
from mien.faces.tables import CROPS
from mien.ids import sha256_of
from mien.images import Picture
from mien.layout import crops_of, features_of
from mien.live.classifier import at_temperature, open_classifier
from mien.live.look import Looker
from mien.params import load
from mien.shards import batches, write_shard
from mien.train.probe import predict
from mien.viewing import seen_in_scene

pytestmark = pytest.mark.usefixtures("here")

FACES, MARGIN = 200, 0.2
POINTS = [[9.0, 10.0], [20.0, 11.0], [15.0, 18.0], [10.0, 24.0], [19.0, 23.0]]
NETWORK = """
<ir_version: 8, opset_import: ["" : 13]>
network (float[1, 3, 32, 32] face) => (float[1, 8] features)
{
  planes = Conv<strides = [4, 4]>(face, kernel)
  active = Tanh(planes)
  pooled = AveragePool<kernel_shape = [7, 7]>(active)
  features = Flatten<axis = 1>(pooled)
}
"""
EXTRACTORS = {
    "plain": {"kind": "hog", "image_size_px": 32, "aligned": False},
    "eyes": {"kind": "hog", "image_size_px": 32, "aligned": "eyes"},
    "points": {
        **{"kind": "network", "weights": "net.onnx", "output": "features", "image_size_px": 32},
        **{"layout": "nchw", "colour": "bgr", "mean": [127.5], "std": [127.5]},
        **{"aligned": POINTS, "licence": "CC0-1.0"},
    },
}
PROBES = {
    **{name: [name] for name in EXTRACTORS},
    "together": ["points", "plain", "eyes"],
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose probes are trained and exported."""
    project = make_project(tmp_path_factory.mktemp("probes"))
    root = project.folder
    weights = root / "data/weights/net.onnx"
    weights.parent.mkdir()
    model = parser.parse_model(NETWORK)
    kernel = np.random.default_rng(0).normal(size=(8, 3, 5, 5)).astype(np.float32) / 5
    model.graph.initializer.append(numpy_helper.from_array(kernel, "kernel"))
    save(model, weights)
    params = yaml.safe_load(project.params.read_text())
    params["acquire"]["weights"] |= {
        "net.onnx": {"path": "net.onnx", "sha256": sha256_of(weights)},
        "yunet.onnx": {"path": "yunet.onnx", "sha256": "0" * 64},
    }
    (root / "data/weights/yunet.onnx").write_bytes(b"a detector")
    params["faces"] |= {"detector": "yunet", "weights": "yunet.onnx", "margin": MARGIN}
    params["features"] = EXTRACTORS
    shared = {"labels": "consensus", "classes": None, "scheme": "paper-every5", "seeds": [0]}
    shared |= {"family": "probe", "cross_validate": False}
    params["variants"] = {name: {**shared, "features": asked} for name, asked in PROBES.items()} | {
        "each": {**shared, "features": ["plain"], "labels": "shares", "multi_label": True}
    }
    project.params.write_text(yaml.safe_dump(params))
    with contextlib.chdir(root):
        give_eyes()
        for name in EXTRACTORS:
            run("faces", "features", "--extractor", name, "--source", "drawn")
        for name in (*PROBES, "each"):
            run("train", "fit", "--run", f"models/{name}/seed-0")
            run("export", f"models/{name}/seed-0")
    return root


def give_eyes() -> None:
    """Give the project's crops points: where they are, of each face the same."""
    shard = crops_of("drawn")
    rows = [row for batch in batches(shard, CROPS.names) for row in batch]
    for row in rows:
        points = np.array(POINTS) * 1.4 - 5
        row |= {
            f"{axis}{n + 1}": float(points[n]["xy".index(axis)]) for n in range(5) for axis in "xy"
        }
    write_shard(shard, rows, CROPS)


def run(*words: str) -> None:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="module")
def faces() -> list[tuple[Picture, Detection]]:
    random, found = np.random.default_rng(0), []
    for drawn in draw_source("mixed-1", FACES):
        for face in drawn.faces:
            box = np.array([face.x, face.y, face.width, face.height])
            points = np.array(POINTS) / 32 + random.normal(0, 0.03, (5, 2))
            places = (points * box[2:] + box[:2]).round(2).ravel()
            found.append((drawn.image, Detection(*box.tolist(), 1.0, tuple(places))))
        if len(found) >= FACES:
            break
    return found[:FACES]


@pytest.mark.parametrize("name", [*PROBES, "each"])
def test_from_pixels_it_says_what_the_stored_features_say(faces, name):
    params = load(Path("params.yaml"))
    rows = [crop_faces(scene, str(n), [found], params.faces) for n, (scene, found) in enumerate(faces)]  # fmt: skip
    ids = [row["face_id"] for (row,) in rows]
    write_shard(crops_of("stored"), [row for (row,) in rows], CROPS)
    asked = PROBES.get(name, ["plain"])
    for one in asked:
        given = params.extractor(one), params.faces.margin, 1
        write_features(crops_of("stored"), *given, features_of(one, "stored"))
    theirs = predict(Path(f"models/{name}/seed-0"), read_features(asked, ["stored"], ids), 1)
    classifier = open_classifier(Path(f"exports/{name}-seed-0.onnx"), 1)
    about = classifier.about
    assert about.needs_eyes == (name not in ("plain", "each"))
    seen = [
        [seen_in_scene(scene, box_of(found), found.landmarks, MARGIN, view) for view in about.views]
        for scene, found in faces
    ]
    ours = classifier.probabilities(seen)
    assert np.abs(ours - at_temperature(theirs.astype(float), 1.0)).max() < 1e-4
    assert theirs[:, 0].std() > 0.01


def test_it_is_one_file_that_looks_at_scenes(faces):
    classifier = open_classifier(Path("exports/together-seed-0.onnx"), 1)
    assert [view.size_px for view in classifier.about.views] == [32, 32, 32]
    assert classifier.about.classes == EXPRESSIONS
    scene, found = faces[0]
    looker = Looker(lambda scenes: [[found] for _ in scenes], classifier)
    ((face,),) = looker.look([scene])
    assert face.probabilities.sum() == pytest.approx(1)


def test_its_licences_stand_in_the_file():
    licence = open_classifier(Path("exports/points-seed-0.onnx"), 1).about.licence
    assert "scikit-learn (BSD-3-Clause)" in licence
    assert "features points, net.onnx: CC0-1.0" in licence


def test_other_settings_of_an_extractor_are_refused():
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["features"]["plain"]["image_size_px"] = 48
    Path("other.yaml").write_text(yaml.safe_dump(params))
    words = ["export", "models/plain/seed-0", "--params", "other.yaml"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code != 0
    assert "was trained with features" in str(done.exception)
