"""An exported model answers as the trained one does, and says all that must be known to use it."""

import hashlib
import io
import json
import math
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import h5py
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import yaml
from figures import metrics_of
from numpy.typing import NDArray
from training import EXPRESSIONS, make_project
from typer.testing import CliRunner

from mien.acquire.drawing.drawn import draw_source
from mien.checkpoint import read_checkpoint
from mien.cli import app
from mien.errors import MienError, ParamsError, SourceError
from mien.evaluate.files import Abstain
from mien.export.detector import write_detector
from mien.export.model import export_models, summary
from mien.faces.crop import crop_faces
from mien.faces.detect import load_yolo, yolo
from mien.faces.detections import Detection, box_of
from mien.faces.tables import CROPS
from mien.files import read_json, write_json
from mien.images import Picture, decode
from mien.ledger import md5
from mien.live.detector import yolo as exported_yolo
from mien.live.metadata import KEY, Answers, DetectorMetadata, Metadata, read_metadata
from mien.live.runtime import open_model
from mien.params import FacesParams, load
from mien.quiet import quiet_ultralytics
from mien.shards import write_shard
from mien.train.card import read_card
from mien.train.trained import LEDGER
from mien.train.yolo import predict
from mien.view import View
from mien.viewing import seen_in_scene

pytestmark = pytest.mark.xdist_group("yolo")  # one worker, since the runs are trained once

DATA = Path(__file__).parents[3] / "shared" / "data"
YUNET = "face_detection_yunet_2023mar.onnx"
BESIDE = f"face_detection_yunet_2023mar-{hashlib.sha256(b'a detector').hexdigest()[:8]}.onnx"
SPLIT = "data/splits/consensus-paper-every5.csv"
MARGIN, SIZE_PX, FACES = 0.2, 32, 200
MIEN = [sys.executable, "-c", "from mien.cli import main; main()"]
ASK = """
import sys
import zipfile
from pathlib import Path
import numpy as np
from mien.faces.shards import read_views
from mien.train.trainer import trainer
from mien.view import View
family, run, shard, answers, *ids = sys.argv[1:]
views = View(32), View(32, aligned=True)
crops = [face for view in views for _, face in read_views([Path(shard)], ids, view, 0.2)]
np.save(answers, trainer(family).predict(Path(run), crops, 1))
"""
CARD = """# Model card: small

Made by mien.

## Use

For teaching.

## Confidence

A table.

## Results

Right.

## Limits

- None.
"""


@dataclass(frozen=True)
class Face:
    """A face where it was found."""

    scene: Picture
    found: Detection


