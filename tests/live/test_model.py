"""Opening a model: what it is believed for, and what is refused in one line."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from models import ABOUT, CLASSES, HAAR, SIZE_PX

from mien.acquire.drawing.drawn import draw_source
from mien.errors import ModelError
from mien.evaluate.calibration import rescaled
from mien.evaluate.predict import prediction_table
from mien.faces.detect import yunet, yunet_scenes
from mien.faces.detections import Detection, box_of
from mien.images import decode, encode_png
from mien.live.classifier import at_temperature, open_classifier
from mien.live.detector import letterboxed, open_detector
from mien.live.look import Looker
from mien.live.metadata import KEY, read_metadata
from mien.live.runtime import open_model
from mien.live.yunet import open_yunet
from mien.view import View

DATA = Path(__file__).parents[3] / "shared" / "data"
YUNET = DATA / "weights" / "face_detection_yunet_2023mar.onnx"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")

pytestmark = pytest.mark.xdist_group("live")


def told(path: Path, model: Path, **changes: object) -> Path:
    """Return a copy of the model that says other things of itself."""
    content = onnx.load(str(model))
    del content.metadata_props[:]
    about = json.loads(ABOUT.model_dump_json()) | changes
    onnx.helper.set_model_props(content, {KEY: json.dumps(about)})
    onnx.save(content, str(path))
    return path


def test_probabilities_sum_to_one_and_follow_the_temperature(model, tmp_path):
    faces = list(np.random.default_rng(0).integers(0, 256, (5, 1, SIZE_PX, SIZE_PX, 3), np.uint8))
    cold = open_classifier(told(tmp_path / "cold.onnx", model, temperature=1.0), 1)
    warm = open_classifier(told(tmp_path / "warm.onnx", model, temperature=2.0), 1)
    one, two = cold.probabilities(faces), warm.probabilities(faces)
    logits = np.log(one) / 2
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert two == pytest.approx(expected, abs=1e-6)
    assert two.sum(axis=1) == pytest.approx(1)
    assert cold.probabilities([]).shape == (0, len(CLASSES))


def test_more_faces_than_a_batch_are_answered_as_each_alone(model):
    faces = list(np.random.default_rng(0).integers(0, 256, (130, 1, SIZE_PX, SIZE_PX, 3), np.uint8))
    classifier = open_classifier(model, 1)
    together = classifier.probabilities(faces)
    assert together[[0, 70, 129]] == pytest.approx(
        np.vstack([classifier.probabilities([faces[n]]) for n in (0, 70, 129)]), abs=1e-6
    )


def test_classes_answered_each_on_its_own_are_normed_and_scaled_as_the_report_does_it():
    """Also where all of them are small; to the 6 digits that the report's table has."""
    rng = np.random.default_rng(0)
    named = np.vstack([rng.random((50, 4)), 1e-5 * rng.random((5, 4))])
    rows = pd.DataFrame({"face_id": [f"{n:016x}" for n in range(len(named))]})
    table = prediction_table(rows, named, CLASSES, multi_label=True)
    expected = rescaled(table, 1.7)[[f"p_{name}" for name in CLASSES]].to_numpy()
    assert at_temperature(named, 1.7) == pytest.approx(expected, abs=1e-4)


def test_both_runtimes_say_the_same(model, monkeypatch):
    pytest.importorskip("openvino")
    pictures = np.random.default_rng(0).integers(0, 256, (7, SIZE_PX, SIZE_PX, 3), np.uint8)
    with_openvino, _ = open_model(model, 1)
    monkeypatch.setattr("mien.live.runtime.find_spec", lambda _: None)
    with_onnxruntime, _ = open_model(model, 1)
    assert with_openvino([pictures]) == pytest.approx(with_onnxruntime([pictures]), abs=1e-5)


def test_what_is_no_model_is_one_line(tmp_path, model):
    scene = next(draw_source("happy-1", 1)).image
    (tmp_path / "photo.jpg").write_bytes(encode_png(scene))
    (tmp_path / "empty.onnx").write_bytes(b"")
    (tmp_path / "half.onnx").write_bytes(model.read_bytes()[:5000])
    (tmp_path / "seed-0").mkdir()
    strange = onnx.load(str(model))
    del strange.metadata_props[:]
    onnx.save(strange, str(tmp_path / "strange.onnx"))
    for name, reason in {
        "photo.jpg": "not an ONNX model",
        "empty.onnx": "not an ONNX model",
        "half.onnx": "not an ONNX model",
        "nothing.onnx": "there is no such file",
        "seed-0": r"a run, not its export; type mien export \S+seed-0",
        "seed-0/model.pt": r"a run, not its export; type mien export \S+seed-0",
        "strange.onnx": "not a model that mien exported",
    }.items():
        with pytest.raises(ModelError, match=rf"^\S*{name}: {reason}[^\n]*$"):
            open_classifier(tmp_path / name, 1)


def test_another_version_is_said_to_be_one(tmp_path, model):
    for changes in (
        {"format": 2}, {"temperature": -1}, {"unheard": 1}, {"kind": "oracle"},
        {"classes": ["happy", "happy"]}, {"classes": ["happy", "unsure"]}, {"views": [{"size_px": 10**6}]},
    ):  # fmt: skip
        path = told(tmp_path / "other.onnx", model, **changes)
        with pytest.raises(ModelError, match=r"exported by another version of mien \([^\n]+\)"):
            open_classifier(path, 1)
    with pytest.raises(ModelError, match="another version"):
        read_metadata("no JSON", "model.onnx")


