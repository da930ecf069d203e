from typing import get_args

import cv2
import numpy as np
import pandas as pd
import pytest

from mien.acquire.drawing.drawn import draw_source
from mien.boxes import iou
from mien.errors import SourceError
from mien.faces.detect import DETECTORS, haar, yolo, yunet
from mien.faces.detections import box_of, without_overlaps
from mien.images import decode
from mien.params import TRAITS, DetectorName

YUNET, YOLO = "face_detection_yunet_2023mar.onnx", "yolov8n-face.pt"


@pytest.fixture
def photographs(data):
    """Nine photographs and the hand-drawn boxes of their 43 faces."""
    boxes = pd.read_csv(data / "scenes" / "GT_dlib_boxes.csv")
    boxes = boxes[boxes["ignore"] == 0].groupby("file")
    pictures = [decode((data / "scenes" / name).read_bytes()) for name, _ in boxes]
    return pictures, [b[["left", "top", "width", "height"]].to_numpy() for _, b in boxes]


def hits(found, truth, at_least=0.3):
    """Count the boxes of the truth that a detection of its own has, and the other detections."""
    found_count, false_count = 0, 0
    for detections, boxes in zip(found, truth, strict=True):
        left = without_overlaps(detections)
        for box in boxes:
            best = max(left, key=lambda d: iou(box_of(d), box), default=None)
            if best is not None and iou(box_of(best), box) >= at_least:
                left.remove(best)
                found_count += 1
        false_count += len(left)
    return found_count, false_count


def test_every_detector_has_a_name_its_traits_and_its_code():
    assert [*DETECTORS] == [*TRAITS] == [*get_args(DetectorName)]


def test_yunet_finds_all_43_hand_drawn_boxes_and_nothing_else(photographs, data, params):
    pictures, truth = photographs
    assert hits(yunet(params, data / "weights" / YUNET)(pictures), truth) == (43, 0)


def test_yolo_finds_all_43_hand_drawn_boxes_and_nothing_else(photographs, data, params):
    pictures, truth = photographs
    assert hits(yolo(params, data / "weights" / YOLO)(pictures), truth) == (43, 0)


def test_haar_finds_41_of_43_hand_drawn_boxes(photographs, params):
    pictures, truth = photographs
    found, _ = hits(haar(params.model_copy(update={"min_size_px": 20}), None)(pictures), truth)
    assert found == 41


def test_haar_finds_nine_of_ten_drawn_faces(params):
    scenes = list(draw_source("mixed-1", 12))
    truth = [[(f.x, f.y, f.width, f.height) for f in scene.faces] for scene in scenes]
    found, _ = hits(haar(params, None)([scene.image for scene in scenes]), truth)
    assert found >= 0.9 * sum(map(len, truth))


@pytest.mark.parametrize(("make", "weights"), [(yunet, YUNET), (yolo, YOLO)])
def test_landmarks_are_eyes_nose_and_mouth_from_left_to_right(
    photographs, data, params, make, weights
):
    picture = photographs[0][1]
    for face in make(params, data / "weights" / weights)([picture])[0]:
        points = np.reshape(face.landmarks, (5, 2))
        left_eye, right_eye, nose, left_mouth, right_mouth = points
        assert left_eye[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
        assert face.x <= nose[0] <= face.x + face.width


def test_boxes_of_a_large_scene_are_in_its_own_pixels(photographs, data, params):
    picture = photographs[0][0]
    detector = yunet(params, data / "weights" / YUNET)
    small = [d for d in detector([picture])[0] if d.confidence > 0.85]
    large = detector([cv2.resize(picture, None, fx=4, fy=4)])[0]
    assert small
    for face in small:
        scaled = [4 * side for side in box_of(face)]
        assert max(iou(box_of(other), scaled) for other in large) > 0.7


def test_what_yolo_finds_does_not_depend_on_the_scenes_beside(photographs, data, params):
    pictures, _ = photographs
    detector = yolo(params, data / "weights" / YOLO)
    together = detector(pictures[:4])
    for picture, found in zip(pictures[:4], together, strict=True):
        alone = detector([picture])[0]
        assert [box_of(d) for d in alone] == [box_of(d) for d in found]


@pytest.mark.parametrize("make", [yunet, yolo])
def test_missing_weights_are_named(make, params, tmp_path):
    file = tmp_path / "none.onnx"
    with pytest.raises(SourceError) as error:
        make(params, file)
    assert str(error.value) == f"{file}: the weights are missing; run `mien acquire weights`"


@pytest.mark.parametrize(("make", "name"), [(yunet, "yunet"), (yolo, "yolo")])
def test_weights_that_are_no_model_are_named(make, name, params, tmp_path):
    file = tmp_path / ("bad.onnx" if make is yunet else "bad.pt")
    file.write_bytes(b"<html>not found</html>")
    with pytest.raises(SourceError) as error:
        make(params, file)
    assert str(error.value).startswith(f"{file}: no weights that {name} can use (")


def test_a_classifier_is_no_detector(data, params):
    file = data / "weights" / "yolo11n-cls.pt"
    with pytest.raises(SourceError) as error:
        yolo(params, file)
    assert str(error.value) == (f"{file}: a model to classify; faces.detector yolo needs detection")


@pytest.mark.filterwarnings("error")  # of places that are no numbers
def test_yunet_sees_nothing_in_narrow_scenes_whatever_memory_held(data, params):
    for shape in [(3, 640, 3), (16, 640, 3), (32, 640, 3), (640, 16, 3)] * 10:
        left_behind = [np.random.default_rng(0).random(200_000) for _ in range(5)]
        del left_behind  # its numbers stay in memory that is given out again
        find = yunet(params, data / "weights" / YUNET)
        assert find([np.full(shape, 127, np.uint8)]) == [[]]


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (40, 40, 3)])
def test_a_scene_without_a_face_gives_none(shape, data, params):
    blank = np.full(shape, 127, np.uint8)
    for detector in (
        haar(params, None),
        yunet(params, data / "weights" / YUNET),
        yolo(params, data / "weights" / YOLO),
    ):
        assert detector([blank]) == [[]]
    assert haar(params, None)([]) == []
