"""The cost of mien around a training: `mien train fit` beside `yolo classify train`.

    python benchmarks/training.py [pairs]

Both learn the demo's faces (run `make demo` before) from the same start with the same settings for
the same number of epochs, as whole processes, in turn; mien's time includes unpacking the shards.
The figure is the median of the pairs' ratios.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from mien.faces.shards import shards_of
from mien.faces.tables import FACES
from mien.labels.tables import labels
from mien.params import load
from mien.tables import read_csv
from mien.train.dataset import classes_of, training_faces, unpack
from mien.train.tables import SPLIT

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "training.json"
BIN = Path(sys.executable).parent
VARIANT, EPOCHS, CORES = "yolov8n-64", 5, 2
STOCK_ENVIRONMENT = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}


def main(pairs: int) -> None:
    """Time the pairs, print and keep their ratios."""
    with tempfile.TemporaryDirectory(prefix="mien-training-") as name:
        scratch = Path(name)
        settings = write_settings(scratch)
        unpack_faces(scratch)
        rows = []
        for number in range(pairs):
            ours = seconds(mien_command(scratch / str(number), scratch / "params.yaml"), {})
            stock = seconds(stock_command(scratch, number, settings), STOCK_ENVIRONMENT)
            rows.append({"mien_s": ours, "stock_s": stock, "ratio": round(ours / stock, 3)})
            print(rows[-1], flush=True)
    median = statistics.median(row["ratio"] for row in rows)
    RESULTS.parent.mkdir(exist_ok=True)
    outcome = {"variant": VARIANT, "epochs": EPOCHS, "median_ratio": median, "pairs": rows}
    RESULTS.write_text(json.dumps(outcome, indent=2) + "\n")
    print(f"median ratio {median}")


def write_settings(scratch: Path) -> dict[str, object]:
    """Write params.yaml with fewer epochs; return the variant's settings for ultralytics."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["variants"][VARIANT]["epochs"] = EPOCHS
    (scratch / "params.yaml").write_text(yaml.safe_dump(params))
    return dict(params["variants"][VARIANT]["settings"])


def unpack_faces(scratch: Path) -> None:
    """Write the image folder that the stock command reads."""
    params = load(scratch / "params.yaml")
    variant, expressions = params.variant(VARIANT), params.labels.expressions
    split = read_csv(ROOT / "data/splits" / variant.split, SPLIT)
    table = read_csv(ROOT / "data/labels.csv", labels(expressions))
    faces = training_faces(split, table, variant, classes_of(variant, expressions), None)
    index = read_csv(ROOT / "data/faces.csv", FACES)
    shards = shards_of(index, faces["face_id"], ROOT / "data/faces")
    unpack(faces, shards, scratch / "faces", variant.image_size_px)


def mien_command(run: Path, params: Path) -> list[str]:
    """Return mien's command line for one training."""
    words = ["--run", run / VARIANT / "seed-0", "--threads", CORES, "--params", params]
    return [str(BIN / "mien"), "train", "fit", *map(str, words)]


def stock_command(scratch: Path, number: int, settings: dict[str, object]) -> list[str]:
    """Return ultralytics' command line for the same training."""
    arguments = {
        **{"model": "yolov8n-cls.yaml", "data": scratch / "faces", "epochs": EPOCHS},
        **{"imgsz": 64, "seed": 0, "amp": False, "project": scratch / "stock", "name": number},
        **settings,
    }
    return [str(BIN / "yolo"), "classify", "train", *(f"{k}={v}" for k, v in arguments.items())]


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return the wall-clock seconds of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(
        command, check=True, cwd=ROOT, capture_output=True, env={**os.environ, **environment}
    )
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
