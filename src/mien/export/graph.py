"""Trained networks as ONNX graphs: crops as they are in, probabilities or candidates out.

All preprocessing is in the graph, so that whoever runs it needs no framework and no settings.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import onnx.compose
import torch

from mien.files import atomic
from mien.live.metadata import KEY, PICTURES, DetectorMetadata, Metadata

OPSET = 20
ANY_SIDE_PX = 64  # of the pictures that a detector is traced with; it takes other sizes as well


def write_graph(
    graph: onnx.ModelProto, about: Metadata | DetectorMetadata, sentence: str, path: Path
) -> None:
    """Write the graph with its metadata, whole or not at all."""
    onnx.helper.set_model_props(graph, {KEY: about.model_dump_json()})
    graph.doc_string = sentence
    with atomic(path) as temporary:
        onnx.save(graph, temporary)


def traced(network: torch.nn.Module, side_px: int | None, output: str) -> onnx.ModelProto:
    """Return the network as a graph, for any number of pictures of one side, or of any size."""
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


def averaged(graphs: Sequence[onnx.ModelProto]) -> onnx.ModelProto:
    """Return the graph whose answers are the mean of those of graphs with the same input."""
    if len(graphs) == 1:
        return graphs[0]
    first = graphs[0].graph
    parts = [onnx.compose.add_prefix(one, f"run_{n}_") for n, one in enumerate(graphs)]
    for part in parts:
        entry = onnx.helper.make_node("Identity", [PICTURES], [part.graph.input[0].name])
        part.graph.node.insert(0, entry)
    answers = [part.graph.output[0].name for part in parts]
    mean = onnx.helper.make_node("Mean", answers, [first.output[0].name])
    together = onnx.helper.make_graph(
        [*(node for part in parts for node in part.graph.node), mean],
        "averaged",
        first.input,
        first.output,
        [constant for part in parts for constant in part.graph.initializer],
    )
    imports, version = graphs[0].opset_import, graphs[0].ir_version
    return onnx.helper.make_model(together, opset_imports=imports, ir_version=version)


def channels_first(pictures: torch.Tensor) -> torch.Tensor:
    """Return pictures (n, height, width, 3) of bytes as (n, 3, height, width) from 0 to 1."""
    return pictures.permute(0, 3, 1, 2).float() / 255
