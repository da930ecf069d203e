"""What the pages share: how a template is filled, and their look."""

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mien.report.page import words


def environment() -> Environment:
    """Return the templates of this package: everything they are given is escaped."""
    templates = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("percent", "decimal", "count", "spaced", "listing"):
        templates.filters[name] = getattr(words, name)
    return templates


def style() -> Markup:
    """Return the style sheet of the pages."""
    return Markup((files(__package__) / "report.css").read_text(encoding="utf-8"))
