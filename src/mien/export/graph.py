"""Trained networks as graphs of ONNX: pictures as they are cropped in, what is asked for out.

All preprocessing is in the graph, so that whoever runs it needs no framework and no settings.
"""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
import torch

from mien.checkpoint import read_checkpoint
from mien.faces.detect import load_yolo
from mien.faces.detections import POINTS
from mien.files import atomic
from mien.live.metadata import FACES, KEY, PICTURES, PROBABILITIES, DetectorMetadata, Metadata
from mien.train.card import Card

OPSET = 20
ANY_SIDE_PX = 64  # of the pictures that a detector is traced with; it takes other sizes as well


class YoloClassifier(torch.nn.Module):
    """A classifier of ultralytics, from pictures to the probabilities of the card's classes."""

    def __init__(self, model: Any, card: Card) -> None:
        super().__init__()
        self.model, self.multi_label = model, card.multi_label
        places = {name: place for place, name in model.names.items()}
        self.columns = [places[name] for name in card.classes]

    def forward(self, pictures: torch.Tensor) -> Any:
        probabilities, logits = self.model(_channels_first(pictures))
        return (logits.sigmoid() if self.multi_label else probabilities)[:, self.columns]


class YoloDetector(torch.nn.Module):
    """A detector of ultralytics, from pictures to candidates for faces, overlapping ones too.

    A candidate that is likelier of another kind has no confidence, as ultralytics has it.
    """

    def __init__(self, model: Any, kinds: Sequence[int], points: bool) -> None:
        super().__init__()
        self.model, self.kinds, self.points = model, list(kinds), points
        self.step = model.model[-1].kpt_shape[1] if points else 0

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found = self.model(_channels_first(pictures)).transpose(1, 2)
        rest = 4 + len(self.model.names)
        scores = found[:, :, 4:rest]
        likely = scores[:, :, self.kinds].amax(2, keepdim=True)
        parts = [found[:, :, :4], likely * (likely >= scores.amax(2, keepdim=True))]
        if self.points:
            across, down = found[:, :, rest :: self.step], found[:, :, rest + 1 :: self.step]
            parts.append(torch.stack([across, down], 3).flatten(2))
        return torch.cat(parts, 2)


class KerasClassifier(torch.nn.Module):
    """A classifier of Keras, whose network takes pictures as they are."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pictures: torch.Tensor) -> Any:
        return self.model(pictures.float(), training=False)


def yolo_graph(path: Path, card: Card) -> onnx.ModelProto:
    """Return the graph of a run's model of ultralytics."""
    model = read_checkpoint(path)["model"]
    fused = model.float().eval().fuse(verbose=False)
    return _traced(YoloClassifier(fused, card), card.image_size_px, PROBABILITIES)


def resnet_graph(path: Path, card: Card) -> onnx.ModelProto:
    """Return the graph of a run's model of Keras; in this process Keras must not be imported."""
    os.environ["KERAS_TORCH_DEVICE"] = "cpu"
    from mien.train.network import quiet_keras, read_network

    quiet_keras(1, "torch")
    import keras

    if keras.backend.backend() != "torch":
        raise RuntimeError("keras was imported before resnet_graph was called")
    torch.onnx.register_custom_op_symbolic("aten::ravel", _ravel, OPSET)  # type: ignore[attr-defined]
    return _traced(KerasClassifier(read_network(path)), card.image_size_px, PROBABILITIES)


def detector_graph(weights: Path) -> tuple[onnx.ModelProto, bool]:
    """Return the graph of a detector of ultralytics, and whether it finds five points of a face.

    Raises SourceError when the file is none.
    """
    model, kinds = load_yolo(weights)
    network = model.model.float().eval()
    network.end2end = False  # as ultralytics' own predictor has it, before `fuse` drops a branch
    network.fuse(verbose=False)
    head = network.model[-1]
    head.export = head.dynamic = True
    points = model.task == "pose" and head.kpt_shape[0] == POINTS
    graph = _traced(YoloDetector(network, kinds, points), None, FACES)
    last = graph.graph.output[0].type.tensor_type.shape.dim[2]  # which the tracing loses sight of
    last.dim_value = 5 + 2 * POINTS * points
    return graph, points


def write_graph(
    graph: onnx.ModelProto, about: Metadata | DetectorMetadata, sentence: str, path: Path
) -> None:
    """Write the graph with what it says of itself, whole or not at all."""
    onnx.helper.set_model_props(graph, {KEY: about.model_dump_json()})
    graph.doc_string = sentence
    with atomic(path) as temporary:
        onnx.save(graph, temporary)


def _traced(network: torch.nn.Module, side_px: int | None, output: str) -> onnx.ModelProto:
    """Return the network as a graph: any number of pictures of a side, or of any size."""
    pictures = torch.zeros(2, *[side_px or ANY_SIDE_PX] * 2, 3, dtype=torch.uint8)
    free = {0: "n"} if side_px else {0: "n", 1: "height", 2: "width"}
    found = {0: "n"} if side_px else {0: "n", 1: "candidates"}
    with TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        path = Path(folder, "graph.onnx")
        warnings.simplefilter("ignore")  # of what is constant while it is traced, and may be
        torch.onnx.export(
            network.eval(),
            (pictures,),
            path,
            input_names=[PICTURES],
            output_names=[output],
            dynamic_axes={PICTURES: free, output: found},
            opset_version=OPSET,
            dynamo=False,  # the other way needs onnxscript
        )
        return onnx.load(path)


def _channels_first(pictures: torch.Tensor) -> torch.Tensor:
    return pictures.permute(0, 3, 1, 2).float() / 255


def _ravel(graph: Any, value: Any) -> Any:
    """Return the operation `ravel`, by which Keras takes channels, and which torch cannot trace."""
    flat = graph.op("Constant", value_t=torch.tensor([-1]))
    return graph.op("Reshape", value, flat)
