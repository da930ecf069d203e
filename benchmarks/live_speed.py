"""Measure how fast a running classifier is, beside two other ways to do the same.

Run `python benchmarks/live_speed.py --fer <python>` in the project's folder, on a machine that does
nothing else. It needs ../shared/data and writes benchmarks/results/live_speed.json. <python> is
that of an environment with fer, tensorflow, 'opencv-contrib-python<5' and 'setuptools<80'; without
it, fer is left out.

The clips are 640 x 480 pixels, of one face and of five. All read the same file; the figures are
medians of 3 turns, which take turns.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mien.faces.detect import yunet
from mien.faces.detections import box_of
from mien.files import write_json
from mien.images import Box, Picture, crop
from mien.live.annotate import annotate
from mien.live.look import Looker
from mien.live.metadata import FoundBy, Metadata
from mien.live.options import open_looker
from mien.live.track import Tracks
from mien.params import load
from mien.train.card import Card
from mien.video.film import MILLISECONDS, open_film, write_mp4
from mien.view import View

DATA = Path("../shared/data")
YUNET = DATA / "weights" / "face_detection_yunet_2023mar.onnx"
YOLO_FACE = DATA / "weights" / "yolov8n-face.pt"
CLIP = DATA / "videos" / "WolfgangLanger_Pexels.mp4"
WIDTH, HEIGHT, FPS, FRAMES, TURNS = 640, 480, 30, 300, 3
CLASSES = ["angry", "happy", "neutral", "surprised"]
SIZE_PX, MARGIN, THREADS, SMALL_PX = 64, 0.1, 2, 320
FER = """
import sys, time, json, cv2
from fer.fer import FER
detector = FER(mtcnn=False)
times, faces = [], 0
film = cv2.VideoCapture(sys.argv[1])
while True:
    begun = time.perf_counter()
    there, picture = film.read()
    if not there:
        break
    faces += len(detector.detect_emotions(picture))
    times.append(time.perf_counter() - begun)
times = sorted(times[10:])
print(json.dumps({"fps": len(times) / sum(times), "p95_ms": 1000 * times[int(.95 * len(times))],
                  "faces": faces}))
"""


def make_clip(path: Path, faces: int) -> None:
    """Write the clip: one face fills it, or five stand in it in two rows."""
    with open_film(CLIP) as film, write_mp4(path, MILLISECONDS) as mp4:
        for frame in film.frames():
            if frame.number == FRAMES:
                break
            whole = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
            across = 1 if faces == 1 else 3
            rows, columns = frame.picture.shape[:2]
            width = WIDTH // across
            height = width * rows // columns
            small = cv2.resize(frame.picture, (width, height), interpolation=cv2.INTER_AREA)
            for n in range(faces):
                top = (n // across) * (HEIGHT // 2) + (60 if faces == 1 else 40)
                left = (n % across) * width
                whole[top : top + height, left : left + width] = small
            mp4.add(whole, round(1000 * frame.number / FPS))


def make_model(folder: Path) -> tuple[Path, Path]:
    """Write an untrained YOLOv8n-cls at 64 px as a run's model and as its export; return both."""
    from mien.quiet import quiet_ultralytics

    quiet_ultralytics()
    import torch
    from ultralytics import YOLO

    from mien.export.model import graph_of, write_classifier
    from mien.export.runs import sha256

    model = YOLO("yolov8n-cls.yaml").model
    model.model[-1].linear = torch.nn.Linear(model.model[-1].linear.in_features, len(CLASSES))
    model.names = dict(enumerate(CLASSES))
    model.args = {"task": "classify", "imgsz": SIZE_PX}
    path, exported = folder / "model.pt", folder / "model.onnx"
    torch.save({"model": model.half(), "train_args": model.args}, path)
    faces = {"detector": "yunet", "weights": YUNET.name, "image_size_px": 640,
             "min_confidence": 0.6, "min_size_px": 40, "margin": MARGIN}  # fmt: skip
    card = Card(
        variant="speed", family="yolo", seed=0, fold=None, classes=CLASSES, views=[View(SIZE_PX)],
        features=[], epochs=0, weights="yolov8n-cls.yaml", settings={}, multi_label=False,
        faces=faces, preprocessing={}, versions={},
    )  # fmt: skip
    settings = {name: value for name, value in faces.items() if name != "weights"}
    found = FoundBy(**settings, file=YUNET.name, sha256=sha256(YUNET))
    about = Metadata(
        variant="speed", run="seed-0", family="yolo", classes=CLASSES, views=[View(SIZE_PX)],
        multi_label=False, faces=found, temperature=1.0, threshold=0.5,
        live=load(Path("params.yaml")).live, data_sha256={}, model_sha256="", licence="",
        summary="", versions={},
    )  # fmt: skip
    write_classifier(graph_of([path], card), about, exported)
    return path, exported


