"""The checks of a variant's settings for ultralytics, without importing it."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from mien.errors import ParamsError, suggestion
from mien.params import YoloVariant

# what mien itself decides, or what would make a run incomparable or incomplete
RESERVED = {
    "task": "a variant classifies",
    "mode": "a variant is trained",
    "model": "the variant has weights",
    "pretrained": "the variant has weights",
    "data": "the variant has labels and a scheme",
    "split": "the variant has a scheme",
    "epochs": "the variant has epochs",
    "time": "the variant has epochs",
    "imgsz": "the variant has image_size_px",
    "seed": "the variant has seeds",
    "single_cls": "the variant has classes",
    "classes": "the variant has classes",
    "val": "every epoch is validated for the history",
    "device": "a GPU is used where there is one",
    "workers": "the command has --threads",
    "distill_model": "a variant learns from faces alone",
    **dict.fromkeys(("deterministic", "resume", "cfg", "profile"), "runs can be repeated"),
    **dict.fromkeys(("project", "name", "exist_ok", "save", "save_period"), "runs have a folder"),
    **dict.fromkeys(("plots", "verbose", "save_json"), "the report shows the runs"),
}


AUGMENTATION = {"auto_augment", "erasing", "scale", "fliplr", "flipud", "hsv_h", "hsv_s", "hsv_v"}


def check_yolo(name: str, variant: YoloVariant) -> None:
    """Raise ParamsError when ultralytics has no such classifier or no such setting."""
    check_yolo_architecture(name, variant.weights)
    check_yolo_settings(name, variant.settings)
    if variant.augmentation == "gentle":
        for setting in sorted(AUGMENTATION.intersection(variant.settings)):
            raise ParamsError(
                f"variants.{name}.settings.{setting} has no effect with augmentation: gentle; "
                "leave out one of the two"
            )


def check_yolo_settings(name: str, settings: Mapping[str, Any]) -> None:
    """Raise ParamsError for the first setting that ultralytics does not know or mien decides."""
    known = _defaults()
    free = [setting for setting in known if setting not in RESERVED]
    for setting, value in settings.items():
        place = f"variants.{name}.settings.{setting}"
        if setting in RESERVED:
            raise ParamsError(f"{place} cannot be set here: {RESERVED[setting]}")
        if setting not in known:
            hint = suggestion(setting, free) or "; see its documentation"
            raise ParamsError(f"{place} is not a setting of ultralytics{hint}")
        if _is_number(known[setting]) and not _is_number(value):
            hint = "; YAML reads 1e-3 as a text, write 0.001" if isinstance(value, str) else ""
            raise ParamsError(f"{place} is {value!r}; it must be a number{hint}")


def check_yolo_architecture(name: str, weights: str) -> None:
    """Raise ParamsError when the yaml is no classifier that ultralytics can build."""
    known = _architectures()
    if weights.endswith(".yaml") and weights not in known:
        hint = suggestion(weights, known) or f"; there are {', '.join(known)}"
        raise ParamsError(
            f"variants.{name}.weights is {weights!r}, which ultralytics has no classifier of{hint}"
        )


@cache
def _defaults() -> dict[str, Any]:
    """Return ultralytics' settings with their defaults."""
    text = (_ultralytics() / "cfg" / "default.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def architecture(name: str) -> Path:
    """Return ultralytics' own file of a classifier, with its size in the name as in `name`.

    By the name alone ultralytics would take a file of the working folder.
    """
    return _architectures()[name]


@cache
def _architectures() -> dict[str, Path]:
    """Return the files of the classifiers: of yolov8n-cls.yaml, say, that is yolov8-cls.yaml."""
    files: dict[str, Path] = {}
    for path in sorted((_ultralytics() / "cfg" / "models").glob("*/*-cls*.yaml")):
        scales = yaml.safe_load(path.read_text(encoding="utf-8")).get("scales") or {"": None}
        names = [re.sub(r"(?<=\d)(?=-)", scale, path.name, count=1) for scale in scales]
        files |= {name: path.with_name(name) for name in names}
    return files


def _ultralytics() -> Path:
    """Return the folder of the installed package."""
    spec = find_spec("ultralytics")
    if spec is None or spec.origin is None:
        raise ParamsError("ultralytics is not installed; pip install 'mien[pipeline]'")
    return Path(spec.origin).parent


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