def settings() -> dict:
    """Return the settings of small variants; two differ from the first in a switch alone."""
    content = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text("utf-8"))
    content["labels"]["expressions"] = EXPRESSIONS
    content["faces"] |= {"detector": "yunet", "weights": YUNET, "margin": MARGIN}
    common = {"labels": "consensus", "classes": None, "scheme": "paper-every5", "seeds": [0]}
    common |= {"cross_validate": False, "image_size_px": SIZE_PX, "epochs": 2}
    small = {"family": "yolo", "weights": "yolov8n-cls.yaml", "checkpoint": "last"}
    small |= common | {"settings": {"batch": 4, "optimizer": "AdamW", "lr0": 0.002}, "epochs": 20}
    large = {"train_batch_norm": True, "batch_norm_momentum": 0.5, "head_epochs": 0, "batch": 10}
    content["variants"] = {
        "small": small,
        "turned": small | {"aligned": True},
        "each": small | {"labels": "shares", "multi_label": True},
        "large": common | {"family": "resnet", "weights": "random", "epochs": 1, "settings": large},
        "many": small | {"seeds": [0, 1, 2]},
    }
    content["variants"]["many-large"] = content["variants"]["large"] | {"seeds": [0, 1, 2]}
    return content


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose runs are trained, each framework in a process of its own."""
    project = make_project(tmp_path_factory.mktemp("exported"))
    root = project.folder
    project.params.write_text(yaml.safe_dump(settings()))
    (root / "data/weights").mkdir()
    (root / "data/weights" / YUNET).write_bytes(b"a detector")
    trained = ("small/seed-0", "large/seed-0")
    done = [subprocess.Popen([*MIEN, *project.command(run)], cwd=root) for run in trained]
    assert [process.wait() for process in done] == [0, 0]
    for name in ("turned", "each"):
        run = shutil.copytree(root / "models/small/seed-0", root / "models" / name / "seed-0")
        card = read_json(run / "model.json") | {"variant": name}
        card["views"][0]["aligned"], card["multi_label"] = name == "turned", name == "each"
        card["settings"]["labels"] = "shares" if name == "each" else "consensus"
        write_json(run / "model.json", card)
    for name, others in (("small", "many"), ("large", "many-large")):
        for seed in range(3):
            other_run(root / "models" / name / "seed-0", root / "models" / others, seed)
    return root


def noise(seed: int) -> NDArray[np.float32]:
    """Return what is added to the last layer of another run."""
    return np.random.default_rng(seed).normal(0, 0.3, 2).astype(np.float32)


def other_run(run: Path, folder: Path, seed: int) -> None:
    """Write a run of another variant and seed, whose last layer is another."""
    copy = shutil.copytree(run, folder / f"seed-{seed}")
    write_json(
        copy / "model.json", read_json(copy / "model.json") | {"variant": folder.name, "seed": seed}
    )
    if (copy / "model.pt").is_file():
        quiet_ultralytics()
        content = read_checkpoint(copy / "model.pt")
        content["model"].model[-1].linear.bias.data += torch.from_numpy(noise(seed)).half()
        torch.save(content, copy / "model.pt")
        return
    with zipfile.ZipFile(copy / "model.keras") as held:
        parts = {name: held.read(name) for name in held.namelist()}
    weights = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        bias = file["layers/dense/vars/1"]
        bias[...] = bias[...] + noise(seed)
    parts["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(copy / "model.keras", "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


@pytest.fixture
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="module")
def faces() -> list[Face]:
    """Faces of drawn scenes, some near and larger than a crop, with eyes somewhere in them."""
    random, found = np.random.default_rng(0), []
    for number, drawn in enumerate(draw_source("mixed-1", FACES)):
        near = 4 if number % 10 == 0 else 1
        scene = cv2.resize(drawn.image, None, fx=near, fy=near)
        for face in drawn.faces:
            x, y, width, height = (near * v for v in (face.x, face.y, face.width, face.height))
            eyes = random.uniform([0.2, 0.3, 0.6, 0.3], [0.4, 0.5, 0.8, 0.5])
            points = np.zeros(10)
            points[:4] = (eyes * [width, height, width, height] + [x, y, x, y]).round(2)
            found.append(Face(scene, Detection(x, y, width, height, 1.0, tuple(points))))
        if len(found) >= FACES:
            break
    return found[:FACES]


@pytest.fixture(scope="module")
def answers(root: Path, faces: list[Face]) -> dict[tuple[str, str], NDArray[np.floating]]:
    """What the frameworks say of the faces' crops, which were stored and are read as ever."""
    params = FacesParams(**settings()["faces"])
    rows = [crop_faces(face.scene, str(n), [face.found], params) for n, face in enumerate(faces)]
    ids = [row["face_id"] for (row,) in rows]
    shard = root / "drawn.parquet"
    write_shard(shard, [row for (row,) in rows], CROPS)
    asked = [("yolo", "small"), ("resnet", "large")]
    done = [
        subprocess.Popen([sys.executable, "-c", ASK, family, root / "models" / name / "seed-0",
                          shard, root / f"{name}.npy", *ids])
        for family, name in asked
    ]  # fmt: skip
    assert [process.wait() for process in done] == [0, 0]
    said = {name: np.load(root / f"{name}.npy") for _, name in asked}
    return {(name, "plain"): given[:FACES] for name, given in said.items()} | {
        (name, "aligned"): given[FACES:] for name, given in said.items()
    }


@pytest.fixture(scope="module")
def exported(root: Path) -> dict[str, Path]:
    """The runs as files, Keras' in a process of its own."""
    files = {name: root / "exports" / f"{name}-seed-0.onnx" for name in ("small", "large")}
    done = [
        subprocess.Popen([*MIEN, "export", f"models/{name}/seed-0"], cwd=root) for name in files
    ]
    assert [process.wait() for process in done] == [0, 0]
    return files


