"""What is named in place of an exported model is recognised, with what to type instead."""

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mien.errors import ModelError
from mien.images import encode_png
from mien.live.detector import open_detector
from mien.live.runtime import open_model

DATA = Path(__file__).parents[3] / "shared" / "data"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n"

pytestmark = pytest.mark.xdist_group("live")


def archive(path: Path, **files: bytes) -> None:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)


def plain_onnx(path: Path, output: str = "output0", **told: str) -> None:
    """Write a model of others."""
    one = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])]
    out = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 3, 64, 64])]
    node = helper.make_node("Identity", ["images"], [output])
    graph = helper.make_graph([node], "others", one, out)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, told)
    onnx.save(model, str(path))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("mistaken")
    for folder in ("small/seed-0", "small/seed-3-fold-1", "saved", "empty-folder"):
        (place / folder).mkdir(parents=True)
    (place / "saved/saved_model.pb").write_bytes(b"\x08\x01")
    archive(place / "small/seed-0/model.pt", archive__data_pkl=b"ClassificationModel")
    archive(place / "weights.pt", archive__data_pkl=b"ultralytics ClassificationModel")
    archive(place / "face.pt", best__data_pkl=b"ultralytics.nn.tasks PoseModel")
    archive(place / "model.keras", config_json=b"{}", metadata_json=b"{}")
    archive(place / "any.zip", notes_txt=b"")
    with zipfile.ZipFile(place / "damaged.pt", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("best/data.pkl", bytes(range(256)) * 40)
    damaged = bytearray((place / "damaged.pt").read_bytes())
    damaged[50:90] = bytes(40)
    (place / "damaged.pt").write_bytes(damaged)
    (place / "cut.pt").write_bytes((place / "weights.pt").read_bytes()[:60])
    for name, content in {
        "old.pt": pickle.dumps({"model": 1}, protocol=2),
        "model.h5": b"\x89HDF\r\n\x1a\n",
        "graph.pb": b"\x0a\x07unknown",
        "lite.tflite": b"\x1c\0\0\0TFL3",
        "empty.onnx": b"",
        "lfs.onnx": LFS,
        "model.onnx.dvc": b"outs:\n- md5: 0\n",
        "page.onnx": b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>",
        "other-page.onnx": b"\xef\xbb\xbf<HTML>",
        "denied.onnx": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        "words.onnx": b'{"error": "not found"}',
        "photo.jpg": encode_png(np.zeros((8, 8, 3), np.uint8)),
    }.items():
        (place / name).write_bytes(content)
    plain_onnx(place / "other.onnx")
    plain_onnx(place / "yolo.onnx", task="detect", stride="32", names="{0: 'face'}")
    plain_onnx(place / "yunet.onnx", output="obj_8")
    os.mkfifo(place / "pipe.onnx")
    return place


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("small/seed-0", "a run, not its export; type mien export {place}/small/seed-0"),
        ("small/seed-0/model.pt", "a run, not its export; type mien export {place}/small/seed-0"),
        (
            "small/seed-3-fold-1",
            "a run, not its export; type mien export {place}/small/seed-3-fold-1",
        ),
        ("small", "a folder; name a file that mien export models/<variant>/<run> wrote"),
        ("empty-folder", "a folder; name a file that"),
        ("saved", "a model of TensorFlow, which mien does not run"),
        ("nothing.onnx", "there is no such file; make one with mien export models/<variant>"),
        ("nothing.pt", "there is no such file"),
        ("pipe.onnx", "not a file"),
        (
            "weights.pt",
            "not an ONNX model but weights of PyTorch. Of a run of mien: type mien export",
        ),
        ("old.pt", "not an ONNX model but weights of PyTorch"),
        ("face.pt", "not an ONNX model but a detector; type mien export {place}/face.pt, and name"),
        ("cut.pt", "not an ONNX model but an archive cut short"),
        ("damaged.pt", "not an ONNX model but an archive cut short"),
        ("any.zip", "not an ONNX model but an archive; name a file"),
        ("model.keras", "not an ONNX model but a model of Keras; those that mien trained are"),
        ("model.h5", "not an ONNX model but a model of Keras"),
        ("graph.pb", "not an ONNX model but a model of TensorFlow"),
        ("lite.tflite", "not an ONNX model but a model of TensorFlow"),
        ("empty.onnx", "not an ONNX model but an empty file"),
        ("lfs.onnx", "not an ONNX model but Git LFS's pointer to it; type git lfs pull"),
        ("model.onnx.dvc", "not an ONNX model but DVC's pointer to it; type dvc pull"),
        ("page.onnx", "not an ONNX model but a web page; download the file itself"),
        ("other-page.onnx", "not an ONNX model but a web page"),
        ("denied.onnx", "not an ONNX model but XML, perhaps an error of the server"),
        ("words.onnx", "not an ONNX model but something else, or cut short"),
        ("photo.jpg", "not an ONNX model but a picture; the model is named first: mien predict"),
        ("other.onnx", "not a model that mien exported, so its classes and how faces are cut are"),
        ("yolo.onnx", "not a model that mien exported but ultralytics' own export to detect; type"),
        ("yunet.onnx", "not a model that mien exported but YuNet, a detector of faces; name it by"),
    ],
)
def test_it_is_one_line_with_the_way_out(place, name, words):
    with pytest.raises(ModelError) as error:
        open_model(place / name, 1)
    said = str(error.value)
    assert said.startswith(f"{place / name}: {words.format(place=place)}")
    assert "\n" not in said


def test_so_it_is_of_a_detector(place):
    from models import ABOUT

    for name in ("face.pt", "lfs.onnx", "page.onnx", "empty.onnx"):
        with pytest.raises(ModelError, match="not an ONNX model but "):
            open_detector(ABOUT, place / "model.onnx", str(place / name), 1)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("yolov8n-face.pt", "not an ONNX model but a detector"),
        ("yolo11n-cls.pt", "not an ONNX model but weights of PyTorch"),
        ("fer2013_mini_XCEPTION.102-0.66.hdf5", "not an ONNX model but a model of Keras"),
        ("face_detection_yunet_2023mar.onnx", "not a model that mien exported but YuNet"),
        ("face_expression_features.onnx", "not a model that mien exported, so its classes"),
    ],
)
def test_real_weights_are_recognised(name, words):
    path = DATA / "weights" / name
    with pytest.raises(ModelError) as error:
        open_model(path, 1)
    assert str(error.value).startswith(f"{path}: {words}")
