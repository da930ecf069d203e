"""Measure the detectors: what they find, how fast, in how much memory.

Run `python benchmarks/detection.py` in the project's folder, on a machine that does nothing else.
It needs the photographs and weights in ../shared/data and writes benchmarks/results/detection.json.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from mien import layout
from mien.acquire.scenes import Item, scene_row
from mien.acquire.tables import SCENES
from mien.boxes import iou
from mien.faces.crop import SCENE_COLUMNS, decode_batches, detect_scenes
from mien.faces.detect import DETECTORS, Detector, limit_threads
from mien.faces.detections import box_of, without_overlaps
from mien.files import atomic
from mien.images import decode, encode_jpeg
from mien.params import FacesParams, load
from mien.shards import batches, write_shard

DATA = Path("../shared/data")
YUNET = DATA / "weights" / "face_detection_yunet_2023mar.onnx"
WEIGHTS = {"haar": None, "yunet": YUNET, "yolo": DATA / "weights" / "yolov8n-face.pt"}
CONFIDENCE, IOU = 0.7, 0.3
REPEATS = 5
# a child's ru_maxrss starts at what its parent had; VmHWM is its own
RUN = """
import sys
from pathlib import Path
from mien.cli import app
app(sys.argv[1:], standalone_mode=False)
print(Path("/proc/self/status").read_text())
"""
PHOTOGRAPHS = sorted((DATA / "scenes").glob("*.jpg"))


def found(detector: Detector) -> dict[str, int]:
    """Return how many of the 43 hand-drawn boxes are found, and how many others are."""
    truth = pd.read_csv(DATA / "scenes" / "GT_dlib_boxes.csv")
    hits = others = 0
    for name, boxes in truth[truth["ignore"] == 0].groupby("file"):
        picture = decode((DATA / "scenes" / str(name)).read_bytes())
        left = without_overlaps(detector([picture])[0])
        for box in boxes[["left", "top", "width", "height"]].to_numpy():
            best = max(left, key=lambda one: iou(box_of(one), box), default=None)
            if best is not None and iou(box_of(best), box) >= IOU:
                left.remove(best)
                hits += 1
        others += len(left)
    return {"boxes": len(truth), "found": hits, "false": others}


def speed(detector: Detector, params: FacesParams, folder: Path) -> dict[str, float]:
    """Return pictures a second: our detection, ultralytics' own folder prediction, our stage."""
    from ultralytics import YOLO

    shard = folder / "photographs.parquet"
    items = (Item(path.name, path.read_bytes()) for path in PHOTOGRAPHS)
    write_shard(shard, (scene_row(item, "s", n, 1e3) for n, item in enumerate(items)), SCENES)
    model = YOLO(WEIGHTS["yolo"])

    def ours() -> None:
        rows = (row for batch in batches(shard, SCENE_COLUMNS) for row in batch)
        for batch in decode_batches(rows, shard):
            detector([picture for _, picture in batch])

    def theirs() -> None:
        settings = {"imgsz": params.image_size_px, "conf": CONFIDENCE, "device": "cpu"}
        results = model.predict(DATA / "scenes", stream=True, verbose=False, **settings)
        assert sum(1 for _ in results) == len(PHOTOGRAPHS)

    def stage() -> None:
        detect_scenes(shard, detector, params, folder / "faces.parquet")

    rates: dict[str, list[float]] = {"detection": [], "ultralytics": [], "stage": []}
    jobs: dict[str, Callable[[], None]] = {"detection": ours, "ultralytics": theirs, "stage": stage}
    for repeat in range(REPEATS + 1):
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            if repeat:  # the first round warms up
                rates[name].append(len(PHOTOGRAPHS) / (time.perf_counter() - started))
    ratios = [a / b for a, b in zip(rates["detection"], rates["ultralytics"], strict=True)]
    medians = {f"{name}_per_s": round(statistics.median(r), 2) for name, r in rates.items()}
    return medians | {
        "detection_to_ultralytics": round(statistics.median(ratios), 3),
        "lowest_ratio": round(min(ratios), 3),
        "highest_ratio": round(max(ratios), 3),
    }


def peak_memory_mb(count: int, folder: Path) -> int:
    """Return the peak memory of `mien faces detect` with yunet on so many scenes."""

    def rows() -> Iterator[dict[str, object]]:
        pictures = [decode(p.read_bytes()) for p in PHOTOGRAPHS if p.name.startswith("dlib")]
        rng = np.random.default_rng(0)
        for n in range(count):
            picture = cv2.add(pictures[n % len(pictures)], rng.integers(0, 9, 4).astype(float))
            image = encode_jpeg(picture, 90)
            yield scene_row(Item(str(n), image), "s", n, 1e3)

    write_shard(folder / layout.scenes_of(str(count)), rows(), SCENES)
    (folder / layout.WEIGHTS).mkdir(exist_ok=True)
    shutil.copy(YUNET, folder / layout.WEIGHTS)
    (folder / layout.PARAMS).write_text(
        Path("params.yaml")
        .read_text()
        .replace("detector: haar", "detector: yunet")
        .replace("  weights: null", f"  weights: {YUNET.name}")
    )
    words = [sys.executable, "-c", RUN, "faces", "detect", "--source", str(count)]
    status = subprocess.check_output(words, cwd=folder, text=True)
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def main() -> None:
    """Measure all, print it and write it down."""
    params = load(Path("params.yaml")).faces.model_copy(
        update={"min_confidence": CONFIDENCE, "min_size_px": 20}
    )
    detectors = {name: make(params, WEIGHTS[name]) for name, make in DETECTORS.items()}
    limit_threads(1)
    results: dict[str, object] = {n: found(detector) for n, detector in detectors.items()}
    with tempfile.TemporaryDirectory() as folder:
        results["speed"] = speed(detectors["yolo"], params, Path(folder))
        results["peak_memory_mb"] = {
            f"{count} scenes": peak_memory_mb(count, Path(folder)) for count in (200, 2000)
        }
    text = json.dumps(results, indent=2) + "\n"
    print(text)
    with atomic(Path("benchmarks/results/detection.json")) as temporary:
        temporary.write_text(text)


if __name__ == "__main__":
    main()
