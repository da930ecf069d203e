"""Networks of Keras as graphs, traced with its torch backend."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch

from mien.export.graph import OPSET, averaged, traced
from mien.live.metadata import PROBABILITIES
from mien.train.card import Card


class KerasClassifier(torch.nn.Module):
    """A classifier of Keras, whose network takes pictures as they are."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pictures: torch.Tensor) -> Any:
        return self.model(pictures.float(), training=False)


def graph(paths: Sequence[Path], card: Card) -> onnx.ModelProto:
    """Return the graph of the models of one or more runs of Keras: the mean of their answers.

    This process must not have imported Keras with another backend yet.
    """
    os.environ["KERAS_TORCH_DEVICE"] = "cpu"
    from mien.train.network import quiet_keras, read_network

    quiet_keras(1, "torch")
    import keras

    if keras.backend.backend() != "torch":
        raise RuntimeError("keras was imported before its graph was made")
    torch.onnx.register_custom_op_symbolic("aten::ravel", _ravel, OPSET)  # type: ignore[attr-defined]
    networks = [KerasClassifier(read_network(path)) for path in paths]
    side_px = card.views[0].size_px
    return averaged([traced(network, side_px, PROBABILITIES) for network in networks])


def _ravel(made: Any, value: Any) -> Any:
    """Return the operation `ravel`, which Keras uses to take channels and torch cannot trace."""
    flat = made.op("Constant", value_t=torch.tensor([-1]))
    return made.op("Reshape", value, flat)