def test_a_model_that_does_not_fit_what_it_says_is_refused(tmp_path, model):
    for changes in ({"views": [{"size_px": 64}]}, {"classes": ["happy", "angry"]}):
        with pytest.raises(ModelError, match="does not fit its own metadata"):
            open_classifier(told(tmp_path / "other.onnx", model, **changes), 1)


def test_the_detector_is_that_of_the_model_unless_another_is_named(model, tmp_path):
    scene = next(draw_source("happy-1", 1)).image
    assert open_detector(ABOUT, model, None, 1)([scene])[0]
    with pytest.raises(ModelError, match="neither haar nor a file"):
        open_detector(ABOUT, model, "yolo", 1)
    with pytest.raises(ModelError, match=r"plain\.onnx: a classifier; --detector names"):
        open_detector(ABOUT, model, str(model), 1)
    strange = onnx.load(str(model))
    del strange.metadata_props[:]
    onnx.save(strange, str(tmp_path / "strange.onnx"))
    with pytest.raises(ModelError, match="neither YuNet nor a detector that mien exported"):
        open_detector(ABOUT, model, str(tmp_path / "strange.onnx"), 1)


def test_a_model_of_aligned_faces_is_not_run_on_faces_without_eyes(model):
    aligned = ABOUT.model_copy(update={"views": [View(SIZE_PX, aligned=True)]})
    with pytest.raises(ModelError, match="needs faces' eyes, which haar does not find"):
        open_detector(aligned, model, "haar", 1)


@needs_data
def test_the_detector_beside_the_model_is_believed_by_its_hash(tmp_path):
    shutil.copy(YUNET, tmp_path / "yunet.onnx")
    digest = hashlib.sha256(YUNET.read_bytes()).hexdigest()
    faces = HAAR.model_copy(update={"detector": "yunet", "file": "yunet.onnx", "sha256": digest})
    found = ABOUT.model_copy(update={"faces": faces})
    scene = next(draw_source("happy-1", 1)).image
    assert open_detector(found, tmp_path / "model.onnx", None, 1)([scene]) is not None
    (tmp_path / "yunet.onnx").write_bytes(YUNET.read_bytes() + b"x")
    with pytest.raises(ModelError, match="copy it from where the model was exported"):
        open_detector(found, tmp_path / "model.onnx", None, 1)
    (tmp_path / "yunet.onnx").unlink()
    with pytest.raises(ModelError, match="the model's detector, yunet, is missing"):
        open_detector(found, tmp_path / "model.onnx", None, 1)


def test_a_letterboxed_scene_is_centred_on_grey():
    scene = np.zeros((300, 640, 3), np.uint8)
    seen, scale, left, top = letterboxed(scene, 320)
    assert (seen.shape, scale, left, top) == ((160, 320, 3), 0.5, 0, 5)
    assert (seen[0] == 114).all()
    assert (seen[80] == 0).all()


def test_small_faces_are_left_out_and_counted(model):
    scene = next(draw_source("happy-1", 1)).image
    boxes = [Detection(10, 10, 39, 60, 1.0), Detection(100, 100, 40, 40, 1.0)]
    looker = Looker(lambda scenes: [boxes for _ in scenes], open_classifier(model, 1))
    assert [face.box for face in looker.look([scene])[0]] == [(100, 100, 40, 40)]
    assert looker.too_small == 1
    assert set(looker.times_s) == {"detect", "crop", "classify"}


def test_nothing_of_training_is_imported():
    """Neither the frameworks nor the tables: what `mien[live]` does not install."""
    code = (
        "import importlib, pkgutil, sys, mien.live\n"
        "for module in pkgutil.walk_packages(mien.live.__path__, 'mien.live.'):\n"
        "    importlib.import_module(module.name)\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'ultralytics', 'pandas', 'pyarrow', 'scipy',\n"
        "         'sklearn', 'snakemake', 'dvc', 'matplotlib', 'requests', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@needs_data
@pytest.mark.parametrize("longest_px", [640, 320])
def test_openvino_finds_with_yunet_what_opencv_finds(longest_px):
    pytest.importorskip("openvino")
    params = HAAR.params().model_copy(update={"image_size_px": longest_px, "min_confidence": 0.3})
    scenes = [decode(path.read_bytes()) for path in sorted((DATA / "scenes").glob("*.jpg"))]
    scenes += [np.zeros((480, 640, 3), np.uint8), scenes[0][:20], scenes[0][:99, :333]]
    by_openvino = yunet_scenes(open_yunet(YUNET, params.min_confidence, 1), params)(scenes)
    for ours, theirs in zip(by_openvino, yunet(params, YUNET)(scenes), strict=True):
        assert [box_of(face) for face in ours] == [box_of(face) for face in theirs]
        for face, same in zip(ours, theirs, strict=True):
            assert face.confidence == pytest.approx(same.confidence, abs=1e-5)
            assert face.landmarks == pytest.approx(same.landmarks, abs=0.02)
    assert sum(map(len, by_openvino)) > 100


def test_openvino_says_of_another_model_that_it_is_no_yunet(model):
    pytest.importorskip("openvino")
    with pytest.raises(RuntimeError):
        open_yunet(model, 0.6, 1)
