"""Voters who disagree: what they said as a whole teaches more than what most of them said."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mien.acquire.drawing.drawn import draw_source
from mien.cli import app
from mien.evaluate.predict import prediction_table
from mien.faces.shards import read_views
from mien.faces.tables import CROPS, FACES, LANDMARKS
from mien.ids import face_id, scene_id
from mien.images import crop, encode_png
from mien.labels.ballots import poll
from mien.labels.consensus import consensus
from mien.labels.simulate import simulate
from mien.labels.tables import labels as label_table
from mien.params import Params, load
from mien.shards import write_shard
from mien.tables import write_csv
from mien.train.tables import SPLIT
from mien.train.trainer import trainer
from mien.view import View

pytestmark = pytest.mark.xdist_group("yolo")
ROOT = Path(__file__).parents[2]
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
ERRORS = 0.3  # of a voter's answers; the three wrong expressions are equally frequent
VARIANTS = {
    "majority": {"labels": "consensus"},
    "shares": {"labels": "shares"},
    "each": {"labels": "shares", "multi_label": True},
}


def settings() -> dict:
    content = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    content["labels"]["simulated"] |= {"error_rate": ERRORS, "absent_rate": 0.0}
    common = {"family": "yolo", "weights": "yolov8n-cls.yaml", "image_size_px": 32, "epochs": 12}
    common |= {"classes": None, "scheme": "grouped", "seeds": [0], "cross_validate": False}
    common |= {"checkpoint": "last", "augmentation": "gentle"}
    common["settings"] = {"optimizer": "AdamW", "lr0": 0.002, "batch": 12, "nbs": 12}
    content["variants"] = {name: common | switches for name, switches in VARIANTS.items()}
    return content


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces on which four simulated voters said what each shows, three times of ten wrong."""
    root = tmp_path_factory.mktemp("soft")
    (root / "params.yaml").write_text(yaml.safe_dump(settings()))
    params = load(root / "params.yaml")
    crops, index, truth = [], [], []
    for name in EXPRESSIONS:
        for position, scene in enumerate(draw_source(f"{name}-1", 24)):
            image = scene_id(encode_png(scene.image))
            for face in scene.faces:
                box = (face.x, face.y, face.width, face.height)
                place = {"scene_id": image, **dict(zip(("x", "y", "width", "height"), box))}  # noqa: B905
                key = {"face_id": face_id(image, *box), **place}
                cut = encode_png(crop(scene.image, box, 0.1))
                rest = {"confidence": 1.0, **dict.fromkeys(LANDMARKS), "image": cut}
                crops.append(key | rest | {"sharpness": 1.0, "phash": "0" * 16})
                index.append(key | {"position": position, "group_id": scene.author})
                truth.append(place | {"expression": face.expression, "tags": pd.NA})
    write_shard(root / "data/faces/drawn.parquet", crops, CROPS)
    faces = pd.DataFrame(index).assign(
        source_id="drawn", expression=pd.NA, status="kept", duplicate_of=pd.NA
    )
    write_csv(root / "data/faces.csv", faces, FACES)
    shown = pd.DataFrame(truth)
    labels = vote(faces, shown, params)
    write_csv(root / "data/labels.csv", labels, label_table(EXPRESSIONS))
    shown["face_id"] = faces["face_id"]
    shown.to_csv(root / "truth.csv", index=False)
    labelled = faces[faces["face_id"].isin(labels.loc[labels["label"].notna(), "face_id"])]
    casts = sorted(labelled["group_id"].unique())
    part = np.where(labelled["group_id"].isin(casts[::4]), "val", "train")
    write_csv(
        root / "data/splits/consensus-grouped.csv",
        labelled[["face_id", "group_id"]].assign(split=part),
        SPLIT,
    )
    return root


def vote(faces: pd.DataFrame, shown: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the labels of the first round, in which everybody says what a face shows."""
    voters = [f"simulated-{number}" for number in range(1, 5)]
    cast = pd.concat(simulate(faces, {"drawn": shown}, voters, params.labels).values())
    return consensus(faces, poll(cast[cast["round"] == "label"], faces).ballots, params.labels)


@pytest.fixture(scope="module")
def predicted(folder: Path) -> dict[str, pd.DataFrame]:
    """What each variant says of the validation faces after the same training."""
    data, found = folder / "data", {}
    validation = (
        pd.read_csv(data / "splits/consensus-grouped.csv")
        .query("split == 'val'")["face_id"]
        .tolist()
    )
    crops = dict(read_views([data / "faces/drawn.parquet"], validation, View(32), 0.1))
    for name, switches in VARIANTS.items():
        run = folder / "models" / name / "seed-0"
        with contextlib.chdir(folder):
            words = ["train", "fit", "--run", f"models/{name}/seed-0"]
            CliRunner().invoke(app, words, catch_exceptions=False)
        probabilities = trainer("yolo").predict(run, [crops[face] for face in validation], 1)
        rows, several = pd.DataFrame({"face_id": validation}), "multi_label" in switches
        found[name] = prediction_table(rows, probabilities, EXPRESSIONS, several)
    return found


def log_loss(folder: Path, predictions: pd.DataFrame) -> float:
    """Return the mean log-loss against what voters would say on average of each face."""
    truth = pd.read_csv(folder / "truth.csv").set_index("face_id")["expression"]
    shows = truth.loc[predictions["face_id"]].to_numpy()[:, None] == np.array(EXPRESSIONS)
    expected = np.where(shows, 1 - ERRORS, ERRORS / 3)
    chances = predictions[[f"p_{name}" for name in EXPRESSIONS]].clip(lower=1e-6).to_numpy()
    return float(-(expected * np.log(chances)).sum(axis=1).mean())


def test_shares_teach_what_voters_would_say_better_than_the_majority(folder, predicted):
    assert log_loss(folder, predicted["shares"]) < log_loss(folder, predicted["majority"])


def test_several_expressions_have_a_probability_each(predicted):
    each = predicted["each"]
    named = each[[f"named_{name}" for name in EXPRESSIONS]].to_numpy()
    assert named.min() >= 0 and named.max() <= 1
    assert not np.allclose(named.sum(axis=1), 1, atol=0.01)
    chances = each[[f"p_{name}" for name in EXPRESSIONS]].to_numpy()
    assert chances == pytest.approx(named / named.sum(axis=1, keepdims=True), abs=1e-5)
    assert "named_happy" not in predicted["shares"]


def test_the_sigmoids_are_near_the_shares_of_voters_who_named_an_expression(predicted):
    """A voter names the one that is shown seven times of ten: a quarter on average."""
    named = predicted["each"][[f"named_{name}" for name in EXPRESSIONS]]
    assert named.to_numpy().mean() == pytest.approx(0.25, abs=0.08)
