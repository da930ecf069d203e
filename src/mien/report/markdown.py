"""Markdown from templates, readable as plain text too.

Whatever a template is given stays text: it cannot end a table's cell, start a tag or hide a link
behind other words. A missing value is an error, never a printed word.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mien import __version__, words

Rows = list[list[Any]]  # of a table
# within a word an underscore is no mark, and names are full of them
MARKS = re.compile(r"[&<>|\\`*\[\]~]|(?<![^\W_])_|_(?![^\W_])")


def render(name: str, **values: Any) -> str:
    """Return a template of this package, filled; its filters are the words of the report page."""
    templates = Environment(
        loader=PackageLoader(__package__, "."),
        finalize=text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for word in ("percent", "short_percent", "decimal", "count", "spaced", "listing"):
        templates.filters[word] = getattr(words, word)
    templates.globals["table"] = table
    return templates.get_template(name).render(values, version=__version__)


def text(value: Any) -> Markup:
    """Return the value on one line, every mark of Markdown or HTML as a character reference.

    Markup is Markdown already. Raises ValueError for None and NaN.
    """
    if isinstance(value, Markup):
        return value
    if pd.isna(value):
        raise ValueError("a document has no word for a value that is missing")
    visible = "".join(letter if letter.isprintable() else " " for letter in str(value))
    line = " ".join(visible.split())
    return Markup(MARKS.sub(lambda mark: f"&#{ord(mark[0])};", line))


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """Return a table with padded columns; columns without letters are aligned to the right."""
    cells = [[text(value) for value in row] for row in rows]
    columns = [[text(heading), *column] for heading, *column in zip(headings, *cells, strict=True)]
    lines = ["|"] * (len(cells) + 2)
    for heading, *column in columns:
        width = max(map(len, (heading, *column, "---")))
        is_number = not any(map(str.isalpha, "".join(column)))
        pad = str.rjust if is_number else str.ljust
        rule = f"{'-' * (width - 1)}:" if is_number else "-" * width
        for place, cell in enumerate([heading, rule, *column]):
            lines[place] += f" {pad(cell, width)} |"
    return Markup("\n".join(lines))
