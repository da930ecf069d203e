"""What each switch of a variant gives on real faces, and whether the best beat stock ultralytics.

    python benchmarks/switches.py [scratch folder]

The photographs of `faces_grey`, grouped by person, become a project of their own; five folds, every
face validated once. Variants change one thing of `recipe`, ultralytics' defaults; `best` has what
proved useful, in several seeds. `yolo classify train` itself, with its defaults and its best epoch,
learns the same crops of the same folds. `recipe-every5` is the same recipe under a split that
leaks. What was done stays in the scratch folder, so that a second call goes on. Needs the folder
../shared/data.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from real_faces import CLASSES, DATA, ROOT, START, STOCK_ENVIRONMENT, write_project

from mien.evaluate.compare import compare_pairs
from mien.evaluate.effects import effects
from mien.evaluate.runs import Result, pool
from mien.evaluate.scored import with_groups
from mien.evaluate.summary import summarise
from mien.evaluate.tables import PREDICTIONS
from mien.faces.shards import read_crops
from mien.images import encode_png
from mien.params import load
from mien.tables import read_csv
from mien.train.card import names_of
from mien.train.split import leak, of_fold
from mien.train.tables import SPLIT

RESULTS = ROOT / "benchmarks" / "results" / "switches.json"
SIZE_PX, EPOCHS, FOLDS = 64, 25, 5
RECIPE: dict[str, Any] = {
    **{"family": "yolo", "weights": START, "image_size_px": SIZE_PX, "epochs": EPOCHS},
    **{"labels": "initial", "classes": None, "scheme": "grouped", "seeds": [0]},
    **{"cross_validate": True, "checkpoint": "last", "settings": {}},
}
STEPS = {"nbs": 16}  # a step after every batch; by default after every fourth
GENTLE_STEPS = {"augmentation": "gentle", "settings": STEPS}
VARIANTS: dict[str, dict[str, Any]] = {
    "recipe": {},
    "gentle": {"augmentation": "gentle"},
    "steps": {"settings": STEPS},
    "aligned": {"aligned": True},
    "class-weights": {"class_weights": True},
    "gentle-steps": GENTLE_STEPS,
    "best": GENTLE_STEPS | {"aligned": True, "seeds": [0, 1, 2]},
    "recipe-every5": {"scheme": "paper-every5", "cross_validate": False},
}


def main(scratch: Path) -> None:
    """Train everything on the same folds, print and keep the table."""
    started = time.perf_counter()
    write_project(scratch)
    params = yaml.safe_load((scratch / "params.yaml").read_text())
    params["train"]["split"] |= {"test_share": 0, "folds": FOLDS}
    params["variants"] = {name: RECIPE | change for name, change in VARIANTS.items()}
    (scratch / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command = [*snakemake, "--directory", scratch, "--cores", "2", "metrics/summary.json"]
    subprocess.run(command, check=True)
    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(lambda fold: train_stock(scratch, fold), range(FOLDS)))
    outcome = compare(scratch) | {"wall_min": round((time.perf_counter() - started) / 60, 1)}
    RESULTS.write_text(json.dumps(outcome, indent=2) + "\n")
    print(json.dumps(outcome, indent=2))


def train_stock(scratch: Path, fold: int) -> None:
    """Run `yolo classify train` on a fold; keep what its best epoch says of the fold's faces."""
    split = of_fold(read_csv(scratch / "data/splits/initial-grouped.csv", SPLIT), fold)
    ours = scratch / f"metrics/runs/recipe/seed-0-fold-{fold}/predictions.csv"
    theirs = scratch / f"stock/fold-{fold}"
    if (theirs / "predictions.csv").exists():
        return
    labels = pd.read_csv(scratch / "data/labels.csv", dtype="string").set_index("face_id").initial
    parts = split.set_index("face_id").split
    shards = [scratch / f"data/faces/{name}.parquet" for name in CLASSES]
    for face_id, crop in read_crops(shards, set(parts.index)):
        place = theirs / "faces" / parts[face_id] / labels[face_id]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{face_id}.png").write_bytes(encode_png(crop))
    arguments = [
        *(f"model={DATA / 'weights' / START}", f"data={theirs / 'faces'}"),
        *(f"epochs={EPOCHS}", f"imgsz={SIZE_PX}", "seed=0", "amp=False", "exist_ok=True"),
        *(f"project={theirs}", "name=run"),
    ]
    yolo = [Path(sys.executable).parent / "yolo", "classify", "train", *arguments]
    surroundings = {**os.environ, **STOCK_ENVIRONMENT, "OMP_NUM_THREADS": "1"}
    subprocess.run(yolo, check=True, env=surroundings, cwd=theirs, stdout=subprocess.DEVNULL)
    asked = [sys.executable, __file__, "--ask-stock", theirs, ours]
    subprocess.run(asked, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def ask_stock(theirs: Path, ours: Path) -> None:
    """Write what the stock model, asked as ultralytics asks it, says of the faces of `ours`."""
    from mien.quiet import quiet_ultralytics

    quiet_ultralytics()
    from ultralytics import YOLO

    model = YOLO(theirs / "run/weights/best.pt")
    table = read_csv(ours, PREDICTIONS)
    files = [next(theirs.glob(f"faces/val/*/{face_id}.png")) for face_id in table["face_id"]]
    answers = [model.predict(file, imgsz=SIZE_PX, verbose=False)[0] for file in files]
    found = pd.DataFrame(
        [answer.probs.data.cpu().numpy() for answer in answers],
        columns=list(model.names.values()),
    )[CLASSES]
    columns = {f"p_{name}": found[name] for name in CLASSES}
    table.assign(**columns, predicted=found.idxmax(axis=1)).to_csv(
        theirs / "predictions.csv", index=False
    )


def compare(scratch: Path) -> dict[str, Any]:
    """Return accuracies, what each switch gave, and stock beside all of it, paired over persons."""
    params = load(scratch / "params.yaml")
    results = [result(scratch, run, variant.split) for run, variant in params.runs]
    stock = [
        result(scratch, Path("recipe", f"seed-0-fold-{fold}"), "initial-grouped.csv", "stock")
        for fold in range(FOLDS)
    ]
    together = [*results, averaged(results, "best", "best, averaged"), *stock]
    pairs = compare_pairs(together, params.evaluate)
    against = [vars(pair) for pair in pairs if "stock" in (pair.a, pair.b)]
    rows = [vars(row) for row in summarise(results, params.variants, params.evaluate)]
    shown = ("variant", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "log_loss", "leak")
    predicted = pd.concat([one.predictions for one in stock])
    return {
        "image_size_px": SIZE_PX,
        "epochs": EPOCHS,
        "faces": len(predicted),
        "groups": int(predicted["group_id"].nunique()),
        "stock_accuracy": float((predicted["actual"] == predicted["predicted"]).mean()),
        "variants": [{name: row[name] for name in shown} for row in rows],
        "beside_stock": against,
        "effects": effects(results, params.variants, params.evaluate),
    }


def result(scratch: Path, run: Path, split: str, name: str | None = None) -> Result:
    """Return what a run predicted, or with the name `stock` what stock did in its place."""
    variant, seed, fold = names_of(run)
    seen = of_fold(read_csv(scratch / "data/splits" / split, SPLIT), fold)
    path = scratch / "metrics/runs" / run / "predictions.csv"
    if name:
        path = scratch / "stock" / f"fold-{fold}" / "predictions.csv"
    scored = with_groups(read_csv(path, PREDICTIONS), seen, path)
    return Result(name or variant, seed, scored, leak(scored, seen))


def averaged(results: list[Result], variant: str, name: str) -> Result:
    """Return the runs of a variant as one: the mean of the probabilities of its seeds."""
    seeds = list(pool([one for one in results if one.variant == variant]).values())
    first = seeds[0].sort_values("face_id").reset_index(drop=True)
    columns = [f"p_{name}" for name in CLASSES]
    chances = sum(seed.sort_values("face_id")[columns].to_numpy() for seed in seeds) / len(seeds)
    likeliest = pd.Series(chances.argmax(axis=1)).map(dict(enumerate(CLASSES)))
    return Result(name, 0, first.assign(predicted=likeliest), 0.0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ask-stock"]:
        ask_stock(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="mien-switches-")))
