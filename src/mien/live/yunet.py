"""YuNet by OpenVINO: the faces of OpenCV's FaceDetectorYN in half the time.

The network has an output for each kind and stride. Faces are read from them as in OpenCV's
`FaceDetectorYNImpl::postProcess` (modules/objdetect/src/face_detect.cpp).
"""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.detect import YunetLook
from mien.faces.detections import POINTS
from mien.images import Picture
from mien.live.runtime import compiled

STRIDES = (8, 16, 32)
KINDS = ("cls", "obj", "bbox", "kps")
OVERLAP, MOST = 0.3, 5000  # FaceDetectorYN's own, in its non-maximum suppression


def open_yunet(path: Path, min_confidence: float, threads: int) -> YunetLook:
    """Return the function that runs YuNet on a picture; raise RuntimeError if it is no YuNet."""
    import openvino
    from openvino.preprocess import PrePostProcessor

    network = openvino.Core().read_model(path)
    network.reshape([1, 3, -1, -1])
    names = {f"{kind}_{stride}" for kind in KINDS for stride in STRIDES}
    for name in names:
        network.output(name)  # RuntimeError if there is none
    pictures = PrePostProcessor(network)
    tensor = pictures.input().tensor()
    tensor.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    pictures.input().model().set_layout(openvino.Layout("NCHW"))
    model = compiled(pictures.build(), threads)

    def look(seen: Picture) -> NDArray[np.float32] | None:
        below, beside = (-length % STRIDES[-1] for length in seen.shape[:2])
        whole = cv2.copyMakeBorder(seen, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        told = model(whole[None])
        found = np.concatenate(
            [_faces(told, s, whole.shape[1] // s, min_confidence) for s in STRIDES]
        )
        boxes, scores = found[:, :4].astype(int), found[:, -1]
        kept = cv2.dnn.NMSBoxes(
            boxes.tolist(), scores.tolist(), min_confidence, OVERLAP, top_k=MOST
        )
        return found[kept] if len(kept) else None

    return look


def _faces(
    told: Mapping[str, NDArray[np.float32]], stride: int, columns: int, min_confidence: float
) -> NDArray[np.float32]:
    """Return the rows (n, 15) of the cells of one stride that reach `min_confidence`."""
    classes, objects, boxes, points = (told[f"{kind}_{stride}"][0] for kind in KINDS)
    scores = np.sqrt(classes.clip(0, 1) * objects.clip(0, 1))[:, 0]
    (sure,) = np.nonzero(scores >= min_confidence)
    cells = np.stack([sure % columns, sure // columns], axis=1).astype(np.float32)
    sizes = np.exp(boxes[sure, 2:])
    corners = cells + boxes[sure, :2] - sizes / 2
    places = points[sure] + np.tile(cells, POINTS)
    return np.hstack([np.hstack([corners, sizes, places]) * stride, scores[sure, None]])
