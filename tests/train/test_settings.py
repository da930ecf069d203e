"""What a variant may ask of ultralytics is known before it is imported."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from training import Project

from mien.errors import ParamsError
from mien.params import ResnetVariant, load
from mien.train.settings import (
    RESERVED,
    check_yolo,
    check_yolo_architecture,
    check_yolo_settings,
)


def refusal(settings: dict[str, object]) -> str:
    with pytest.raises(ParamsError) as error:
        check_yolo_settings("a", settings)
    return str(error.value)


def test_settings_of_ultralytics_pass() -> None:
    check_yolo_settings("a", {"auto_augment": None, "lr0": 0.1, "batch": 8, "cos_lr": True})


def test_a_misspelt_setting_gets_a_suggestion() -> None:
    assert refusal({"optimiser": "AdamW"}) == (
        "variants.a.settings.optimiser is not a setting of ultralytics; did you mean 'optimizer'?"
    )


def test_what_mien_decides_is_refused() -> None:
    assert refusal({"imgsz": 64}) == (
        "variants.a.settings.imgsz cannot be set here: the variant has image_size_px"
    )
    for name in ("data", "epochs", "seed", "project", "name", "device", "plots"):
        assert f"variants.a.settings.{name} cannot be set here" in refusal({name: 1})


def test_a_number_that_yaml_reads_as_a_text_is_refused() -> None:
    assert refusal({"lr0": "1e-3"}) == (
        "variants.a.settings.lr0 is '1e-3'; it must be a number; "
        "YAML reads 1e-3 as a text, write 0.001"
    )
    assert refusal({"lr0": None}) == "variants.a.settings.lr0 is None; it must be a number"


def test_a_setting_that_gentle_augmentation_would_ignore_is_refused(project: Project) -> None:
    yolo, resnet = (load(project.params).variants[f"small-{name}"] for name in ("yolo", "resnet"))
    gentle = {"augmentation": "gentle", "settings": {"erasing": 0.2}}
    with pytest.raises(ParamsError) as error:
        check_yolo("a", yolo.model_copy(update=gentle))
    assert str(error.value) == (
        "variants.a.settings.erasing has no effect with augmentation: gentle; "
        "leave out one of the two"
    )
    turned = {"augmentation": "gentle", "settings": {"head_epochs": 1, "rotation_degrees": 5}}
    with pytest.raises(ValidationError, match="rotation_degrees has no effect"):
        ResnetVariant.model_validate(resnet.model_dump() | turned)


def test_what_is_reserved_exists() -> None:
    spec = find_spec("ultralytics")
    assert spec is not None and spec.origin is not None
    defaults = (Path(spec.origin).parent / "cfg" / "default.yaml").read_text(encoding="utf-8")
    assert set(RESERVED) <= set(yaml.safe_load(defaults))


def test_no_model_is_named_but_by_weights() -> None:
    assert refusal({"distill_model": "teacher.pt"}) == (
        "variants.a.settings.distill_model cannot be set here: a variant learns from faces alone"
    )


def test_an_unknown_architecture_gets_a_suggestion() -> None:
    check_yolo_architecture("a", "yolov8x-cls.yaml")
    check_yolo_architecture("a", "yolo11n-cls.yaml")
    with pytest.raises(ParamsError) as error:
        check_yolo_architecture("a", "yolov8n-csl.yaml")
    assert str(error.value) == (
        "variants.a.weights is 'yolov8n-csl.yaml', which ultralytics has no classifier of; "
        "did you mean 'yolov8n-cls.yaml'?"
    )


def test_the_check_does_not_import_ultralytics() -> None:
    code = (
        "import sys; from mien.train.settings import check_yolo_settings;"
        "check_yolo_settings('a', {'batch': 4}); print('ultralytics' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
