"""A run of ultralytics: repeatable, complete, and asked as ultralytics itself would be."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from training import EXPRESSIONS, Project

from mien.errors import ParamsError, PictureError, SourceError
from mien.images import decode, resize
from mien.params import YoloVariant, load
from mien.quiet import quiet_ultralytics
from mien.tables import read_csv
from mien.train.card import read_card
from mien.train.tables import HISTORY
from mien.train.yolo import predict, train_yolo

pytestmark = pytest.mark.xdist_group("yolo")  # one worker, since the run is trained once


@pytest.fixture(scope="module")
def log(project: Project) -> str:
    """Train the same run twice, and return what the first one said."""
    said = []
    for run in ("small-yolo/seed-0", "again/small-yolo/seed-0"):
        said.append(project.train(run, "--threads", "3").stderr)
    return said[0]


@pytest.fixture
def run(project: Project, log: str) -> Path:
    assert log
    return project.folder / "models" / "small-yolo" / "seed-0"


def test_the_run_is_complete(run: Path) -> None:
    assert sorted(path.name for path in run.iterdir()) == [
        "history.csv",
        "model.json",
        "model.pt",
    ]


def test_two_runs_of_a_seed_are_equal_to_the_byte(project: Project, run: Path) -> None:
    again = project.folder / "models" / "again" / "small-yolo" / "seed-0"
    for name in ("history.csv", "model.json", "model.pt"):
        assert (run / name).read_bytes() == (again / name).read_bytes()
    crops = [resize(crop, 32) for crop in project.crops.values()]
    assert np.array_equal(predict(run, crops, 3), predict(again, crops, 3))


def test_neither_the_working_folder_nor_the_environment_decides(
    project: Project, run: Path, tmp_path: Path
) -> None:
    for name in ("yolov8n-cls.yaml", "yolov8-cls.yaml"):
        (tmp_path / name).write_text("nc: 2\nbackbone: []\nhead: []\n")
    project.copy(tmp_path)
    command = [*project.command("small-yolo/seed-0"), "--threads", "3"]
    cluster = {"WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}
    train = [sys.executable, "-P", "-c", "from mien.cli import main; main()", *command]
    subprocess.run(train, cwd=tmp_path, env={**os.environ, **cluster}, check=True)
    elsewhere = tmp_path / "models" / "small-yolo" / "seed-0"
    assert (run / "history.csv").read_bytes() == (elsewhere / "history.csv").read_bytes()
    assert (run / "model.pt").read_bytes() == (elsewhere / "model.pt").read_bytes()


def test_the_threads_asked_for_are_in_force_to_the_end(log: str) -> None:
    import torch

    assert log
    assert torch.get_num_threads() == 3  # ultralytics would take all processors but one


def test_every_epoch_is_told_and_kept(log: str, run: Path) -> None:
    history = read_csv(run / "history.csv", HISTORY)
    assert list(history["epoch"]) == [1, 2]
    lines = [line for line in log.splitlines() if line.startswith("epoch")]
    assert lines == [
        f"epoch {row.epoch} of 2: train loss {row.train_loss:.4f}, val loss {row.val_loss:.4f}, "
        f"val accuracy {row.val_accuracy:.4f}"
        for row in history.itertuples()
    ]
    assert len(log.splitlines()) == len(lines)


def test_the_card_has_the_classes_in_the_order_of_the_expressions(run: Path) -> None:
    card = read_card(run)
    assert list(card.classes) == EXPRESSIONS
    assert (card.variant, card.family, card.seed, card.fold) == ("small-yolo", "yolo", 0, None)
    own = {"batch": 8, "checkpoint": "last", "lr0": 0.002, "optimizer": "AdamW"}
    switches = {"labels": "consensus", "class_weights": False, "augmentation": "recipe"}
    assert card.settings == own | switches
    assert card.preprocessing["colour"] == "RGB"


def test_the_model_holds_no_path_and_no_optimiser(project: Project, run: Path) -> None:
    content = (run / "model.pt").read_bytes()
    assert str(project.folder).encode() not in content
    assert b"mien-yolo-" not in content
    assert b"site-packages" not in content
    assert len(content) < 4_000_000  # 1.4 million weights of 2 bytes


def test_predictions_are_those_of_ultralytics(project: Project, run: Path) -> None:
    quiet_ultralytics()
    from ultralytics import YOLO

    pictures = [resize(crop, 32) for crop in project.crops.values()]
    probabilities = predict(run, pictures, 1)
    results = YOLO(run / "model.pt").predict(pictures, imgsz=32, device="cpu", verbose=False)
    assert results[0].names == {0: "happy", 1: "surprised"}
    theirs = np.array([result.probs.data.numpy()[[1, 0]] for result in results])
    assert np.abs(probabilities - theirs).max() < 1e-5
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_no_picture_gives_no_prediction(run: Path) -> None:
    assert predict(run, [], 1).shape == (0, 2)


def test_the_validation_pictures_are_not_cut(project: Project, run: Path) -> None:
    """The last epoch's accuracy, which ultralytics counts, is that of our own predictions."""
    ids = [f"face-{number}" for number in range(20, 30)]
    probabilities = predict(run, [resize(project.crops[name], 32) for name in ids], 1)
    truth = [EXPRESSIONS.index(project.labels[name]) for name in ids]
    losses = -np.log(probabilities[np.arange(10), truth])
    history = pd.read_csv(run / "history.csv")
    assert (probabilities.argmax(axis=1) == truth).mean() == history["val_accuracy"].iloc[-1]
    assert losses.mean() == pytest.approx(history["val_loss"].iloc[-1], abs=0.002)  # half precision


def attempt(project: Project, tmp_path: Path, weights: str | Path, **settings: object) -> None:
    variant = load(project.params).variants["small-yolo"].model_copy(update={"settings": settings})
    assert isinstance(variant, YoloVariant)
    train_yolo(variant, weights, tmp_path, pd.DataFrame(), 0, 1, tmp_path)


def test_a_value_that_ultralytics_refuses_is_one_line(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"ultralytics refuses a setting: 'fliplr=2.5' is an inv"):
        attempt(project, tmp_path, "yolov8n-cls.yaml", fliplr=2.5)


def test_a_file_that_is_no_classifier_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    with pytest.raises(SourceError, match="the file is missing; run snakemake to fetch it"):
        attempt(project, tmp_path, path)
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(SourceError) as error:
        attempt(project, tmp_path, path)
    assert str(error.value) == f"{path}: not a model of ultralytics; name another file"


def test_a_detector_is_refused(project: Project, tmp_path: Path) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "weights" / "yolov8n-face.pt"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    with pytest.raises(SourceError) as error:
        attempt(project, tmp_path, path)
    assert str(error.value) == f"{path}: a model for the task pose; it must classify"


def test_a_last_batch_of_one_tiny_picture_is_refused(project: Project, tmp_path: Path) -> None:
    for number in range(9):
        place = tmp_path / "train" / "happy" / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    with pytest.raises(ParamsError) as error:
        attempt(project, tmp_path, "yolov8n-cls.yaml", batch=4)
    assert str(error.value) == (
        "9 faces in batches of 4 leave a last batch of 1, which is too small at 32 px; "
        "set settings.batch to 5"
    )


def test_a_damaged_picture_keeps_its_reason_when_ultralytics_is_loaded() -> None:
    quiet_ultralytics()
    with pytest.raises(PictureError) as error:
        decode(b"<html>")
    assert str(error.value) == "not a picture"
