"""Surgery on ONNX graphs: read, cut, joined, and run on any number of pictures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import (
    GraphProto,
    ModelProto,
    TensorProto,
    compose,
    helper,
    numpy_helper,
    shape_inference,
    utils,
    version_converter,
)

from mien.errors import SourceError, suggestion

Floats = NDArray[np.float32]
NAMED = 6  # tensors that a message names


def read_graph(path: Path) -> ModelProto:
    """Return the network in the file; raise SourceError where it has none, or not one input."""
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except FileNotFoundError:
        raise SourceError(f"{path}: the file is missing; run snakemake to fetch it") from None
    except Exception:  # whatever protobuf and onnx raise on a file that is none
        raise SourceError(f"{path}: not an ONNX file of a network") from None
    constants = {constant.name for constant in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(one.name for one in inputs) or "none"
        raise SourceError(f"{path}: its inputs are {names}; it must have one")
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return model


def cut_graph(model: ModelProto, output: str, path: Path) -> ModelProto:
    """Return the part of a network of one input up to the tensor `output`.

    Raises SourceError, with the tensors that the file has, where there is none of this name.
    """
    outputs = [one.name for one in model.graph.output]
    inner = [name for node in model.graph.node for name in node.output if name]
    if output not in inner:
        last = [name for name in reversed(inner) if name not in outputs][:NAMED]
        hint = suggestion(output, inner) or f", such as {', '.join(last)}" if last else ""
        raise SourceError(
            f"{path}: no tensor {output!r}; its outputs are {', '.join(outputs)}, and there are "
            f"{len(set(inner))} tensors{hint}"
        )
    if output not in outputs:
        inferred = {one.name: one for one in shape_inference.infer_shapes(model).graph.value_info}
        unknown = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        model.graph.output.append(inferred.get(output, unknown))
    return utils.Extractor(model).extract_model([model.graph.input[0].name], [output])


def joined(first: ModelProto, second: ModelProto, prefix: str) -> ModelProto:
    """Return both graphs as one; the output of the first is the input of the second.

    `prefix` goes before all names of the second. It is brought to the operator set of the first.
    """
    second = compose.add_prefix(second, prefix)
    ends = (first.graph.output[0].name, second.graph.input[0].name)
    second.ir_version = first.ir_version
    del second.graph.value_info[:]  # shapes within may be those of one picture
    return compose.merge_models(first, second, [ends])


def side_by_side(graphs: Sequence[ModelProto], inputs: Sequence[str], output: str) -> ModelProto:
    """Return graphs of features (n, numbers) as one, whose output has all numbers of a face.

    Its inputs have the names `inputs`, in the order of the graphs.
    """
    newest = max(map(opset_of, graphs))
    parts = [
        compose.add_prefix(with_opset(graph, newest), f"{name}_")
        for name, graph in zip(inputs, graphs, strict=True)
    ]
    for name, part in zip(inputs, parts, strict=True):
        part.graph.node.insert(0, helper.make_node("Identity", [name], [part.graph.input[0].name]))
        part.graph.input[0].name = name
    ends = [part.graph.output[0] for part in parts]
    lengths = [end.type.tensor_type.shape.dim[1].dim_value for end in ends]
    both = helper.make_graph(
        [
            *(node for part in parts for node in part.graph.node),
            helper.make_node("Concat", [end.name for end in ends], [output], axis=1),
        ],
        "side_by_side",
        [part.graph.input[0] for part in parts],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", sum(lengths)])],
        [constant for part in parts for constant in part.graph.initializer],
    )
    imports = {one.domain: one for part in parts for one in part.opset_import}
    ir = max(part.ir_version for part in parts)
    return helper.make_model(both, opset_imports=list(imports.values()), ir_version=ir)


def opset_of(model: ModelProto) -> int:
    """Return the version of ONNX's own operators that the graph uses."""
    return max(
        (one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=1
    )


def with_opset(model: ModelProto, opset: int) -> ModelProto:
    """Return the graph in this version of ONNX's operators."""
    return model if opset_of(model) == opset else version_converter.convert_version(model, opset)


def of_any_number(model: ModelProto) -> ModelProto:
    """Return the graph for any number of pictures; many a file is for one picture alone.

    If a graph with a free first dimension answers two pictures otherwise than one by one, the new
    graph takes them one by one in a loop.
    """
    free = ModelProto()
    free.CopyFrom(model)
    del free.graph.value_info[:]
    for one in (*free.graph.input, *free.graph.output):
        if one.type.tensor_type.shape.dim:
            one.type.tensor_type.shape.dim[0].dim_param = "n"
    pictures = _noise(model)
    alone = np.concatenate([_run(model, pictures[place : place + 1]) for place in range(2)])
    try:
        together = _run(free, pictures)
    except Exception:  # onnxruntime's errors have no common class
        return _one_by_one(model)
    if together.shape == alone.shape and np.allclose(together, alone, rtol=1e-3, atol=1e-4):
        return free
    return _one_by_one(model)


def runner(model: ModelProto, threads: int) -> Callable[[NDArray[np.generic]], Floats]:
    """Return the function that runs a graph of one input and one output."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    given = model.SerializeToString()
    session = onnxruntime.InferenceSession(given, options, ["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda pictures: np.asarray(session.run(None, {name: pictures})[0])


def _noise(model: ModelProto) -> NDArray[np.generic]:
    """Return two random inputs of the graph."""
    tensor = model.graph.input[0].type.tensor_type
    shape = [dim.dim_value for dim in tensor.shape.dim][1:]
    kind = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    return np.random.default_rng(0).integers(0, 256, (2, *shape)).astype(kind)


def run_once(model: ModelProto) -> Floats:
    """Return what the graph answers to one random picture."""
    return _run(model, _noise(model)[:1])


def _run(model: ModelProto, pictures: NDArray[np.generic]) -> Floats:
    return runner(model, 1)(pictures)


def _one_by_one(model: ModelProto) -> ModelProto:
    """Return the graph of one picture within a loop over any number of pictures."""
    given, made = model.graph.input[0], model.graph.output[0]
    kind = given.type.tensor_type.elem_type
    shape = [dim.dim_value for dim in given.type.tensor_type.shape.dim][1:]
    length = _run(model, _noise(model)[:1]).shape[1]
    body = GraphProto()
    body.CopyFrom(model.graph)
    body.input[0].CopyFrom(helper.make_tensor_value_info("one", kind, shape))
    body.output[0].CopyFrom(helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [length]))
    zero = numpy_helper.from_array(np.array([0]), "first_axis")
    body.initializer.append(zero)
    body.node.insert(0, helper.make_node("Unsqueeze", ["one", "first_axis"], [given.name]))
    body.node.append(helper.make_node("Squeeze", [made.name, "first_axis"], ["numbers"]))
    scan = helper.make_node("Scan", ["all"], ["each"], body=body, num_scan_inputs=1)
    graph = helper.make_graph(
        [scan],
        "one_by_one",
        [helper.make_tensor_value_info("all", kind, ["n", *shape])],
        [helper.make_tensor_value_info("each", TensorProto.FLOAT, ["n", length])],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def constants(model: ModelProto, values: Mapping[str, NDArray[np.generic]]) -> ModelProto:
    """Return the graph with these constants added."""
    for name, value in values.items():
        model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
    return model
