"""What the pages share: how a template is filled, their look, and what they do by themselves."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from mien import __version__, words

Row = dict[Any, Any]  # what a template is told of one thing, by name
FILTERS = (
    *("percent", "short_percent", "decimal", "count", "spaced", "listing", "points"),
    "interval",
)


def render(names: Sequence[str], **values: Any) -> str:
    """Return a page: the first of the named templates, filled, which may take in the others.

    Besides these it has those that all pages share, and no others. A module thus names every
    template it fills, and an edited one changes the hash of its code. All values are escaped.
    """
    shared = ("base.html.j2", "macros.html.j2")
    templates = Environment(
        loader=DictLoader({name: _text(name) for name in (*shared, *names)}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        templates.filters[name] = getattr(words, name)
    style, script = (Markup(_text(name)) for name in ("report.css", "report.js"))
    templates.globals |= {"style": style, "script": script, "version": __version__}
    return templates.get_template(names[0]).render(values)


def mark(at: Any, low: Any, high: Any, start: float, end: float) -> Row:
    """Return where a value and its interval are on an axis, in per cent from its start, or None."""
    values = {"at": at, "low": low, "high": high}
    length = end - start
    return {
        name: None if pd.isna(value) else round(100 * (value - start) / length, 2)
        for name, value in values.items()
    }


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
