"""What probes reach on real faces beside the best fine-tuned network, and what grey is worth.

    python benchmarks/probes.py [scratch folder]

The project of `switches.py`: photographs of `faces_grey`, five folds grouped by person. Probes
learn from two small expression networks, alone and side by side, and from histograms of gradients.
`best` is the best recipe of `switches.py` in one seed. `recipe` and `grey` differ in that switch
alone, and are asked about tinted copies of the validation faces too. Needs ../shared/data.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from real_faces import CLASSES, DATA, ROOT, write_project
from switches import FOLDS, GENTLE_STEPS, RECIPE, result

from mien.evaluate.compare import compare_pairs
from mien.evaluate.predict import prediction_table
from mien.evaluate.runs import Result
from mien.evaluate.summary import summarise
from mien.faces.shards import read_crops
from mien.images import resize
from mien.params import load
from mien.train.trainer import trainer
from mien.viewing import grey

RESULTS = ROOT / "benchmarks" / "results" / "probes.json"
NETWORKS = {
    "face-expression": {
        **{"weights": "face_expression_features.onnx", "image_size_px": 112, "colour": "rgb"},
        **{"mean": [122.782, 117.001, 104.298], "std": [255.0]},
    },
    "mini-xception": {
        **{"weights": "mini_xception_features.onnx", "image_size_px": 64, "colour": "grey"},
        **{"mean": [127.5], "std": [127.5]},
    },
}
COMMON = {"kind": "network", "output": "features", "layout": "nchw", "aligned": "eyes"}
HOG = {"kind": "hog", "image_size_px": 64, "aligned": "eyes"}
PROBE = {name: RECIPE[name] for name in ("labels", "classes", "scheme", "seeds", "cross_validate")}
PROBE |= {"family": "probe", "settings": {}}
VARIANTS: dict[str, dict[str, Any]] = {
    "probe-face-expression": PROBE | {"features": ["face-expression"]},
    "probe-both": PROBE | {"features": ["face-expression", "mini-xception"]},
    "probe-hog": PROBE | {"features": ["hog"]},
    "best": RECIPE | GENTLE_STEPS | {"aligned": True},
    "recipe": RECIPE,
    "grey": RECIPE | {"grey": True},
}
TINT = 0.4  # how far a channel of a tinted copy is brighter or darker at most, as a share


def main(scratch: Path) -> None:
    """Extract, train and compare; print and keep the table."""
    write_project(scratch)
    params = yaml.safe_load((scratch / "params.yaml").read_text())
    params["train"]["split"] |= {"test_share": 0, "folds": FOLDS}
    for told in NETWORKS.values():
        file = DATA / "weights" / told["weights"]
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        params["acquire"]["weights"][file.name] = {"path": str(file), "sha256": digest}
    described = {name: COMMON | told | {"licence": "MIT"} for name, told in NETWORKS.items()}
    params["features"] = described | {"hog": HOG}
    params["variants"] = VARIANTS
    (scratch / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command = [*snakemake, "--directory", scratch, "--cores", "2"]
    runs = [
        f"models/{name}/seed-0-fold-{fold}/model.json" for name in VARIANTS for fold in range(FOLDS)
    ]
    subprocess.run([*command, "data/faces.csv", "data/splits/initial-grouped.csv"], check=True)
    subprocess.run([*command, "metrics/summary.json", *runs], check=True)
    outcome = compare(scratch) | {"tinted": tinted(scratch), "seconds": seconds(scratch)}
    RESULTS.write_text(json.dumps(outcome, indent=2) + "\n")
    print(json.dumps(outcome, indent=2))


def seconds(scratch: Path) -> dict[str, float]:
    """Return how long the features of all faces and one fit of each probe take, on 2 threads."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    mien = [sys.executable, "-c", "from mien.cli import main; main()"]
    spent: dict[str, float] = {}
    for name in (*NETWORKS, "hog"):
        asked = ["faces", "features", "--extractor", name, "--threads", "2", "--source"]
        spent[f"features {name}"] = sum(
            timed([*mien, *asked, source], scratch, environment) for source in CLASSES
        )
    for name in VARIANTS:
        if name.startswith("probe"):
            command = [*mien, "train", "fit", "--run", f"models/{name}/seed-0-fold-0"]
            spent[f"fit {name}"] = timed(command, scratch, environment)
    return spent


def timed(command: list[Any], scratch: Path, environment: dict[str, str]) -> float:
    """Return the seconds that a command takes."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=scratch, env=environment)
    return round(time.perf_counter() - begun, 1)


def compare(scratch: Path) -> dict[str, Any]:
    """Return the accuracies, and every probe beside the best network, paired over persons."""
    params = load(scratch / "params.yaml")
    results = [result(scratch, run, variant.split) for run, variant in params.runs]
    rows = [vars(row) for row in summarise(results, params.variants, params.evaluate)]
    shown = ("variant", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "log_loss")
    pairs = [vars(pair) for pair in compare_pairs(results, params.evaluate)]
    return {
        "faces": rows[0]["faces"],
        "groups": rows[0]["groups"],
        "variants": [{name: row[name] for name in shown} for row in rows],
        "pairs": [pair for pair in pairs if {"best", "grey"} & {pair["a"], pair["b"]}],
    }


def tinted(scratch: Path) -> dict[str, Any]:
    """Return what `recipe` and `grey` reach on tinted copies of their validation faces, paired."""
    params = load(scratch / "params.yaml")
    shards = [scratch / f"data/faces/{name}.parquet" for name in CLASSES]
    crops = dict(
        read_crops(
            shards, set(pd.concat(map(pd.read_csv, scratch.glob("data/faces.csv")))["face_id"])
        )
    )
    results = []
    for run, variant in params.runs:
        if run.parent.name not in ("recipe", "grey"):
            continue
        plain = result(scratch, run, variant.split)
        faces = [
            resize(tint(crops[face], face), variant.image_size_px)
            for face in plain.predictions["face_id"]
        ]
        pictures = [grey(face) for face in faces] if variant.grey else faces
        chances = trainer("yolo").predict(scratch / "models" / run, pictures, 2)
        kept = [
            name for name in plain.predictions if not name.startswith("p_") and name != "predicted"
        ]
        table = prediction_table(plain.predictions[kept], chances, CLASSES)
        results.append(Result(run.parent.name, 0, table, plain.leak))
    (pair,) = compare_pairs(results, params.evaluate)
    accuracy = {
        name: float(
            np.mean(
                np.concatenate(
                    [
                        (one.predictions["actual"] == one.predictions["predicted"])
                        for one in results
                        if one.variant == name
                    ]
                )
            )
        )
        for name in ("recipe", "grey")
    }
    return {"accuracy": accuracy, "pair": vars(pair)}


def tint(crop: np.ndarray, face_id: str) -> np.ndarray:
    """Return a copy whose channels are brighter or darker, each by a share of its own."""
    gains = 1 + np.random.default_rng(int(face_id, 16)).uniform(-TINT, TINT, 3)
    return np.clip(crop * gains, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="mien-probes-")))
