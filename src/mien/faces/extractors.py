"""Extractors as ONNX graphs: pictures of faces in, features out, with all that lies between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, parser

from mien.errors import SourceError
from mien.faces.graphs import (
    constants,
    cut_graph,
    joined,
    of_any_number,
    opset_of,
    read_graph,
    run_once,
    with_opset,
)
from mien.faces.hog import BRIGHTNESS, hog_graph
from mien.params import AnyFeatures, HogFeatures, NetworkFeatures

ORDERS = {"nchw": "0, 3, 1, 2", "nhwc": "0, 1, 2, 3"}
MIXES = {"rgb": np.eye(3), "bgr": np.eye(3)[:, ::-1]}
KINDS = {TensorProto.FLOAT: "float", TensorProto.FLOAT16: "float16"}  # what networks take
NUMBERS = {"float32": "float", "float16": "float16", "float64": "double", "int64": "int64"}
OLDEST = 13  # of the operator sets that the graphs here are written in

PREPARING = """
<ir_version: {ir}, opset_import: ["" : {opset}]>
preparing (uint8[n, {side}, {side}, 3] pictures) => ({kind}[n, {shape}] prepared)
{{
  levels = Cast<to = 1>(pictures)
  mixed = MatMul(levels, mix)
  centred = Sub(mixed, mean)
  scaled = Div(centred, std)
  turned = Transpose<perm = [{order}]>(scaled)
  prepared = Cast<to = {number}>(turned)
}}
"""
FLATTENING = """
<ir_version: {ir}, opset_import: ["" : {opset}]>
flattening ({kind}[n, {shape}] found) => (float[n, {length}] features)
{{
  numbers = Cast<to = 1>(found)
  {pooled}
  features = Flatten<axis = 1>(pooled)
}}
"""


def extractor_graph(settings: AnyFeatures, weights: Path | None) -> ModelProto:
    """Return the graph: pictures (n, side, side, RGB) of bytes in, features (n, length) out.

    Raises SourceError where the file is no network, or not as the settings say.
    """
    if isinstance(settings, HogFeatures):
        return hog_graph(settings.image_size_px)
    assert weights is not None
    network = cut_graph(read_graph(weights), settings.output, weights)
    if opset_of(network) < OLDEST:
        network = with_opset(network, OLDEST)
    whole = joined(_preparing(settings, network, weights), network, "network_")
    try:
        found = run_once(whole)
    except Exception as error:  # onnxruntime's errors have no common class
        reason = " ".join(str(error).split())[:200]
        raise SourceError(f"{weights}: it cannot be run: {reason}") from None
    if found.ndim < 2 or len(found) != 1 or found.dtype.name not in NUMBERS:
        raise SourceError(
            f"{weights}: the tensor {settings.output!r} has the shape {list(found.shape)}, which "
            "is no list of numbers for each face"
        )
    return of_any_number(joined(whole, _flattening(settings, whole, found), "last_"))


def _preparing(settings: NetworkFeatures, network: ModelProto, path: Path) -> ModelProto:
    """Return the graph from bytes to what the network takes; SourceError where that is another."""
    side, name = settings.image_size_px, network.graph.input[0].name
    tensor = network.graph.input[0].type.tensor_type
    sizes = [dim.dim_value for dim in tensor.shape.dim]  # 0 where it is free
    channels = (sizes[1] if settings.layout == "nchw" else sizes[-1]) if len(sizes) == 4 else 0
    channels = channels if channels in (1, 3) else 1 if settings.colour == "grey" else 3
    shape = [channels, side, side] if settings.layout == "nchw" else [side, side, channels]
    fits = len(sizes) == 4 and all(
        has in (0, wanted) for has, wanted in zip(sizes[1:], shape, strict=True)
    )
    if not fits:
        raise SourceError(
            f"{path}: its input {name!r} is {_shown(sizes)}, but the settings say "
            f"{settings.layout} of {_shown([0, *shape])}; correct layout, image_size_px or colour"
        )
    if tensor.elem_type not in KINDS:
        raise SourceError(f"{path}: its input {name!r} takes no floats; take a file whose does")
    if channels == 1 and settings.colour != "grey":
        raise SourceError(f"{path}: its input {name!r} has one channel; set colour to grey")
    for given in (settings.mean, settings.std):
        if len(given) not in (1, channels):
            raise SourceError(
                f"{path}: its input {name!r} has {channels} channels, but {len(given)} numbers "
                "stand under mean or std"
            )
    text = PREPARING.format(
        ir=network.ir_version, opset=opset_of(network), side=side, kind=KINDS[tensor.elem_type],
        shape=", ".join(map(str, shape)), order=ORDERS[settings.layout], number=tensor.elem_type,
    )  # fmt: skip
    grey = np.tile(np.array(BRIGHTNESS)[:, None], (1, channels))
    values = {"mix": MIXES.get(settings.colour, grey), "mean": settings.mean, "std": settings.std}
    arrays = {name: np.asarray(value, np.float32) for name, value in values.items()}
    return constants(parser.parse_model(text), arrays)


def _flattening(
    settings: NetworkFeatures, network: ModelProto, found: NDArray[np.generic]
) -> ModelProto:
    """Return the graph from what the network answers to one list of numbers for each face."""
    _, *rest = found.shape
    if found.ndim != 4:
        pooled, length = "Identity(numbers)", int(np.prod(rest))
    elif settings.layout == "nchw":
        pooled, length = "GlobalAveragePool(numbers)", rest[0]
    else:
        pooled, length = "GlobalAveragePool(planes)", rest[-1]
    turned = "planes = Transpose<perm = [0, 3, 1, 2]>(numbers)\n  " if "planes" in pooled else ""
    text = FLATTENING.format(
        ir=network.ir_version, opset=opset_of(network), shape=", ".join(map(str, rest)),
        length=length, pooled=f"{turned}pooled = {pooled}", kind=NUMBERS[found.dtype.name],
    )  # fmt: skip
    return parser.parse_model(text)


def _shown(sizes: Sequence[int]) -> str:
    return "(" + ", ".join(str(size or "n") for size in sizes) + ")"
