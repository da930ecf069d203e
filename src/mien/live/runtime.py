"""Running an exported model by OpenVINO if it is installed, else by onnxruntime."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.live.metadata import KEY, DetectorMetadata, Metadata, read_metadata
from mien.live.mistaken import instead_of_export, instead_of_model

Infer = Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float32]]  # of one array an input


def open_model(path: Path, threads: int) -> tuple[Infer, Metadata | DetectorMetadata]:
    """Return a function that runs the model, and the model's metadata.

    Raises ModelError when the file is missing, no ONNX, or not exported by mien.
    """
    session = _session(path, threads)
    if (text := _text_of(session)) is None:
        told = session.get_modelmeta().custom_metadata_map
        outputs = {output.name for output in session.get_outputs()}
        raise ModelError(f"{path}: {instead_of_export(told, outputs)}")
    about = read_metadata(text, path)
    if find_spec("openvino"):
        with suppress(RuntimeError):  # OpenVINO cannot run every model
            return _openvino(path, threads), about
    names = [given.name for given in session.get_inputs()]
    return lambda given: session.run(None, dict(zip(names, given, strict=True)))[0], about


def described(path: Path) -> str | None:
    """Return mien's metadata of the model as text, None if mien did not export it.

    Raises ModelError when the file is missing or no ONNX.
    """
    return _text_of(_session(path, 1))


def _text_of(session: onnxruntime.InferenceSession) -> str | None:
    text: str | None = session.get_modelmeta().custom_metadata_map.get(KEY)
    return text


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise ModelError(f"{path}: {instead_of_model(path)}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # keep idle cores idle
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception:  # onnxruntime's errors have no common class
        raise ModelError(f"{path}: {instead_of_model(path)}") from None


def _openvino(path: Path, threads: int) -> Infer:
    import openvino

    model = compiled(openvino.Core().read_model(path), threads)
    return lambda given: np.asarray(model(list(given))[0])


def compiled(network: Any, threads: int) -> Any:
    """Return OpenVINO's network compiled for this processor in full precision."""
    import openvino

    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",  # else some processors halve it
        "PERFORMANCE_HINT": "LATENCY",
    }
    return openvino.Core().compile_model(network, "CPU", settings)
