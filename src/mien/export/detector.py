"""The detector of exported models: a file beside them."""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mien import __version__, layout
from mien.errors import ModelError
from mien.export.runs import sha256
from mien.files import atomic
from mien.live.metadata import DetectorMetadata, FoundBy, read_metadata
from mien.live.runtime import described

DETECTOR_PACKAGES = ("onnx", "torch", "ultralytics")


def export_detector(weights: Path, output: Path) -> None:
    """Write a detector of ultralytics; raise SourceError when the file is none."""
    from mien.export.graph import write_graph
    from mien.export.yolo import detector_graph

    graph, points = detector_graph(weights)
    versions = {"mien": __version__} | {name: version(name) for name in DETECTOR_PACKAGES}
    about = DetectorMetadata(points=points, model_sha256=sha256(weights), versions=versions)
    write_graph(graph, about, "Faces of a scene; they still overlap.", output)


def write_detector(faces: Mapping[str, Any], folder: Path) -> tuple[FoundBy, list[Path]]:
    """Write the detector of a run's faces into the folder; return its settings and files.

    A detector of OpenCV is copied, one of ultralytics is exported. Its name has the hash of the
    weights. A file that is there already stays, since models exported earlier check it by its hash.
    """
    settings = {name: value for name, value in faces.items() if name != "weights"}
    if faces["weights"] is None:
        return FoundBy(**settings, file=None, sha256=None), []
    weights = layout.WEIGHTS / faces["weights"]
    digest = sha256(weights)
    path = folder / f"{weights.stem}-{digest[:8]}.onnx"
    if faces["detector"] == "yolo":
        if not (path.is_file() and is_export_of(path, digest)):
            export_detector(weights, path)
    elif not (path.is_file() and sha256(path) == digest):
        with atomic(path) as temporary:
            shutil.copyfile(weights, temporary)
    return FoundBy(**settings, file=path.name, sha256=sha256(path)), [path]


def is_export_of(path: Path, weights_sha256: str) -> bool:
    """Return whether the file is the export of a detector with these weights."""
    try:
        about = read_metadata(described(path), path)
    except ModelError:
        return False
    return isinstance(about, DetectorMetadata) and about.model_sha256 == weights_sha256
