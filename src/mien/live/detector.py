"""The detector of a running classifier, by default the one that found its training faces."""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ModelError
from mien.faces.detect import DETECTORS, Detector, yunet, yunet_scenes
from mien.faces.detections import POINTS, Detection, inside
from mien.ids import sha256_of
from mien.images import Picture
from mien.live.metadata import DetectorMetadata, FoundBy, Metadata
from mien.live.mistaken import instead_of_model
from mien.live.runtime import Infer, described, open_model
from mien.live.yunet import open_yunet
from mien.params import TRAITS, FacesParams

STRIDE = 32
OVERLAP = 0.7  # ultralytics' own, in its non-maximum suppression
GREY = (114, 114, 114)  # ultralytics' padding


def open_detector(
    about: Metadata,
    model: Path,
    given: str | None,
    threads: int,
    image_size_px: int | None = None,
) -> Detector:
    """Return the detector `given` (haar, or a file), or else the one that the model names.

    The model's own detector is a file beside the model with the hash that the model names.
    `image_size_px` replaces the size at which the model's faces were found. Raises ModelError when
    the file is missing or another, finds no faces, or no eyes although the model needs them.
    """
    params = about.faces.params()
    if image_size_px is not None:
        params = params.model_copy(update={"image_size_px": image_size_px})
    name = about.faces.detector if given is None else given
    if (traits := TRAITS.get(name)) and not traits.needs_weights:
        if about.needs_eyes and not traits.finds_eyes:
            raise ModelError(f"{model}: it needs faces' eyes, which {name} does not find")
        return DETECTORS[name](params, None)
    path = _beside(model, about.faces) if given is None else Path(given)
    if not path.is_file():
        raise ModelError(f"--detector {given}: neither haar nor a file")
    if path.suffix != ".onnx":
        raise ModelError(f"{path}: {instead_of_model(path)}")
    if described(path) is None:
        return _yunet(path, params, threads)
    infer, told = open_model(path, threads)
    if not isinstance(told, DetectorMetadata):
        raise ModelError(f"{path}: a classifier; --detector names what finds faces")
    if about.needs_eyes and not told.points:
        raise ModelError(f"{path}: it finds no eyes, which {model} needs")
    return yolo(infer, told.points, params)


def _yunet(path: Path, params: FacesParams, threads: int) -> Detector:
    """Return YuNet, run by OpenVINO where it is installed, else by OpenCV."""
    find = yunet(params, path)
    try:
        find([np.zeros((64, 64, 3), np.uint8)])
    except cv2.error:  # OpenCV opens any model as YuNet, and fails only when it runs
        raise ModelError(f"{path}: neither YuNet nor a detector that mien exported") from None
    if find_spec("openvino"):
        with suppress(RuntimeError):  # OpenVINO cannot run every model
            return yunet_scenes(open_yunet(path, params.min_confidence, threads), params)
    return find


def yolo(infer: Infer, points: bool, params: FacesParams) -> Detector:
    """Return an exported detector of ultralytics."""

    def find(scene: Picture) -> list[Detection]:
        seen, scale, left, top = letterboxed(scene, params.image_size_px)
        rows = infer([np.ascontiguousarray(seen[None, :, :, ::-1])])[0]
        if not np.isfinite(rows).all():
            raise ModelError("the detector answers NaN or infinity; name another by --detector")
        rows = rows[rows[:, 4] >= params.min_confidence]
        middles, sizes = rows[:, :2] - [left, top], rows[:, 2:4]
        boxes = np.hstack([middles - sizes / 2, sizes]) / scale
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), rows[:, 4].tolist(), 0.0, OVERLAP)
        places = None
        if points:
            places = (rows[:, 5:] - np.tile([left, top], POINTS)) / scale
            places = places.clip(0, np.tile(scene.shape[1::-1], POINTS))
        return inside(
            scene,
            [
                (
                    *(*boxes[n, :2], *(boxes[n, :2] + boxes[n, 2:])),
                    *(rows[n, 4], None if places is None else places[n]),
                )
                for n in kept
            ],
        )

    return lambda scenes: [find(scene) for scene in scenes]


def letterboxed(scene: Picture, size_px: int) -> tuple[NDArray[np.uint8], float, int, int]:
    """Return the scene scaled to a longer side of `size_px` and padded to multiples of 32.

    Also the scale and the padding on the left and at the top, all as in ultralytics.
    """
    rows, columns = scene.shape[:2]
    scale = size_px / max(rows, columns)
    width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
    seen = scene
    if (width, height) != (columns, rows):
        seen = np.asarray(cv2.resize(scene, (width, height), interpolation=cv2.INTER_LINEAR))
    across, down = (-width % STRIDE) / 2, (-height % STRIDE) / 2
    left, top = round(across - 0.1), round(down - 0.1)
    right, bottom = round(across + 0.1), round(down + 0.1)
    border = cv2.copyMakeBorder(seen, top, bottom, left, right, cv2.BORDER_CONSTANT, value=GREY)
    return np.asarray(border, np.uint8), scale, left, top


def _beside(model: Path, found: FoundBy) -> Path:
    """Return the detector's file beside the model; raise ModelError if missing or another."""
    assert found.file is not None
    path = model.parent / found.file
    if not path.is_file():
        raise ModelError(
            f"{path}: the model's detector, {found.detector}, is missing; copy it from where the "
            "model was exported, or choose one with --detector"
        )
    digest = sha256_of(path)
    if digest != found.sha256:
        raise ModelError(
            f"{path}: its sha256 is {digest[:12]}…, but the model was evaluated with "
            f"{str(found.sha256)[:12]}…; copy it from where the model was exported, or name it "
            "with --detector"
        )
    return path
