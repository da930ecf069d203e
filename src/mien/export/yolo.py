"""Networks of ultralytics as graphs: classifiers, and detectors of faces."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch

from mien.checkpoint import read_checkpoint
from mien.export.graph import averaged, channels_first, traced
from mien.faces.detect import load_yolo
from mien.faces.detections import POINTS
from mien.live.metadata import FACES, PROBABILITIES
from mien.train.card import Card


class YoloClassifier(torch.nn.Module):
    """A classifier of ultralytics, from pictures to the probabilities of the card's classes."""

    def __init__(self, model: Any, card: Card) -> None:
        super().__init__()
        self.model, self.multi_label = model, card.multi_label
        places = {name: place for place, name in model.names.items()}
        self.columns = [places[name] for name in card.classes]

    def forward(self, pictures: torch.Tensor) -> Any:
        probabilities, logits = self.model(channels_first(pictures))
        return (logits.sigmoid() if self.multi_label else probabilities)[:, self.columns]


class YoloDetector(torch.nn.Module):
    """A detector of ultralytics, from pictures to candidates for faces, which may overlap.

    A candidate that is more likely of another kind has no confidence, as in ultralytics.
    """

    def __init__(self, model: Any, kinds: Sequence[int], points: bool) -> None:
        super().__init__()
        self.model, self.kinds, self.points = model, list(kinds), points
        self.step = model.model[-1].kpt_shape[1] if points else 0

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        found = self.model(channels_first(pictures)).transpose(1, 2)
        rest = 4 + len(self.model.names)
        scores = found[:, :, 4:rest]
        likely = scores[:, :, self.kinds].amax(2, keepdim=True)
        parts = [found[:, :, :4], likely * (likely >= scores.amax(2, keepdim=True))]
        if self.points:
            across, down = found[:, :, rest :: self.step], found[:, :, rest + 1 :: self.step]
            parts.append(torch.stack([across, down], 3).flatten(2))
        return torch.cat(parts, 2)


def graph(paths: Sequence[Path], card: Card) -> onnx.ModelProto:
    """Return the graph of the models of one or more runs: the mean of their answers."""
    graphs = []
    for path in paths:
        model = read_checkpoint(path)["model"]
        fused = model.float().eval().fuse(verbose=False)
        graphs.append(traced(YoloClassifier(fused, card), card.views[0].size_px, PROBABILITIES))
    return averaged(graphs)


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
    found = traced(YoloDetector(network, kinds, points), None, FACES)
    last = found.graph.output[0].type.tensor_type.shape.dim[2]  # which the tracing loses sight of
    last.dim_value = 5 + 2 * POINTS * points
    return found, points
