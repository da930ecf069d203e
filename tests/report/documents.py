"""The project of the page's tests with all that the documents are made of."""

import pandas as pd
import pytest
import yaml
from report.making import EXPRESSIONS, Project

from mien.evaluate.tables import SLICES
from mien.files import read_json, write_json
from mien.tables import write_csv
from mien.train.card import Card, write_card
from mien.view import View

YOLO, RESNET = "yolov8n-64", "resnet50-64"
HOSTILE = "<script>alert('x')</script> | **a** `b`\n\n# c [d](javascript:alert(1)) \\"


@pytest.fixture(scope="module")
def documented(project, tmp_path_factory):
    """The project of the page's tests with all that the documents are made of; not to be changed."""
    root = project.copy(tmp_path_factory.mktemp("documents")).root
    sources = pd.read_csv(root / "data/sources.csv", dtype=str)
    sources.loc[sources["source_id"] == "odd", "target"] = HOSTILE
    sources.to_csv(root / "data/sources.csv", index=False)
    content = yaml.safe_load((root / "params.yaml").read_text())
    content["evaluate"]["answered_accuracy"] = 0.9
    (root / "params.yaml").write_text(yaml.safe_dump(content))
    for path in root.glob("metrics/runs/*/*/metrics.json"):
        is_sure = path.parent.parent.name == YOLO
        answered = {"threshold": 0.71, "coverage": 0.823, "accuracy": 0.9051} if is_sure else {}
        none = {"threshold": None, "coverage": 0.0, "accuracy": None}
        told = {"temperature": 1.57, "abstain": {"target": 0.9} | (answered or none)}
        told["scaled"] = {"log_loss": 0.411, "calibration_error": 0.022, "calibration_bins": []}
        write_json(path, read_json(path) | told)
    for path in root.glob("models/*/*/history.csv"):
        write_model(path.parent)
    write_csv(root / "metrics/slices.csv", pd.DataFrame(slices()), SLICES)
    Project(root).write("metrics/acquired.csv", "acquire", "tally", "--acquired")
    words = ("report", "attribution", "--csv", "metrics/attribution.csv", "--html")
    Project(root).write("metrics/attribution.html", *words)
    return root


def write_model(folder):
    """Write a run's card, and a file in place of its model."""
    is_yolo = folder.parent.name == YOLO
    packages = ["mien", "torch", "ultralytics"] if is_yolo else ["mien", "keras", "tensorflow"]
    made = {"variant": folder.parent.name, "family": "yolo" if is_yolo else "resnet", "fold": None}
    made |= {
        "seed": int(folder.name[-1]),
        "classes": EXPRESSIONS,
        "views": [View(64)],
        "features": [],
    }
    made |= {"epochs": 22, "weights": "random", "settings": {}, "multi_label": False}
    preprocessing = {"colour": "RGB", "scale": 0.00392157, "mean": [0.0, 0.0, 0.0]}
    versions = {name: f"{number}.0" for number, name in enumerate(packages)}
    card = Card(**made, faces={}, preprocessing=preprocessing, versions=versions)
    write_card(folder, card)
    (folder / ("model.pt" if is_yolo else "model.keras")).write_text(str(folder.name))


def slices():
    """Return error rates of two variants; groups may be called like people."""
    for variant, rate in ((YOLO, 0.125), (RESNET, 0.5)):
        for part, value in [
            ("size", "40 to 63"), ("group", "Zoë (1@N0)"), ("group", "Ann"),
            *(("expression", name) for name in EXPRESSIONS),
        ]:  # fmt: skip
            error_rate = rate / 2 if value == "Ann" else rate
            row = {"variant": variant, "slice": part, "value": value, "faces": 40, "groups": 9}
            interval = {"low": 0.031, "high": 0.257}
            yield row | {"errors": int(40 * error_rate), "error_rate": error_rate} | interval
