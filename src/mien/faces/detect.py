"""Detectors: what finds the faces of a scene, behind one function type."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mien.errors import SourceError
from mien.images import Picture
from mien.params import FacesParams
from mien.quiet import quiet_ultralytics

POINTS = 5
CPU_BATCH, GPU_BATCH = 4, 32
HAAR_CASCADE = "haarcascade_frontalface_alt2.xml"
HAAR_STEP, HAAR_NEIGHBOURS = 1.1, 2
OVERLAP = 0.5


@dataclass(frozen=True)
class Detection:
    """A box in scene pixels, inside the scene, and five points: eyes, nose, corners of the mouth.

    The points are x and y in turn, of each pair first the one that is left in the picture.
    """

    x: int
    y: int
    width: int
    height: int
    confidence: float
    landmarks: tuple[float, ...] | None = None


Detector = Callable[[Sequence[Picture]], list[list[Detection]]]


def haar(params: FacesParams, weights: Path | None) -> Detector:
    """Return OpenCV's cascade for frontal faces, which needs no weights; it gives no points."""
    del weights
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / HAAR_CASCADE))
    smallest = (params.min_size_px, params.min_size_px)

    def find(scene: Picture) -> list[Detection]:
        grey = cv2.equalizeHist(cv2.cvtColor(scene, cv2.COLOR_BGR2GRAY))
        boxes = cascade.detectMultiScale(grey, HAAR_STEP, HAAR_NEIGHBOURS, minSize=smallest)
        return _inside(scene, [(x, y, x + w, y + h, 1.0, None) for x, y, w, h in boxes])

    return lambda scenes: [find(scene) for scene in scenes]


def yunet(params: FacesParams, weights: Path | None) -> Detector:
    """Return OpenCV's YuNet; scenes larger than `image_size_px` are made smaller for it."""
    file = str(_present(weights))
    try:
        model = cv2.FaceDetectorYN.create(file, "", (32, 32), params.min_confidence)
    except cv2.error as error:
        raise _unusable(file, "yunet", error) from None

    def find(scene: Picture) -> list[Detection]:
        rows, columns = scene.shape[:2]
        scale = min(1.0, params.image_size_px / max(rows, columns))
        size = max(1, round(columns * scale)), max(1, round(rows * scale))
        model.setInputSize(size)
        seen = cv2.resize(scene, size, interpolation=cv2.INTER_AREA) if scale < 1 else scene
        found = model.detect(seen)[1]
        if found is None:
            return []
        places = found[:, :-1] * np.tile([columns / size[0], rows / size[1]], 2 + POINTS)
        return _inside(
            scene,
            [
                (*place[:2], *(place[:2] + place[2:4]), score, place[4:])
                for place, score in zip(places, found[:, -1], strict=True)
            ],
        )

    return lambda scenes: [find(scene) for scene in scenes]


def yolo(params: FacesParams, weights: Path | None) -> Detector:
    """Return a detection or pose model of ultralytics, on the first GPU where there is one.

    Scenes of one shape that follow each other go through it together, each just as it would go
    alone. Points come from pose models that have five.
    """
    quiet_ultralytics()
    import torch
    from ultralytics import YOLO

    file = _present(weights)
    try:
        model = YOLO(file)
    except Exception as error:  # whatever torch's unpickling raises on a file that is no model
        raise _unusable(str(file), "yolo", error) from None
    if model.task not in ("detect", "pose"):
        raise SourceError(f"{file}: a model to {model.task}; faces.detector yolo needs detection")
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
                    verbose=False,
                )
                found += [_inside(s, _rows(r)) for s, r in zip(batch, results, strict=True)]
        return found

    return find


DETECTORS: dict[str, Callable[[FacesParams, Path | None], Detector]] = {
    "haar": haar,
    "yunet": yunet,
    "yolo": yolo,
}


def limit_threads(threads: int) -> None:
    """Let OpenCV, and torch where the detector uses it, have so many threads."""
    cv2.setNumThreads(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def without_overlaps(detections: Sequence[Detection]) -> list[Detection]:
    """Return one detection a face, in the order of their boxes.

    Of two that share more than half of their common area the more confident stays, then the
    larger.
    """
    kept: list[Detection] = []
    for one in sorted(detections, key=lambda d: (-d.confidence, -d.width * d.height, box_of(d))):
        if all(overlap(box_of(one), box_of(other)) <= OVERLAP for other in kept):
            kept.append(one)
    return sorted(kept, key=box_of)


def box_of(detection: Detection) -> tuple[int, int, int, int]:
    """Return x, y, width and height."""
    return detection.x, detection.y, detection.width, detection.height


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the area that two boxes (x, y, width, height) share, over the area of both."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _rows(result: Any) -> list[tuple[Any, ...]]:
    """Return edges, confidence and points of what ultralytics found in a scene."""
    boxes = result.boxes.xyxy.cpu().numpy()
    scores = result.boxes.conf.cpu().numpy()
    points = [None] * len(boxes)
    if result.keypoints is not None and result.keypoints.shape[1] == POINTS:
        points = list(result.keypoints.xy.cpu().numpy().reshape(len(boxes), -1))
    return [(*box, *rest) for box, *rest in zip(boxes, scores, points, strict=True)]


def _inside(scene: Picture, rows: Sequence[tuple[Any, ...]]) -> list[Detection]:
    """Return detections from left, top, right, bottom, confidence and points, cut at the edges.

    What lies outside the scene as a whole is left out.
    """
    high, wide = scene.shape[:2]
    found = []
    for left, top, right, bottom, confidence, points in rows:
        x, y = max(0, round(float(left))), max(0, round(float(top)))
        width, height = min(wide, round(float(right))) - x, min(high, round(float(bottom))) - y
        if width > 0 and height > 0:
            landmarks = None if points is None else tuple(round(float(p), 2) for p in points)
            found.append(Detection(x, y, width, height, round(float(confidence), 6), landmarks))
    return found


def _present(weights: Path | None) -> Path:
    if weights is None or not weights.is_file():
        raise SourceError(f"{weights}: the weights are missing; run mien acquire weights")
    return weights


def _unusable(file: str, detector: str, error: Exception) -> SourceError:
    reason = " ".join(str(error).split())[:200]
    return SourceError(f"{file}: no weights that {detector} can use ({reason})")
