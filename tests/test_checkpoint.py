"""No file of weights can run anything: it is refused in one line before anything of it is called."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.checkpoint import read_checkpoint
from mien.cli import app
from mien.errors import SourceError
from mien.faces.detect import load_yolo
from mien.params import YoloVariant
from mien.quiet import quiet_ultralytics
from mien.train.yolo import train_yolo

WEIGHTS = Path(__file__).parents[2] / "shared" / "data" / "weights"
MIEN = str(Path(sys.executable).with_name("mien"))

pytestmark = pytest.mark.xdist_group("yolo")


class Evil:
    """What makes a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.system, (f"touch '{self.trace}'",)


@pytest.fixture(scope="module")
def torch():
    quiet_ultralytics()
    import torch

    return torch


@pytest.fixture(scope="module")
def sound():
    """Return a checkpoint as ultralytics writes it."""
    quiet_ultralytics()
    from ultralytics.nn.tasks import ClassificationModel

    model = ClassificationModel("yolov8n-cls.yaml", nc=2, verbose=False)
    return {"model": model.half(), "train_args": {"task": "classify"}, "ema": None}


@pytest.fixture
def make(torch, sound, tmp_path, monkeypatch):
    """Return what writes a file of one kind that wants to make a trace."""
    trace = tmp_path / "trace"

    def hidden_in_layer(path):
        layer = torch.nn.ReLU()
        layer.register_forward_hook(os.system)
        torch.save({**sound, "model": torch.nn.Sequential(layer)}, path)

    def foreign_layer(path):
        text = (
            "import os, torch\n"
            "class Layer(torch.nn.Module):\n"
            f"    def __setstate__(self, state): os.system('touch {trace}')\n"
        )
        (tmp_path / "foreign_layers.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        import foreign_layers

        torch.save({**sound, "model": foreign_layers.Layer()}, path)
        sys.modules.pop("foreign_layers")

    def by_attribute(path):
        class Asks:
            def __reduce__(self):
                return getattr, (torch.nn.Module, "__subclasses__")

        torch.save({**sound, "train_args": Asks()}, path)

    def script(path):
        torch.jit.script(torch.nn.ReLU()).save(str(path))

    evil = Evil(trace)
    return {
        "zip": lambda path: torch.save(evil, path),
        "legacy": lambda path: torch.save(evil, path, _use_new_zipfile_serialization=False),
        "a bare pickle": lambda path: path.write_bytes(pickle.dumps(evil)),
        "nested": lambda path: torch.save({**sound, "train_args": {"a": [{"b": evil}]}}, path),
        "a key": lambda path: torch.save({**sound, "optimizer": evil}, path),
        "in a layer": hidden_in_layer,
        "a foreign layer": foreign_layer,
        "by an attribute": by_attribute,
        "TorchScript": script,
    }


KINDS = [
    "zip", "legacy", "a bare pickle", "nested", "a key", "in a layer", "a foreign layer",
    "by an attribute", "TorchScript",
]  # fmt: skip


def test_what_the_tests_hide_would_run(tmp_path):
    pickle.loads(pickle.dumps(Evil(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_file_runs(tmp_path, make, kind):
    path = tmp_path / "evil.pt"
    make[kind](path)
    with pytest.raises(SourceError) as refused:
        read_checkpoint(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)
    with pytest.raises(SourceError):
        load_yolo(path)
    told = CliRunner().invoke(app, ["export", str(path), "--output", str(tmp_path / "out.onnx")])
    assert isinstance(told.exception, SourceError)
    with pytest.raises(SourceError):
        train(path, tmp_path)
    from ultralytics import YOLO

    with pytest.raises(TypeError):  # whoever forgets to read it here first
        YOLO(path)
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "out.onnx").exists()


def train(path: Path, scratch: Path) -> None:
    import pandas as pd

    fields = {
        "family": "yolo", "weights": "yolov8n-cls.yaml", "image_size_px": 32, "epochs": 1,
        "labels": "consensus", "classes": None, "scheme": "grouped", "seeds": [0], "folds": None,
    }  # fmt: skip
    variant = YoloVariant.model_construct(**fields)
    train_yolo(variant, path, scratch, pd.DataFrame(), 0, 1, scratch)


def test_the_command_says_no_in_one_line(tmp_path, make):
    make["zip"](tmp_path / "evil.pt")
    ran = subprocess.run(
        [MIEN, "export", "evil.pt"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 2
    assert ran.stderr == (
        "mien: evil.pt: no weights that yolo can use (it asks for 'posix.system', which no model "
        "of ultralytics needs; nothing was loaded; download the file from its publisher)\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.pt"]


def test_what_is_no_weights_is_said(tmp_path, torch):
    for name, content in {"a.pt": b"", "b.pt": b"\x89PNG\r\n", "c.pt": b"PK\x03\x04"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match="not a model of ultralytics; name another file"):
            read_checkpoint(tmp_path / name)
    for content in ({"ema": torch.zeros(3)}, {"model": None}, {}):
        torch.save(content, tmp_path / "d.pt")
        with pytest.raises(SourceError, match="not a model of ultralytics; name another file"):
            read_checkpoint(tmp_path / "d.pt")
    (tmp_path / "model.torchscript").write_bytes(b"PK")
    with pytest.raises(SourceError, match=r"end in \.pt"):
        load_yolo(tmp_path / "model.torchscript")
    with pytest.raises(SourceError, match="missing"):
        read_checkpoint(tmp_path / "none.pt")


def test_of_two_names_with_and_without_an_apostrophe_none_is_read_for_the_other(
    tmp_path, torch, sound
):
    torch.save(sound, tmp_path / "annas.pt")
    torch.save(sound, tmp_path / "anna's.pt")
    with pytest.raises(SourceError, match="cannot read a path with an apostrophe; rename it"):
        read_checkpoint(tmp_path / "anna's.pt")


def test_a_checkpoint_of_ultralytics_is_read_as_it_is(tmp_path, torch, sound):
    torch.save(sound, tmp_path / "sound.pt")
    found = read_checkpoint(tmp_path / "sound.pt")["model"].state_dict()
    wanted = sound["model"].state_dict()
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[name].numpy(), wanted[name].numpy()) for name in wanted)


@pytest.mark.parametrize("name", ["yolov8n-face.pt", "yolo11n-cls.pt"])
def test_published_weights_are_read(name):
    if not (WEIGHTS / name).is_file():
        pytest.skip("the weights are absent")
    assert "model" in read_checkpoint(WEIGHTS / name)
