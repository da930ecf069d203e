"""Detectors of faces; each is a function from scenes to detections."""

import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.checkpoint import read_checkpoint
from mien.errors import SourceError
from mien.faces.detections import POINTS, Detection, inside
from mien.images import Picture
from mien.params import FacesParams

CPU_BATCH, GPU_BATCH = 4, 32
HAAR_CASCADE = "haarcascade_frontalface_alt2.xml"
HAAR_STEP, HAAR_NEIGHBOURS = 1.1, 2
YUNET_SMALLEST = 64  # in pixels: on pictures of 32 rows or fewer OpenCV reads memory it never wrote

Detector = Callable[[Sequence[Picture]], list[list[Detection]]]

# From a picture to rows of left, top, width, height, five points and the score; None for no face.
YunetLook = Callable[[Picture], NDArray[np.float32] | None]


def haar(params: FacesParams, weights: Path | None) -> Detector:
    """Return OpenCV's cascade for frontal faces, which needs no weights; it gives no points."""
    del weights
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / HAAR_CASCADE))
    smallest = (params.min_size_px, params.min_size_px)

    def find(scene: Picture) -> list[Detection]:
        grey = cv2.equalizeHist(cv2.cvtColor(scene, cv2.COLOR_BGR2GRAY))
        boxes = cascade.detectMultiScale(grey, HAAR_STEP, HAAR_NEIGHBOURS, minSize=smallest)
        return inside(scene, [(x, y, x + w, y + h, 1.0, None) for x, y, w, h in boxes])

    return lambda scenes: [find(scene) for scene in scenes]


def yunet(params: FacesParams, weights: Path | None) -> Detector:
    """Return OpenCV's YuNet; scenes larger than `image_size_px` are shrunk."""
    file = str(_present(weights))
    try:
        model = cv2.FaceDetectorYN.create(file, "", (32, 32), params.min_confidence)
    except cv2.error as error:
        raise _unusable(file, "yunet", error) from None

    def look(seen: Picture) -> NDArray[np.float32] | None:
        model.setInputSize(seen.shape[1::-1])
        found: NDArray[np.float32] | None = model.detect(seen)[1]
        return found

    return yunet_scenes(look, params)


def yunet_scenes(look: YunetLook, params: FacesParams) -> Detector:
    """Return the detector that runs YuNet by `look`."""

    def find(scene: Picture) -> list[Detection]:
        rows, columns = scene.shape[:2]
        scale = min(1.0, params.image_size_px / max(rows, columns))
        size = max(1, round(columns * scale)), max(1, round(rows * scale))
        seen = cv2.resize(scene, size, interpolation=cv2.INTER_AREA) if scale < 1 else scene
        below, beside = (max(0, YUNET_SMALLEST - length) for length in seen.shape[:2])
        found = look(cv2.copyMakeBorder(seen, 0, below, 0, beside, cv2.BORDER_REPLICATE))
        if found is None:
            return []
        places = found[:, :-1] * np.tile([columns / size[0], rows / size[1]], 2 + POINTS)
        return inside(
            scene,
            [
                (*place[:2], *(place[:2] + place[2:4]), score, place[4:])
                for place, score in zip(places, found[:, -1], strict=True)
            ],
        )

    return lambda scenes: [find(scene) for scene in scenes]


def yolo(params: FacesParams, weights: Path | None) -> Detector:
    """Return the detector of an ultralytics model, on the first GPU if there is one.

    Neighbouring scenes of one shape are one batch, with the results of single scenes. Only pose
    models of five points give points.
    """
    model, kinds = load_yolo(weights)
    import torch

    gpu = torch.cuda.is_available()
    at_once = GPU_BATCH if gpu else CPU_BATCH

    def find(scenes: Sequence[Picture]) -> list[list[Detection]]:
        found = []
        for _, alike in groupby(scenes, key=np.shape):
            same = list(alike)
            for start in range(0, len(same), at_once):
                batch = same[start : start + at_once]
                results = model.predict(
                    batch,
                    imgsz=params.image_size_px,
                    conf=params.min_confidence,
                    device=0 if gpu else "cpu",
                    batch=at_once,
                    classes=kinds,
                    verbose=False,
                )
                found += [inside(s, _rows(r)) for s, r in zip(batch, results, strict=True)]
        return found

    return find


def load_yolo(weights: Path | None) -> tuple[Any, list[int]]:
    """Return a detection or pose model of ultralytics, and the numbers of its kinds that are faces.

    Raises SourceError when the file is no such model, or detects no faces.
    """
    file = _present(weights)
    try:
        read_checkpoint(file)  # refuses a file that would run code
        from ultralytics import YOLO

        model = YOLO(file)
    except Exception as error:  # whatever torch's unpickling raises on a file that is no model
        raise _unusable(str(file), "yolo", error) from None
    if model.task not in ("detect", "pose"):
        raise SourceError(f"{file}: a model to {model.task}; faces.detector yolo needs detection")
    kinds = [kind for kind, name in model.names.items() if len(model.names) == 1 or name == "face"]
    if not kinds:
        raise SourceError(f"{file}: none of the {len(model.names)} kinds it detects is 'face'")
    return model, kinds


DETECTORS: dict[str, Callable[[FacesParams, Path | None], Detector]] = {
    "haar": haar,
    "yunet": yunet,
    "yolo": yolo,
}


def limit_threads(threads: int) -> None:
    """Set the number of threads of OpenCV, and of torch if the detector imported it."""
    cv2.setNumThreads(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def _rows(result: Any) -> list[tuple[Any, ...]]:
    """Return edges, confidence and points of the faces that ultralytics found in a scene."""
    boxes = result.boxes.xyxy.cpu().numpy()
    scores = result.boxes.conf.cpu().numpy()
    points = [None] * len(boxes)
    if result.keypoints is not None and result.keypoints.shape[1] == POINTS:
        points = list(result.keypoints.xy.cpu().numpy().reshape(-1, 2 * POINTS))
    return [(*box, *rest) for box, *rest in zip(boxes, scores, points, strict=True)]


def _present(weights: Path | None) -> Path:
    if weights is None or not weights.is_file():
        raise SourceError(f"{weights}: the weights are missing; run `mien acquire weights`")
    return weights


def _unusable(file: str, detector: str, error: Exception) -> SourceError:
    reason = " ".join(str(error).removeprefix(f"{file}: ").split())[:200]
    return SourceError(f"{file}: no weights that {detector} can use ({reason})")
