"""Thirty-two plain faces of two colours, with all the tables that a run reads."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from click.testing import Result
from typer.testing import CliRunner

from mien.cli import app
from mien.faces.tables import CROPS, FACES, LANDMARKS
from mien.images import Picture, encode_png
from mien.labels.tables import labels as label_table
from mien.shards import write_shard
from mien.tables import write_csv
from mien.train.tables import SPLIT

EXPRESSIONS = ["surprised", "happy"]  # not in the order of the alphabet
SPLIT_FILE = "splits/consensus-paper-every5.csv"
BLUE_GREEN_RED = {"surprised": (200, 60, 40), "happy": (30, 90, 210)}


@dataclass(frozen=True)
class Project:
    folder: Path
    params: Path
    crops: dict[str, Picture]
    labels: dict[str, str]

    def command(self, run: str) -> list[str]:
        """Return the arguments that train this run in the project's folder."""
        return ["train", "fit", "--run", f"models/{run}"]

    def train(self, run: str, *words: str) -> Result:
        """Train the run in this process."""
        with contextlib.chdir(self.folder):
            command = [*self.command(run), *words]
            return CliRunner().invoke(app, command, catch_exceptions=False)

    def copy(self, to: Path) -> None:
        """Write the project into another folder, without its models."""
        models = shutil.ignore_patterns("models")
        shutil.copytree(self.folder, to, ignore=models, dirs_exist_ok=True)


def make_project(folder: Path) -> Project:
    """Write the project into the folder."""
    random = np.random.default_rng(0)
    faces = [(f"face-{n:02d}", EXPRESSIONS[n % 2]) for n in range(32)]
    crops = {
        face_id: (np.array(BLUE_GREEN_RED[label]) + random.integers(-30, 31, (48, 48, 3))).astype(
            np.uint8
        )
        for face_id, label in faces
    }
    place = {"scene_id": "scene", "x": 0, "y": 0, "width": 48, "height": 48}
    rest = {"confidence": 1.0, **dict.fromkeys(LANDMARKS), "sharpness": 1.0, "phash": "0" * 16}
    data = folder / "data"
    write_shard(
        data / "faces" / "drawn.parquet",
        [{"face_id": f, **place, **rest, "image": encode_png(c)} for f, c in crops.items()],
        CROPS,
    )
    table = pd.DataFrame(faces, columns=["face_id", "label"])
    table["group_id"] = table["face_id"].str[:-1]
    listed = {"source_id": "drawn", **place, "position": 0, "expression": pd.NA, "status": "kept"}
    index = table[["face_id", "group_id"]].assign(**listed, duplicate_of=pd.NA)
    write_csv(data / "faces.csv", index, FACES)
    votes = {f"votes_{name}": 0 for name in EXPRESSIONS}
    shares = {f"{kind}_{name}": pd.NA for kind in ("share", "named") for name in EXPRESSIONS}
    counted = {"yes": 4, "no": 0, "status": "agreed", "reason": pd.NA, "tags": pd.NA}
    labels = table[["face_id", "label"]].assign(
        initial=table["label"], **votes, **counted, **shares
    )
    write_csv(data / "labels.csv", labels, label_table(EXPRESSIONS))
    parts = np.where(np.arange(32) < 20, "train", np.where(np.arange(32) < 30, "val", "test"))
    write_csv(data / SPLIT_FILE, table[["face_id", "group_id"]].assign(split=parts), SPLIT)
    params = folder / "params.yaml"
    params.write_text(yaml.safe_dump(_params()), encoding="utf-8")
    return Project(folder, params, crops, dict(faces))


def _params() -> dict[str, object]:
    """Return the project's own settings with two small variants."""
    content = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text("utf-8"))
    content["labels"]["expressions"] = EXPRESSIONS
    common = {"labels": "consensus", "classes": None, "scheme": "paper-every5", "seeds": [0]}
    common |= {"cross_validate": False, "image_size_px": 32, "epochs": 2}
    weights = {"url": "https://example.org/weights.h5", "sha256": "0" * 64}
    content["acquire"]["weights"]["notop.h5"] = weights
    yolo = {"family": "yolo", "weights": "yolov8n-cls.yaml", "checkpoint": "last"}
    resnet = {"family": "resnet", "weights": "notop.h5"}
    content["variants"] = {
        "small-yolo": common
        | yolo
        | {"settings": {"batch": 8, "optimizer": "AdamW", "lr0": 0.002}},
        "small-resnet": common | resnet | {"settings": {"batch": 10, "head_epochs": 1}},
    }
    return content
