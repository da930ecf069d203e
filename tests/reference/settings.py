"""docs/settings.md, from the models of the settings."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from running import ROOT

from mien.params import (
    AnyFeatures,
    AnyVariant,
    Params,
    PictureSwitches,
    Switches,
    Variant,
    YoloVariant,
)
from mien.params.acquire import Weights
from mien.train.settings import RESERVED
from reference.markdown import grid, listed

UNITS = {
    "megapixels": "megapixels",
    "mb_per_s": "MB/s",
    "s": "seconds",
    "px": "pixels",
    "degrees": "degrees",
}
FAMILIES = get_args(get_args(AnyVariant)[0])
EXTRACTORS = get_args(get_args(AnyFeatures)[0])
NEW = "setting, values, new project, what it does"
DEFAULT = "setting, values, unless named, what it does"
PLAIN = "setting, values, what it does"
INTRODUCTION = """\
# Settings

All settings are in `params.yaml`. mien refuses a name that it does not know. After a change, `snakemake` reruns
exactly what reads the setting. "New project" is the value that `mien new` writes. A setting with a value "unless
named" may be left out; every other must be there.
"""

Values = dict[str, Any]


def settings_page() -> str:
    """Return the page: every section, then the variants."""
    new = yaml.safe_load((ROOT / "src/mien/new/project/params.yaml").read_text())
    parts = [INTRODUCTION]
    for name, field in Params.model_fields.items():
        if name == "features":
            parts += extractors(new[name])
        elif name != "variants":
            parts += section(name, field.annotation, new[name])
    return "\n".join([*parts, *variants(next(iter(new["variants"].values())))])


def section(name: str, model: type[BaseModel], new: Values) -> Iterator[str]:
    """Yield the heading and the table of a section, then those of the sections inside it."""
    fields = {key: field.annotation for key, field in model.model_fields.items()}
    inner = {key: kind for key, kind in fields.items() if isinstance(new[key], dict)}
    inner.pop("weights", None)
    yield f"##{'#' * name.count('.')} {name}\n\n{model.__doc__}\n"
    if own := [row(model, key, new) for key in fields if key not in inner]:
        yield grid(NEW, own)
    if name == "acquire":
        yield "A file under `acquire.weights` has `sha256`, and either `url` or `path`:\n"
        yield grid(PLAIN, [row(Weights, key) for key in Weights.model_fields])
    for key, kind in inner.items():
        yield from section(f"{name}.{key}", kind, new[key])


def extractors(new: Values) -> Iterator[str]:
    """Yield what an extractor may say, for each kind."""
    yield "## features\n\nAn extractor turns a face into numbers that a probe learns from. You choose the name.\n"
    for model in EXTRACTORS:
        (kind,) = get_args(model.model_fields["kind"].annotation)
        first = next(one for one in new.values() if one["kind"] == kind)
        yield f"### kind: {kind}\n\n{model.__doc__}\n"
        yield grid(NEW, [row(model, key, first) for key in model.model_fields])


def variants(new: Values) -> Iterator[str]:
    """Yield what a variant may say: in every family, its switches, and in each family."""
    common = [key for key in Variant.model_fields if key not in Switches.model_fields]
    models = {get_args(one.model_fields["family"].annotation)[0]: one for one in FAMILIES}
    family = ["`family`", listed(list(models)), shown(new["family"]), "What is trained: see below."]
    yield "## variants\n\nA variant is a named way to train. You choose the name.\n"
    yield grid(NEW, [family, *(row(Variant, key, new) for key in common)])
    yield f"### Switches\n\n{Switches.__doc__}\n"
    yield grid(DEFAULT, defaults(Switches))
    yield f"{PictureSwitches.__doc__}\n"
    yield grid(DEFAULT, defaults(PictureSwitches))
    for name, model in models.items():
        shared = {*Variant.model_fields, *PictureSwitches.model_fields, "family"}
        own = [key for key in model.model_fields if key not in shared]
        yield f"### family: {name}\n\n{described(model, 'family')}\n"
        yield grid(PLAIN, [row(model, key) for key in own])
        yield from yolo_settings() if model is YoloVariant else own_settings(model)


def yolo_settings() -> Iterator[str]:
    """Yield which settings of ultralytics mien decides itself, and why."""
    by_reason: dict[str, list[str]] = {}
    for key, reason in RESERVED.items():
        by_reason.setdefault(reason, []).append(f"`{key}`")
    yield "Some of ultralytics' settings cannot stand under `settings`, since mien decides them:\n"
    yield grid("setting, why", [[", ".join(keys), reason] for reason, keys in by_reason.items()])


def own_settings(model: type[BaseModel]) -> Iterator[str]:
    """Yield the settings of a family whose recipe is mien's own."""
    settings = model.model_fields["settings"].annotation
    yield f"What may stand under `settings`. {settings.__doc__}\n"
    yield grid(DEFAULT, defaults(settings))


def defaults(model: type[BaseModel]) -> list[list[str]]:
    """Return the rows of a model whose every setting has a default."""
    return [row(model, key, model().model_dump()) for key in model.model_fields]


def row(model: type[BaseModel], name: str, values: Values | None = None) -> list[str]:
    """Return the row of a setting; it has a value where `values` are given."""
    schema = model.model_json_schema()["properties"][name]
    unit = next((f", in {UNITS[end]}" for end in UNITS if re.search(rf"_{end}$", f"_{name}")), "")
    value = [] if values is None else [shown(values[name])]
    return [f"`{name}`", allowed(schema, unit), *value, described(model, name)]


def described(model: type[BaseModel], name: str) -> str:
    """Return what a setting does; a test fails here when nobody said it."""
    text = model.model_fields[name].description
    assert text, f"{model.__name__}.{name} has no description"
    return text


def shown(value: Any) -> str:
    """Return a value as params.yaml says it; of files of weights only the names."""
    if isinstance(value, dict) and value:
        return listed(list(value))
    text = yaml.safe_dump(value, default_flow_style=True, width=float("inf")).strip()
    return f"`{text.removesuffix('...').strip()}`"


def allowed(schema: Values, unit: str = "") -> str:
    """Return in words which values a JSON schema allows."""
    if "anyOf" in schema:
        *most, last = (allowed(kind, unit) for kind in schema["anyOf"])
        return f"{', '.join(most)}{';' * (',' in most[0])} or {last}"
    if "enum" in schema:
        return listed(["no" if value is False else value for value in schema["enum"]])
    if "pattern" in schema:
        return "64 hex digits"
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + bounds(schema) + unit
    if kind == "array" and schema["items"].get("type") == "array":
        return f"{schema['minItems']} pairs of numbers"
    if kind == "array":
        item = allowed(schema["items"])
        items = "names" if item == "text" else item.replace("number", "numbers", 1)
        ends = {"minItems": "at least", "maxItems": "at most"}
        counts = [f"{word} {schema[end]}" for end, word in ends.items() if schema.get(end, 0) > 1]
        return ", ".join([f"list of {items}", *counts])
    plain = {"boolean": "`true` or `false`", "null": "`null`", "string": "text"}
    return plain.get(kind, "names, each with its value")


def bounds(schema: Values) -> str:
    """Return the ends of the range of a number."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if high is not None:
        return f" from {low:g} to {high:g}"
    if below is not None:
        return f" above {above:g} and below {below:g}"
    if above is not None:
        return f" above {above:g}"
    return f" from {low:g}" if low is not None else ""