def export(*arguments: object):
    words = ["export", *map(str, arguments)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def ask(path: Path, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    (answer,) = onnxruntime.InferenceSession(path).run(None, {"pictures": pictures})
    return answer


def says(path: Path) -> Metadata | DetectorMetadata:
    told = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    return read_metadata(told.get(KEY), path)


def seen(faces: list[Face], aligned: bool) -> NDArray[np.uint8]:
    """Return the faces as a running model takes them, straight from their scenes."""
    return np.stack(
        [
            seen_in_scene(
                face.scene,
                box_of(face.found),
                face.found.landmarks,
                MARGIN,
                View(SIZE_PX, aligned=aligned),
            )[:, :, ::-1]
            for face in faces
        ]
    )


@pytest.mark.parametrize("crops", ["plain", "aligned"])
@pytest.mark.parametrize("name", ["small", "large"])
def test_exported_models_answer_as_the_frameworks_do(exported, answers, faces, name, crops):
    theirs, pictures = answers[name, crops], seen(faces, crops == "aligned")
    ours = ask(exported[name], pictures)
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape == (FACES, 2)
    assert np.abs(ours - theirs).max() < 1e-4
    infer, _ = open_model(exported[name], 1)
    assert np.abs(infer([pictures]) - theirs).max() < 1e-4  # whichever runtime is installed
    assert theirs[:, 0].std() > 0.01  # or anything would agree
    other = ask(exported[name], np.ascontiguousarray(pictures[..., ::-1]))
    assert np.abs(other - theirs).max() > 0.01


@pytest.mark.parametrize("name", ["many", "many-large"])
def test_the_runs_of_a_variant_answer_with_their_mean(here, faces, answers, name):
    words = ["models/many"] if name == "many" else [name]
    assert export(*words).exit_code == 0
    for aligned, crops in ((False, "plain"), (True, "aligned")):
        pictures = seen(faces, aligned)
        if name == "many":
            shown = [picture[:, :, ::-1] for picture in pictures]
            theirs = [predict(here / f"models/many/seed-{seed}", shown, 1) for seed in range(3)]
        else:  # runs whose last layer is that of one run, with something added
            odds = [answers["large", crops] * np.exp(noise(seed)) for seed in range(3)]
            theirs = [one / one.sum(axis=1, keepdims=True) for one in odds]
        assert np.abs(theirs[0] - theirs[1]).max() > 0.01
        ours = ask(Path(f"exports/{name}.onnx"), pictures)
        assert np.abs(ours - np.mean(theirs, axis=0)).max() < 1e-4
    about = says(Path(f"exports/{name}.onnx"))
    assert (about.variant, about.run) == (name, "average of 3 runs")
    onnx.checker.check_model(f"exports/{name}.onnx")


def test_one_face_alone_is_answered_as_among_others(exported, faces):
    pictures = seen(faces[:7], False)
    for path in exported.values():
        together = ask(path, pictures)
        assert np.allclose(together[3:4], ask(path, pictures[3:4]), atol=1e-6)


def test_classes_are_in_the_order_of_the_card_not_of_ultralytics(root, exported):
    names = read_checkpoint(root / "models/small/seed-0/model.pt")["model"].names
    assert [names[place] for place in range(2)] == EXPRESSIONS[::-1]
    assert says(exported["small"]).classes == EXPRESSIONS


def test_a_model_of_multi_label_answers_each_class_on_its_own(here, faces):
    export("models/each/seed-0")
    pictures = seen(faces[:20], False)
    ours = ask(here / "exports/each-seed-0.onnx", pictures)
    theirs = predict(here / "models/each/seed-0", [p[:, :, ::-1] for p in pictures], 1)
    assert np.abs(ours - theirs).max() < 1e-4
    assert np.abs(ours.sum(axis=1) - 1).max() > 0.01


def test_a_model_says_how_its_faces_were_found_and_by_what_it_was_made(here, exported):
    for name, family in (("small", "yolo"), ("large", "resnet")):
        about = says(exported[name])
        assert (about.variant, about.run, about.family) == (name, "seed-0", family)
        assert (about.views, about.multi_label) == ([View(SIZE_PX)], False)
        assert about.faces.params().detector == "yunet"
        assert (about.faces.margin, about.faces.file) == (MARGIN, BESIDE)
        assert about.live.model_dump() == settings()["live"]
        assert about.versions.keys() == read_card(
            here / f"models/{name}/seed-0"
        ).versions.keys() | {"onnx"}
        for path, told in about.data_sha256.items():
            assert told == hashlib.sha256(Path(path).read_bytes()).hexdigest()
        assert list(about.data_sha256) == ["data/labels.csv", SPLIT, "data/faces.csv"]
        model = (
            here
            / "models"
            / name
            / "seed-0"
            / {"yolo": "model.pt", "resnet": "model.keras"}[family]
        )
        assert about.model_sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert says(exported["small"]).licence == "AGPL-3.0-only"
    assert says(exported["large"]).licence == (
        "made with mien (AGPL-3.0-only), keras and tensorflow (Apache-2.0)"
    )
    export("models/turned/seed-0")
    assert says(here / "exports/turned-seed-0.onnx").views == [View(SIZE_PX, aligned=True)]


def test_the_detector_lies_beside_the_model(exported):
    about = says(exported["small"])
    beside = exported["small"].parent / about.faces.file
    assert beside.read_bytes() == b"a detector"
    assert about.faces.sha256 == hashlib.sha256(b"a detector").hexdigest()


def test_equal_runs_are_equal_files_without_a_path_of_this_machine(here, exported):
    done = export("models/small/seed-0", "--output", "elsewhere/again.onnx")
    assert done.stdout.splitlines() == [f"elsewhere/{BESIDE}", "elsewhere/again.onnx"]
    assert Path("elsewhere/again.onnx").read_bytes() == exported["small"].read_bytes()
    for path in exported.values():
        content = path.read_bytes()
        for place in (here, Path.home(), Path(onnx.__file__).parents[1]):
            assert bytes(place) not in content
        onnx.checker.check_model(path)


def test_temperature_and_threshold_are_those_of_the_report(here):
    metrics = Path("metrics/runs/small/seed-0/metrics.json")
    write_json(metrics, metrics_of(abstain=Abstain(0.9, 0.625, 0.433213, 0.908333)))
    assert export("models/small/seed-0").stderr == (
        "small, seed-0: sure from a probability of 62.5 % on, which 120 of 277 validation faces "
        "reach (43.3 %); 90.8 % of those answers are right\n"
    )
    about = says(here / "exports/small-seed-0.onnx")
    assert (about.temperature, about.threshold) == (1.7, 0.625)
    assert about.answers == Answers(target=0.9, faces=277, answered=120, accuracy=0.908333)


def test_a_model_that_keeps_its_promise_at_no_threshold_says_so(here):
    metrics = Path("metrics/runs/small/seed-0/metrics.json")
    write_json(metrics, metrics_of(abstain=Abstain(0.9, math.nan, 0.0, math.nan)))
    assert export("models/small/seed-0").stderr == (
        "small, seed-0: sure of nothing, since at no threshold are 90 % of its answers right; the "
        "likeliest expression is shown as a guess\n"
    )
    about = says(here / "exports/small-seed-0.onnx")
    assert (about.temperature, about.threshold) == (1.7, None)
    assert about.answers == Answers(target=0.9, faces=277, answered=0, accuracy=None)
    metrics.write_text('{"temperature": 1.7}')
    assert refused("models/small/seed-0").startswith(f"{metrics}: accuracy: field required")
    metrics.unlink()
    assert export("models/small/seed-0").stderr.splitlines() == [
        f"mien: {metrics} is missing, so the model is sure of nothing: run `snakemake` first",
        "small, seed-0: sure of nothing, since the file of the model names no threshold; the "
        "likeliest expression is shown as a guess",
    ]
    about = says(here / "exports/small-seed-0.onnx")
    assert (about.temperature, about.threshold, about.answers) == (1.0, None, None)


def test_of_the_model_card_goes_along_what_a_user_must_know(tmp_path):
    path = tmp_path / "small.md"
    assert summary(path) == "There was no model card when this model was exported."
    path.write_text(CARD)
    assert summary(path) == (
        "# Model card: small\n\n## Use\n\nFor teaching.\n\n## Results\n\nRight.\n\n"
        "## Limits\n\n- None.\n"
    )


def refused(*arguments: object) -> str:
    """Return the one line that an export is refused with, which wrote nothing."""
    with pytest.raises(MienError) as error:
        export(*arguments, *([] if "--output" in arguments else ["--output", "none/model.onnx"]))
    assert not Path("none").exists()
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.usefixtures("here")
def test_what_is_no_trained_run_is_refused(tmp_path, monkeypatch):
    assert refused("models/small/seed-1") == (
        "models/small/seed-1: by params.yaml small has no such run; it has seed-0"
    )
    assert refused("models/smal/seed-0") == "there is no variant 'smal'; did you mean 'small'?"
    assert refused("models/many", "--output", "none/many.pt") == (
        "none/many.pt: name a file that ends in .onnx"
    )
    assert refused("smal") == "there is no variant 'smal'; did you mean 'small'?"
    strange = tmp_path / "small" / "seed-0"
    assert refused(strange) == (f"{strange}: not a run of this project; they are in models/small")
    assert refused("models/small/seed-0", "--output", "none/model.pt") == (
        "none/model.pt: name a file that ends in .onnx"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParamsError, match=r"params.yaml: the file is missing; run in a project"):
        export("models/small/seed-0")


@pytest.mark.usefixtures("here")
def test_a_run_of_other_labels_or_without_its_tables_is_refused():
    entry = {"md5": "", "inputs": {SPLIT: md5(Path(SPLIT)), "data/labels.csv": "0" * 32}}
    LEDGER.parent.mkdir()
    write_json(LEDGER, {"version": 1, "outputs": {"models/small/seed-0/model.pt": entry}})
    assert "seed-0/model.pt was trained when data/labels.csv was another" in refused(
        "models/small/seed-0"
    )
    figures = "metrics/runs/small/seed-0/predictions.csv"
    entry = {"md5": "", "inputs": {"models/small/seed-0/model.pt": "0" * 32}}
    write_json(LEDGER, {"version": 1, "outputs": {figures: entry}})
    assert (
        refused("models/small/seed-0") == f"{figures} is of an earlier model: run `snakemake` first"
    )
    shutil.rmtree(LEDGER.parent)
    moved = Path(SPLIT).rename("aside.csv")
    missing = refused("models/small/seed-0")
    moved.rename(SPLIT)
    assert missing == f"{SPLIT} is missing: run `dvc pull` or `snakemake` first"


@pytest.mark.usefixtures("here")
def test_a_run_without_the_weights_of_its_detector_is_refused():
    moved = Path("data/weights", YUNET).rename("aside.onnx")
    missing = refused("models/small/seed-0")
    moved.rename(Path("data/weights", YUNET))
    assert missing == f"data/weights/{YUNET} is missing: run `dvc pull` or `snakemake` first"


@pytest.mark.usefixtures("here")
def test_a_family_without_export_is_refused_before_anything_is_written(monkeypatch):
    monkeypatch.setitem(sys.modules, "mien.export.yolo", None)  # as where there is no such module
    output = Path("nowhere/model.onnx")
    with pytest.raises(SourceError, match="models of the family yolo have no export"):
        export_models(Path("models/small/seed-0"), load(Path("params.yaml")), output)
    assert not output.parent.exists()


@pytest.mark.usefixtures("here")
def test_a_refusal_is_one_line_and_the_exit_status_two():
    done = subprocess.run([*MIEN, "export", "models"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mien: there is no variant 'models'; there are each, large, ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("here")
def test_an_export_that_fails_leaves_the_older_file(monkeypatch):
    def torn(_, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("the disk is full")

    export("models/small/seed-0", "--output", "torn/model.onnx")
    before = Path("torn/model.onnx").read_bytes()
    monkeypatch.setattr(onnx, "save", torn)
    with pytest.raises(OSError, match="full"):
        export("models/small/seed-0", "--output", "torn/model.onnx")
    assert Path("torn/model.onnx").read_bytes() == before
    assert sorted(path.name for path in Path("torn").iterdir()) == [BESIDE, "model.onnx"]


def test_an_exported_detector_finds_the_faces_that_ultralytics_finds(tmp_path):
    weights = DATA / "weights" / "yolov8n-face.pt"
    if not weights.is_file():
        pytest.skip(f"{weights} is absent")
    output = tmp_path / "face.onnx"
    assert export(weights, "--output", output).stdout == f"{output}\n"
    infer, about = open_model(output, 1)
    assert about.points
    asked = {"detector": "yolo", "weights": "w", "image_size_px": 640, "min_confidence": 0.5}
    rest = {"min_size_px": 40, "min_sharpness": 0, "margin": 0.2, "max_phash_distance": 10}
    params = FacesParams(**asked, **rest)
    by_ultralytics, by_export = yolo(params, weights), exported_yolo(infer, True, params)
    total = 0
    for path in sorted((DATA / "scenes").glob("*.jpg"))[:12]:
        scene = decode(path.read_bytes())
        tolerance = max(1.0, 0.002 * max(scene.shape))
        (theirs,), (ours,) = by_ultralytics([scene]), by_export([scene])
        assert len(ours) == len(theirs), path.name
        total += len(theirs)
        for one, other in zip(sorted(theirs, key=box_of), sorted(ours, key=box_of), strict=True):
            assert np.abs(np.subtract(box_of(one), box_of(other))).max() <= tolerance, path.name
            assert np.abs(np.subtract(other.landmarks, one.landmarks)).max() <= tolerance, path.name
            assert other.confidence == pytest.approx(one.confidence, abs=0.01)
    assert total > 20


def test_of_a_detector_of_more_kinds_only_faces_are_sure(tmp_path):
    """A detector of random weights; a candidate that is likelier a person has no confidence."""
    quiet_ultralytics()
    import torch
    from ultralytics import YOLO

    torch.manual_seed(0)
    model = YOLO("yolov8n.yaml")
    network = model.model.eval()
    for level, head in enumerate(network.model[-1].cv3):
        head[-1].bias.data = torch.randn(80)
        head[-1].bias.data[7] = 3 * (level == 1)
    network.names = {kind: "face" if kind == 7 else f"thing {kind}" for kind in range(80)}
    weights = tmp_path / "random.pt"
    torch.save({"model": network, "train_args": {}}, weights)
    assert load_yolo(weights)[1] == [7]
    output = tmp_path / "random.onnx"
    export(weights, "--output", output)
    assert not says(output).points
    pictures = np.random.default_rng(0).integers(0, 256, (1, 64, 96, 3)).astype(np.uint8)
    ours = ask(output, pictures)[0]
    with torch.inference_mode():
        raw = network(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)[0][0].T.numpy()
    face = np.where(raw[:, 4:].argmax(axis=1) == 7, raw[:, 11], 0)
    assert ours.shape == (126, 5)
    assert 0 < (face > 0).sum() < 126
    assert np.allclose(ours[:, :4], raw[:, :4], atol=1e-3)
    assert np.allclose(ours[:, 4], face, atol=1e-5)


@pytest.mark.usefixtures("here")
def test_a_run_whose_faces_yolo_found_gets_that_detector_exported(tmp_path):
    weights = DATA / "weights" / "yolov8n-face.pt"
    if not weights.is_file():
        pytest.skip(f"{weights} is absent")
    shutil.copy(weights, "data/weights")
    settings = {"detector": "yolo", "image_size_px": 640, "min_confidence": 0.5}
    settings |= {"min_size_px": 40, "margin": 0.1}
    found, files = write_detector(settings | {"weights": weights.name}, tmp_path)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert files == [tmp_path / f"yolov8n-face-{digest[:8]}.onnx"]
    assert found.file == files[0].name
    assert found.sha256 == hashlib.sha256(files[0].read_bytes()).hexdigest()
    told = says(files[0])
    assert told.model_sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert list(told.versions) == ["mien", "onnx", "torch", "ultralytics"]
    before = files[0].stat().st_mtime_ns
    again, _ = write_detector(settings | {"weights": weights.name}, tmp_path)
    assert (again, files[0].stat().st_mtime_ns) == (found, before)  # others believe it by its hash


def test_faces_of_haar_need_no_file(tmp_path):
    settings = {"detector": "haar", "image_size_px": 640, "min_confidence": 0.5}
    settings |= {"min_size_px": 40, "margin": 0.1, "weights": None}
    found, files = write_detector(settings, tmp_path)
    assert (found.file, found.sha256, files) == (None, None, [])
    assert json.loads(found.model_dump_json())["detector"] == "haar"


@pytest.mark.usefixtures("here")
def test_what_is_no_detector_is_refused(tmp_path):
    with pytest.raises(SourceError, match="the weights are missing; run `mien acquire weights`"):
        export(tmp_path / "none.pt", "--output", tmp_path / "none.onnx")
    with pytest.raises(SourceError, match=r"a model to classify; faces.detector yolo needs"):
        export("models/small/seed-0/model.pt", "--output", tmp_path / "none.onnx")
    assert list(tmp_path.iterdir()) == []
