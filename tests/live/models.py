"""A small classifier in the form that mien exports, trained on drawn faces in seconds."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier

from mien.acquire.drawing.drawn import draw_source
from mien.boxes import BOX
from mien.images import Picture
from mien.live.metadata import KEY, PICTURES, PROBABILITIES, FoundBy, Metadata
from mien.params import LiveParams
from mien.view import View
from mien.viewing import seen_in_scene

CLASSES = ["angry", "happy", "neutral", "surprised"]
SIZE_PX = 32
MARGIN = 0.1
SCENES = 40  # of each expression
HAAR = FoundBy(
    detector="haar", file=None, sha256=None, image_size_px=640, min_confidence=0.5,
    min_size_px=40, margin=MARGIN,
)  # fmt: skip
ABOUT = Metadata(
    variant="plain", run="seed-0", family="yolo", classes=CLASSES, views=[View(SIZE_PX)],
    multi_label=False, faces=HAAR, temperature=1.5, threshold=0.5,
    live=LiveParams(smoothing_s=0.3, lead=0.2, forget_s=1.0), data_sha256={"labels": "0" * 64},
    model_sha256="0" * 64, licence="CC0-1.0", summary="Trained on drawn faces alone.",
    versions={"mien": "0"},
)  # fmt: skip


def write_model(path: Path, about: Metadata = ABOUT) -> Path:
    """Train on drawn faces and write the model; return its path."""
    pictures, labels = zip(*drawn_faces(SCENES), strict=True)
    network = MLPClassifier((48,), alpha=1.0, max_iter=40, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could learn for longer
        network.fit(features(np.stack(pictures)), labels)
    assert list(network.classes_) == CLASSES
    save(path, network.coefs_, network.intercepts_, about)
    return path


def drawn_faces(scenes: int) -> Iterator[tuple[Picture, str]]:
    """Yield faces, RGB at the model's size, and what they show; boxes are as rough as Haar's."""
    rng = np.random.default_rng(0)
    for name in CLASSES:
        for scene in draw_source(f"{name}-77", scenes):
            for face in scene.faces:
                x, y, width, height = (getattr(face, side) for side in BOX)
                dx, dy, larger = rng.normal(0, 0.04, 3) * width
                box = tuple(round(n) for n in (x + dx, y + dy, width + larger, height + larger))
                picture = seen_in_scene(scene.image, box, None, MARGIN, View(SIZE_PX))
                yield picture[:, :, ::-1], face.expression


def features(pictures: np.ndarray) -> np.ndarray:
    """Return what the network sees: grey levels of each picture, centred."""
    grey = pictures.astype(np.float32).mean(axis=3).reshape(len(pictures), -1)
    return (grey - grey.mean(axis=1, keepdims=True)) / 64


def save(path: Path, weights: list, offsets: list, about: Metadata) -> None:
    """Write the network with its features as one graph, in the form of an export."""
    size, classes = about.views[0].size_px, len(about.classes)
    tables = {
        "w0": weights[0], "b0": offsets[0], "w1": weights[1], "b1": offsets[1], "scale": [64.0],
    }  # fmt: skip
    constants = [
        numpy_helper.from_array(np.asarray(value, np.float32), name)
        for name, value in tables.items()
    ]
    constants.append(numpy_helper.from_array(np.array([0, -1]), "flat"))
    nodes = [
        helper.make_node("Cast", [PICTURES], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["grey"], axes=[3], keepdims=0),
        helper.make_node("Reshape", ["grey", "flat"], ["row"]),
        helper.make_node("ReduceMean", ["row"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["row", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["features"]),
        helper.make_node("Gemm", ["features", "w0", "b0"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "w1", "b1"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [PROBABILITIES], axis=1),
    ]
    pictures = helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, ["n", size, size, 3])
    answers = helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["n", classes])
    graph = helper.make_graph(nodes, "plain", [pictures], [answers], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {KEY: about.model_dump_json()})
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