def timed(clip: Path, look: Callable[[float, Picture], int]) -> dict[str, float]:
    """Return frames a second, and latency in ms, of reading and looking at every frame."""
    times, faces = [], 0
    with open_film(clip) as film:
        begun = time.perf_counter()
        for frame in film.frames():
            faces += look(frame.time_s, frame.picture)
            now = time.perf_counter()
            times.append(now - begun)
            begun = now
    times = times[10:]
    return {
        "fps": len(times) / sum(times),
        "p95_ms": 1000 * sorted(times)[int(0.95 * len(times))],
        "faces": faces,
    }


def ours(looker: Looker) -> Callable[[float, Picture], int]:
    """Return what mien does with a frame: find, classify, follow and draw."""
    tracks = Tracks(looker.about.live, looker.about.threshold)

    def look(time_s: float, picture: Picture) -> int:
        [faces] = looker.look([picture])
        seen = tracks.follow(time_s, faces)
        annotate(picture, seen, CLASSES)
        return len(seen)

    return look


def plain(model: Path, detector: Path) -> Callable[[float, Picture], int]:
    """Return a plain loop over ultralytics: its detector, and its classifier for each face."""
    from ultralytics import YOLO

    finder, classifier = YOLO(detector), YOLO(model)

    def look(_: float, picture: Picture) -> int:
        found = finder.predict(picture, imgsz=640, conf=0.6, verbose=False)[0]
        for left, top, right, bottom in found.boxes.xyxy.int().tolist():
            classify(classifier, picture, (left, top, right - left, bottom - top))
        return len(found.boxes)

    return look


def yunet_loop(model: Path, looker: Looker) -> Callable[[float, Picture], int]:
    """Return the same loop with mien's detector, so that only the classifier differs."""
    from ultralytics import YOLO

    classifier, detector = YOLO(model), yunet(looker.about.faces.params(), YUNET)

    def look(_: float, picture: Picture) -> int:
        [found] = detector([picture])
        for one in found:
            classify(classifier, picture, box_of(one))
        return len(found)

    return look


def classify(classifier: Any, picture: Picture, box: Box) -> None:
    """Ask ultralytics about a face, and draw what it says."""
    said = classifier.predict(crop(picture, box, MARGIN), imgsz=SIZE_PX, verbose=False)[0]
    words = f"{said.names[said.probs.top1]} {said.probs.top1conf:.2f}"
    x, y, width, height = box
    cv2.rectangle(picture, (x, y), (x + width, y + height), (0, 0, 0))
    cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0))


def fer(python: str, clip: Path) -> dict[str, float]:
    """Return what the package fer takes for the clip, in its own environment."""
    ran = subprocess.run(
        [python, "-c", FER, clip], capture_output=True, text=True, check=True, timeout=900
    )
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Measure all, and write the figures and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fer")
    asked = parser.parse_args()
    runtime = "openvino" if find_spec("openvino") else "onnxruntime"
    results: dict[str, object] = {"turns": TURNS, "threads": THREADS, "runtime": runtime}
    with tempfile.TemporaryDirectory() as name:
        model, exported = make_model(Path(name))
        import torch

        torch.set_num_threads(THREADS)
        looker = open_looker(exported, str(YUNET), THREADS)
        small = open_looker(exported, str(YUNET), THREADS, SMALL_PX)
        for faces in (1, 5):
            clip = Path(name, f"{faces}.mp4")
            make_clip(clip, faces)
            turns: dict[str, list[dict[str, float]]] = {}
            for _ in range(TURNS):
                turns.setdefault("mien", []).append(timed(clip, ours(looker)))
                turns.setdefault("mien_at_320_px", []).append(timed(clip, ours(small)))
                peers = {"ultralytics": plain(model, YOLO_FACE), "yunet": yunet_loop(model, looker)}
                for who, look in peers.items():
                    turns.setdefault(f"{who}_loop", []).append(timed(clip, look))
                if asked.fer:
                    turns.setdefault("fer", []).append(fer(asked.fer, clip))
            medians = {
                who: {key: statistics.median(turn[key] for turn in told) for key in told[0]}
                for who, told in turns.items()
            }
            ratios = {
                f"{mine}_to_{who}": medians[mine]["fps"] / told["fps"]
                for mine in ("mien", "mien_at_320_px")
                for who, told in medians.items()
                if not who.startswith("mien")
            }
            results[f"{faces} face" + "s" * (faces > 1)] = {**medians, **ratios}
            print(json.dumps(results, indent=2), flush=True)
    write_json(Path("benchmarks/results/live_speed.json"), results)


if __name__ == "__main__":
    main()
