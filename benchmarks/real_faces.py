"""mien on real faces: the whole graph, beside stock ultralytics and a public peer.

    python benchmarks/real_faces.py [scratch folder]

Four folders of photographs grouped by person become a project of their own; Snakemake runs it to
the report. Then `yolo classify train` with ultralytics' defaults learns the same faces of the same
split, and the small public mini-XCEPTION (64 px, grey, 7 classes) is asked about the same
validation faces, its three other classes left out. Needs the folder ../shared/data.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from mien.evaluate.compare import compare_pairs
from mien.evaluate.runs import Result
from mien.evaluate.scored import with_groups
from mien.evaluate.tables import PREDICTIONS
from mien.faces.shards import read_crops
from mien.images import encode_png, resize
from mien.params import load
from mien.tables import read_csv
from mien.train.split import leak
from mien.train.tables import SPLIT

ROOT = Path(__file__).parents[1]
DATA = (ROOT / ".." / "shared" / "data").resolve()
RESULTS = ROOT / "benchmarks" / "results" / "real_faces.json"
CLASSES = ["angry", "happy", "neutral", "surprised"]
PERSON = r"^(.+)_\d+\.\w+$"
PEER_CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprised", "neutral"]
VARIANT, RUN, EPOCHS, SIZE_PX = "yolo11n-128", "seed-0", 25, 128
DETECTOR, START = "face_detection_yunet_2023mar.onnx", "yolo11n-cls.pt"
STOCK_ENVIRONMENT = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}


def main(scratch: Path) -> None:
    """Run all three on the same faces, print and keep what they reach."""
    write_project(scratch)
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    subprocess.run([*snakemake, "--directory", scratch, "--cores", "2"], check=True)

    split = read_csv(scratch / "data/splits/initial-grouped.csv", SPLIT)
    path = scratch / "metrics/runs" / VARIANT / RUN / "predictions.csv"
    ours = read_csv(path, PREDICTIONS)
    shards = [scratch / f"data/faces/{name}.parquet" for name in CLASSES]
    labels = pd.read_csv(scratch / "data/labels.csv", dtype="string").set_index("face_id").initial
    stock = stock_predictions(scratch, split, labels, shards, list(ours.face_id))
    tables = {
        "mien": ours,
        "stock ultralytics": with_predictions(ours, stock),
        "mini-XCEPTION": with_predictions(ours, peer_predictions(shards, list(ours.face_id))),
    }
    settings = load(scratch / "params.yaml").evaluate
    scored = {name: with_groups(table, split, path) for name, table in tables.items()}
    results = [Result(name, 0, table, leak(table, split)) for name, table in scored.items()]
    outcome = {
        "faces": len(ours),
        "groups": int(scored["mien"].group_id.nunique()),
        "accuracy": {
            name: round(float((table.actual == table.predicted).mean()), 4)
            for name, table in tables.items()
        },
        "summary": json.loads((scratch / "metrics/summary.json").read_text())["variants"],
        "pairs": [vars(pair) for pair in compare_pairs(results, settings)],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(outcome, indent=2) + "\n")
    print(json.dumps(outcome, indent=2))
    print(f"The report is {scratch / 'metrics/report.html'}")


def write_project(scratch: Path) -> None:
    """Write the settings and sources of the project: four folders, one variant."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    files = {name: DATA / "weights" / name for name in (DETECTOR, START)}
    params["acquire"]["weights"] = {
        name: {"path": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for name, file in files.items()
    }
    params["faces"] |= {"detector": "yunet", "weights": DETECTOR, "min_size_px": 60}
    params["variants"] = {
        VARIANT: {
            **{"family": "yolo", "weights": START, "image_size_px": SIZE_PX},
            **{"epochs": EPOCHS, "labels": "initial", "classes": None, "scheme": "grouped"},
            **{"seeds": [0], "cross_validate": False, "checkpoint": "best", "settings": {}},
        }
    }
    (scratch / "data").mkdir(parents=True, exist_ok=True)
    (scratch / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    rows = [f"{name},folder,{DATA / 'faces_grey' / name},1000,{name},{PERSON}" for name in CLASSES]
    header = "source_id,kind,target,limit,expression,group"
    (scratch / "data/sources.csv").write_text("\n".join([header, *rows]) + "\n")
    (scratch / "data/withdrawn.csv").write_text("what,sha256,withdrawn_at\n")


def stock_predictions(
    scratch: Path, split: pd.DataFrame, labels: pd.Series, shards: list[Path], wanted: list[str]
) -> pd.DataFrame:
    """Return the probabilities of `yolo classify train` with its defaults, a row a wanted face."""
    folder = scratch / "stock"
    parts = split[split.split != "test"].set_index("face_id").split
    for face_id, crop in read_crops(shards, set(parts.index)):
        place = folder / "faces" / parts[face_id] / labels[face_id]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{face_id}.png").write_bytes(encode_png(crop))
    arguments = [
        *(f"model={DATA / 'weights' / START}", f"data={folder / 'faces'}"),
        *(f"epochs={EPOCHS}", f"imgsz={SIZE_PX}", "seed=0", "amp=False", "exist_ok=True"),
        *(f"project={folder}", "name=run"),
    ]
    command = [Path(sys.executable).parent / "yolo", "classify", "train", *arguments]
    subprocess.run(command, check=True, env={**os.environ, **STOCK_ENVIRONMENT}, cwd=folder)

    from mien.quiet import quiet_ultralytics

    quiet_ultralytics()
    from ultralytics import YOLO

    model = YOLO(folder / "run" / "weights" / "best.pt")
    files = [next(folder.glob(f"faces/val/*/{face_id}.png")) for face_id in wanted]
    found = [
        result.probs.data.cpu().numpy()
        for file in files
        for result in model.predict(file, imgsz=SIZE_PX, verbose=False)
    ]
    return pd.DataFrame(found, columns=list(model.names.values()), index=wanted)


def peer_predictions(shards: list[Path], wanted: list[str]) -> pd.DataFrame:
    """Return mini-XCEPTION's probabilities of our four classes, a row a wanted face."""
    import cv2
    import keras

    model = keras.models.load_model(
        DATA / "weights" / "fer2013_mini_XCEPTION.102-0.66.hdf5", compile=False
    )
    crops = dict(read_crops(shards, set(wanted)))
    grey = [cv2.cvtColor(resize(crops[face], 64), cv2.COLOR_BGR2GRAY) for face in wanted]
    pictures = (np.stack(grey)[..., None].astype(np.float32) / 255 - 0.5) * 2
    found = pd.DataFrame(model.predict(pictures, verbose=0), columns=PEER_CLASSES, index=wanted)
    return found[CLASSES].div(found[CLASSES].sum(axis=1), axis=0)


def with_predictions(table: pd.DataFrame, probabilities: pd.DataFrame) -> pd.DataFrame:
    """Return the table of predictions with another classifier's probabilities."""
    ordered = probabilities.loc[table.face_id, CLASSES].reset_index(drop=True)
    columns = {f"p_{name}": ordered[name].to_numpy() for name in CLASSES}
    return table.assign(**columns, predicted=ordered.idxmax(axis=1).to_numpy())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="mien-real-")))
