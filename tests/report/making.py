"""A small project of drawn scenes, from sources to metrics, for the tests of the page."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from mien.acquire.drawing.drawn import draw_source
from mien.acquire.scenes import Item, scene_row
from mien.acquire.tables import SCENES, SKIPPED, SOURCES, WITHDRAWN
from mien.cli import app
from mien.evaluate.files import VariantRow
from mien.evaluate.metrics import measure
from mien.evaluate.tables import PREDICTIONS, SUSPECTED
from mien.faces.tables import CROPS, FACES, LANDMARKS
from mien.files import write_json
from mien.ids import face_id
from mien.images import crop, decode, encode_jpeg, encode_png
from mien.labels.tables import labels as labels_table
from mien.shards import write_shard
from mien.tables import write_csv
from mien.train.tables import HISTORY, SPLIT

ROW = {field.name for field in fields(VariantRow)}
ONE_SEED = dict.fromkeys(("accuracy_averaged", "averaged_gain", "averaged_low", "averaged_high"))
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
HOSTILE = "<script>alert('x')</script>"
ROOT = Path(__file__).parents[2]


@dataclass
class Project:
    """A folder with every file the page is made of."""

    root: Path

    def copy(self, to: Path) -> "Project":
        shutil.copytree(self.root, to, dirs_exist_ok=True)
        return Project(to)

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))

    def page(self) -> str:
        return self.write("metrics/report.html", "report", "page", "--page")

    def variant_page(self, variant: str) -> str:
        words = ("report", "variant-page", "--variant", variant, "--page")
        return self.write(f"metrics/report/{variant}.html", *words)

    def compare(self) -> dict:
        """Compare the variants for real; return the summary."""
        words = ("--summary-csv", "metrics/summary.csv", "--summary-json")
        return json.loads(self.write("metrics/summary.json", "evaluate", "compare", *words))

    def slice(self) -> None:
        """Cut the errors of the variants into slices, for real."""
        self.write("metrics/slices.csv", "evaluate", "slices", "--slices")

    def write(self, output: str, *words: str) -> str:
        """Run the command in the project's folder; return the text of the output it ends with."""
        with contextlib.chdir(self.root):
            done = CliRunner().invoke(app, [*words, output], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return (self.root / output).read_text(encoding="utf-8")

    def write_elsewhere(self, *words: str, code: str = "from mien.cli import main; main()") -> str:
        """Run the command in a process whose sets have another order; return what it prints."""
        places = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.root, env=places | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rename(self, source: str, names: list[str]) -> None:
        """Give the items of a source these names, in turn."""
        path = self.root / f"data/scenes/{source}.parquet"
        table = pq.read_table(path)
        turn = [names[number % len(names)] for number in range(table.num_rows)]
        column = table.schema.get_field_index("item_id")
        field = table.schema.field(column)
        pq.write_table(table.set_column(column, field, pa.array(turn, field.type)), path)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build(tmp_path_factory.mktemp("page"), scenes=4)


def build(root: Path, scenes: int) -> Project:
    """Write the whole project under `root`, with so many scenes a source."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text())
    families = {variant["family"]: variant for variant in settings["variants"].values()}
    resnet = families["resnet"] | {"seeds": [0, 1]}
    small = families["yolo"] | {"image_size_px": 32}
    settings["variants"] = {
        "resnet50-64": resnet, "yolov8n-64": families["yolo"], "yolov8n-32": small
    }  # fmt: skip
    (root / "params.yaml").write_text(yaml.safe_dump(settings))
    sources = [
        {"source_id": f"{name}-1", "kind": "drawn", "target": f"{name}-1", "expression": name}
        for name in EXPRESSIONS
    ]
    sources.append({"source_id": "video-1", "kind": "drawn", "target": "video-1"})
    sources.append({"source_id": "odd", "kind": "folder", "target": HOSTILE})
    asked = pd.DataFrame(sources).assign(limit=scenes + 1, group=pd.NA)
    write_csv(root / "data/sources.csv", asked, SOURCES)
    write_csv(root / "data/withdrawn.csv", pd.DataFrame(columns=list(WITHDRAWN.columns)), WITHDRAWN)
    rng = np.random.default_rng(0)
    faces = pd.concat([_source(root, row, scenes, rng) for row in asked.to_dict("records")])
    write_csv(root / "data/faces.csv", faces.drop(columns="truth"), FACES)
    labels = _labels(faces[faces["status"] == "kept"], rng)
    write_csv(root / "data/labels.csv", labels, labels_table(EXPRESSIONS))
    groups = faces.set_index("face_id")["group_id"]
    split = _split(labels[labels["label"].notna()], groups)
    write_csv(root / "data/splits/consensus-grouped.csv", split, SPLIT)
    counts = {
        "voters": 4, "ballots": 1204, "corrections": 12, "repeats": 40, "moved": 3, "orphans": 1,
        "on_dropped_faces": 5, "stale_reviews": 2, "counted": 1144, "torn_lines": 0, "absent": 61,
    }  # fmt: skip
    write_json(root / "metrics/ballots.json", counts)
    write_json(root / "metrics/agreement.json", _agreement(labels))
    write_csv(root / "metrics/suspected.csv", _suspected(labels), SUSPECTED)
    write_json(root / "metrics/second_look.json", _second_look())
    _variants(root, labels, split, rng)
    Project(root).slice()
    return Project(root)


def _source(root: Path, source: dict, scenes: int, rng: np.random.Generator) -> pd.DataFrame:
    """Write one source's shards and skipped items; return its rows of the index."""
    name = source["source_id"]
    target = source["target"] if source["kind"] == "drawn" else "mixed-9"
    rows, crops, index = [], [], []
    for position, drawn in enumerate(draw_source(target, scenes)):
        odd = name == "odd"
        item = Item(
            f"{HOSTILE}{position}" if odd else drawn.item_id,
            encode_jpeg(drawn.image, 92),
            author='"><img src=http://evil.example/x>' if odd else drawn.author,
            page_url="javascript:alert(1)" if odd else "https://pictures.example/1",
            licence="CC0-1.0",
        )
        scene = scene_row(item, name, position, 50)
        rows.append(scene)
        picture = decode(scene["image"])
        for face in drawn.faces:
            box = (face.x, face.y, face.width, face.height)
            key = face_id(scene["scene_id"], *box)
            status = rng.choice(["kept", "duplicate", "blurred"], p=[0.9, 0.06, 0.04])
            status = "too_small" if face.width < 62 else str(status)
            base = {"face_id": key, "scene_id": scene["scene_id"], "x": face.x, "y": face.y}
            base |= {"width": face.width, "height": face.height}
            crops.append(
                base
                | dict.fromkeys(LANDMARKS)
                | {"confidence": 1.0, "image": encode_png(crop(picture, box, 0.2))}
                | {"sharpness": 100.0, "phash": "0" * 16}
            )
            hoped = source.get("expression")
            index.append(
                base
                | {"source_id": name, "position": position, "group_id": face.person}
                | {"expression": hoped if pd.notna(hoped) else pd.NA, "status": status}
                | {"duplicate_of": key if status == "duplicate" else pd.NA}
                | {"truth": face.expression}
            )
    write_shard(root / f"data/scenes/{name}.parquet", rows, SCENES)
    write_shard(root / f"data/faces/{name}.parquet", crops, CROPS)
    reason = f"not a picture {HOSTILE}" if name == "odd" else "truncated or corrupt"
    skipped = pd.DataFrame(
        [{"source_id": name, "item_id": "broken.jpg", "state": "unusable", "reason": reason}]
    )
    write_csv(root / f"data/skipped/{name}.csv", skipped, SKIPPED)
    return pd.DataFrame(index)


def _labels(kept: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return labels as four voters could give them: most faces agreed, some left out."""
    initial = kept["expression"].fillna(kept["truth"]).to_numpy(object)
    agrees = (initial == kept["truth"].to_numpy()) & (rng.random(len(kept)) < 0.97)
    rejected = rng.random(len(kept)) < 0.02
    labels = pd.DataFrame({"face_id": kept["face_id"].to_numpy(), "initial": initial})
    labels = labels.assign(**{f"votes_{name}": 1 * (initial == name) for name in EXPRESSIONS})
    labels["yes"] = np.where(agrees, rng.integers(3, 5, len(kept)), rng.integers(0, 3, len(kept)))
    labels["no"] = 4 - labels["yes"]
    labels["status"] = np.where(agrees, "agreed", "contested")
    labels["reason"] = labels["yes"].astype(str) + " yes of 4 voters"
    labels["label"] = labels["initial"]
    labels.loc[agrees, "reason"] = pd.NA
    labels.loc[~agrees, "label"] = pd.NA
    labels.loc[rejected, ["status", "reason"]] = [
        "rejected",
        "round one: not_a_face has 1 of 1 votes",
    ]
    labels.loc[rejected, ["initial", "label"]] = pd.NA
    said = {name: 1.0 * (labels["label"] == name).fillna(False) for name in EXPRESSIONS}
    shares = {f"{kind}_{name}": said[name] for kind in ("share", "named") for name in EXPRESSIONS}
    tags = np.where(np.arange(len(labels)) % 5 == 0, "glasses", None)
    return labels.assign(**shares, tags=tags)


def _agreement(labels: pd.DataFrame) -> dict:
    """Return how far four voters could agree: one of them unreliable, one of a hostile name."""
    even = dict.fromkeys(EXPRESSIONS, 1.0)
    sure = {
        "accuracy": 0.93,
        "accuracy_low": 0.91,
        "accuracy_high": 0.951,
        "unreliable": False,
        "judged": 640,
    }
    ada = {"votes": 1020, "consensus": 0.914, "itself": 0.95, "repeats": 40} | sure
    ben = {"votes": 61, "judged": 61, "consensus": 0.48, "itself": None, "repeats": 0}
    ben |= {"accuracy": 0.41, "accuracy_low": None, "accuracy_high": None, "unreliable": True}
    odd = {"angry": 0.7, "happy": 1.32, "neutral": 1.04, "surprised": None}
    faces = labels.loc[labels["label"].isna(), "face_id"].head(2)
    return {
        "rounds": {
            "label": {"alpha": 0.712, "unanimous": 0.8, "votes": 640, "faces": 320},
            "review": {"alpha": None, "unanimous": None, "votes": 0, "faces": 0},
        },
        "voters": [
            ada | {"name": "ada", "bias": even},
            ben | {"name": "ben", "bias": odd},
            ada | {"name": HOSTILE, "bias": even},
            ada | {"name": "lovelace_" * 4 + "grün", "bias": even},
        ],
        "pairs": [
            {"voters": ["ada", "ben"], "faces": 41, "kappa": 0.385},
            {"voters": ["ada", HOSTILE], "faces": 290, "kappa": 0.874},
            {"voters": [HOSTILE, "ben"], "faces": 1, "kappa": None},
        ],
        "disputed": [
            {"face_id": face, "entropy": 1.5, "votes": {"not_a_face": 1, "angry": 1, "happy": 2}}
            for face in faces
        ],
    }


def _suspected(labels: pd.DataFrame) -> pd.DataFrame:
    """Return two labels that models could doubt."""
    doubted = labels[labels["label"].notna()].head(2)[["face_id", "label"]]
    doubts = {"suggested": "happy", "quality": 0.1, "p_label": 0.12, "p_suggested": 0.81}
    return doubted.assign(**doubts, variants="yolov8n-64")


def _second_look() -> dict:
    """Return what five second looks could have changed."""
    outcomes = {"confirmed": 3, "suggested": 1, "other": 0, "unlabelled": 0, "unanswered": 1}
    outcomes |= {"gone": 0}
    return {"offered": 5, "outcomes": outcomes, "classes": {"angry": outcomes}}


def _split(labelled: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return every sixth group in test and two more in val."""
    group = labelled["face_id"].map(groups)
    turn = pd.Series(pd.factorize(group)[0] % 6)
    part = turn.map({0: "test", 1: "val", 2: "val"}).fillna("train")
    columns = {"face_id": labelled["face_id"].to_numpy(), "group_id": group.to_numpy()}
    return pd.DataFrame(columns | {"split": part, "fold": (turn % 5).mask(part == "test")})


def _variants(root: Path, labels: pd.DataFrame, split: pd.DataFrame, rng) -> None:
    """Write what two variants' runs could have left behind, measured for real."""
    from mien.params import load

    params = load(root / "params.yaml")
    rows = []
    for variant, skill in (("resnet50-64", 1.1), ("yolov8n-64", 2.3), ("yolov8n-32", 1.7)):
        for seed in params.variants[variant].seeds:
            run = f"{variant}/seed-{seed}"
            epochs = np.arange(1, params.variants[variant].epochs + 1)
            decay = np.exp(-epochs / 6)
            history = pd.DataFrame({"epoch": epochs, "train_loss": 0.12 + 1.4 * decay})
            history["train_accuracy"] = 0.97 - 0.7 * decay
            history["val_loss"] = 0.45 + 1.1 * decay + rng.normal(0, 0.04, len(epochs))
            history["val_accuracy"] = 0.86 - 0.6 * decay + rng.normal(0, 0.02, len(epochs))
            write_csv(
                root / f"models/{run}/history.csv", history.assign(learning_rate=0.002), HISTORY
            )
            table = _predictions(labels, split, skill, rng)
            write_csv(root / f"metrics/runs/{run}/predictions.csv", table, PREDICTIONS)
            scored = table.merge(split[["face_id", "group_id"]], on="face_id")
            numbers = measure(scored, params.evaluate)
            write_json(root / f"metrics/runs/{run}/metrics.json", numbers)
        settings = params.variants[variant]
        rows.append(
            {name: value for name, value in vars(numbers).items() if name in ROW}
            | {"variant": variant, "runs": len(params.variants[variant].seeds)}
            | {"classes": EXPRESSIONS, "truth": "consensus"}
            | {"log_loss_low": None, "log_loss_high": None}
            | {"family": settings.family, "labels": settings.labels, "scheme": settings.scheme}
            | {"image_size_px": settings.image_size_px, "epochs": settings.epochs}
        )
    for row in rows:
        several = row["runs"] > 1
        row |= {"accuracy_averaged": 0.66, "averaged_gain": 0.02} if several else ONE_SEED
        row |= {"averaged_low": -0.01, "averaged_high": 0.05} if several else {}
    shown = {"accuracy": {}, "interval": {}, "macro_f1": {}, "variants": rows}
    write_json(root / "metrics/summary.json", shown | _comparison(rows[0]["faces"]))


def _comparison(faces: int) -> dict:
    """Return what the comparison of the three variants could say."""
    pair = {"faces": faces, "groups": 9, "p_value": 0.031, "p_adjusted": 0.062, "reliable": False}
    pair |= {"difference": -0.031, "low": -0.059, "high": -0.004}
    names = ("resnet50-64", "yolov8n-64", "yolov8n-32")
    effect = {"a": "yolov8n-32", "b": "yolov8n-64", "faces": faces, "groups": 24, "reliable": True}
    gain = {"difference": 0.12, "low": 0.04, "high": 0.2}
    loss = {"difference": 0.3, "low": 0.1, "high": 0.5}
    lost = {"difference": -0.02, "low": -0.03, "high": -0.01}
    size = {"setting": "image_size_px", "value_a": 32, "value_b": 64}
    lr0 = {"setting": "settings.lr0", "value_a": 0.001, "value_b": HOSTILE}
    scheme = {"setting": "scheme", "value_a": "grouped", "value_b": "paper-every5"}
    return {
        "pairs": [pair | {"a": a, "b": b} for a, b in combinations(names, 2)],
        "effects": [
            effect | lr0 | {"accuracy": lost, "log_loss": loss},
            effect | size | {"accuracy": gain, "log_loss": lost},
            effect | scheme | {"accuracy": gain, "log_loss": lost, "leak_a": 0.0, "leak_b": 0.8},
        ],
        "best": {
            "variant": "yolov8n-64",
            "rivals": ["yolov8n-32"],
            "candidates": list(names[1:]),
            "why": "the highest accuracy on validation faces of 2 of 3 variants",
        },
    }


def _predictions(labels: pd.DataFrame, split: pd.DataFrame, skill: float, rng) -> pd.DataFrame:
    """Return probabilities that favour the truth the more, the greater the skill."""
    table = split[split["split"] == "val"][["face_id", "split"]].merge(labels, on="face_id")
    right = np.array([[name == label for name in EXPRESSIONS] for label in table["label"]])
    chances = np.exp(rng.normal(0, 1, right.shape) + skill * right)
    chances = (chances / chances.sum(axis=1, keepdims=True)).round(6)
    named = pd.DataFrame(chances, columns=[f"p_{name}" for name in EXPRESSIONS])
    table = table[["face_id", "split", "initial", "label"]].assign(
        fold=pd.NA, actual=table["label"]
    )
    table = pd.concat([table.rename(columns={"label": "consensus"}), named], axis=1)
    return table.assign(predicted=np.array(EXPRESSIONS)[chances.argmax(axis=1)])
