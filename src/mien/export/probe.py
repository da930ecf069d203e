"""Probes as graphs: their extractors side by side, and the regression on what these find."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto, parser
from pydantic import TypeAdapter

from mien import layout
from mien.errors import SourceError
from mien.faces.extractors import extractor_graph
from mien.faces.graphs import constants, joined, opset_of, side_by_side
from mien.live.metadata import PROBABILITIES, input_names
from mien.params import AnyFeatures
from mien.train.card import Card
from mien.train.probe import read_model

HEAD = """
<ir_version: {ir}, opset_import: ["" : {opset}]>
head (float[n, {numbers}] features) => (float[n, {classes}] probabilities)
<int64[3] runs_apart = {{-1, {runs}, {classes}}}, int64[2] one_row = {{-1, {classes}}}>
{{
  products = MatMul(features, weights)
  logits = Add(products, offsets)
  apart = Reshape(logits, runs_apart)
  chances = {last}(apart)
  mean = MatMul(shares, chances)
  probabilities = Reshape(mean, one_row)
}}
"""


def graph(paths: Sequence[Path], card: Card) -> ModelProto:
    """Return the graph of the probes of one or more runs: the mean of their answers.

    It has an input for each extractor. Raises SourceError where the extractors do not give the
    features that the probe learned from.
    """
    extractors = []
    for told in card.features:
        settings = {key: value for key, value in told.items() if key not in ("name", "sha256")}
        found: AnyFeatures = TypeAdapter(AnyFeatures).validate_python(settings)
        weights = layout.WEIGHTS / found.weights if found.weights else None
        extractors.append(extractor_graph(found, weights))
    together = side_by_side(extractors, input_names(len(extractors)), "features")
    numbers = together.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    models = [read_model(path) for path in paths]
    for path, model in zip(paths, models, strict=True):
        if numbers != model.weights.shape[1]:
            raise SourceError(
                f"{path} was trained on {model.weights.shape[1]} features, but its extractors give "
                f"{numbers}: run `snakemake`"
            )
    text = HEAD.format(
        ir=together.ir_version,
        opset=opset_of(together),
        numbers=numbers,
        classes=len(card.classes),
        runs=len(models),
        last="Sigmoid" if card.multi_label else "Softmax<axis = 2>",
    )
    arrays = {
        "weights": np.concatenate([model.weights for model in models]).T,
        "offsets": np.concatenate([model.offsets for model in models]),
        "shares": np.full((1, len(models)), 1 / len(models)),
    }
    floats = {name: np.asarray(value, np.float32) for name, value in arrays.items()}
    whole = joined(together, constants(parser.parse_model(text), floats), "head_")
    whole.graph.node[-1].output[0] = whole.graph.output[0].name = PROBABILITIES
    return whole
