"""docs/tables.md, from the tables that the phases declare."""

from collections.abc import Iterator
from importlib import import_module
from types import FunctionType
from typing import get_type_hints

import pyarrow as pa
from running import ROOT

from mien.tables import Column, Table
from reference import words
from reference.markdown import grid, listed

INTRODUCTION = """\
# Tables

mien checks every table when it reads or writes it: columns, types, allowed values and keys. An error names file, line,
column and value. A CSV file may have commas, semicolons or tabs. Under a key no two rows are equal.
"""
CSV = {"string": "text", "integer": "whole number", "number": "number"}
PARQUET = {"string": "text", "int64": "whole number", "double": "number", "binary": "picture"}
PARQUET["list<element: float>"] = PARQUET["list<item: float>"] = "numbers"


def tables_page() -> str:
    """Return the page: each table, in the order in which they come about."""
    declared = dict(declarations())
    strange = declared.keys() ^ words.TABLES.keys()
    assert not strange, f"tests/reference/words.py and the code differ in the tables {strange}"
    parts = [INTRODUCTION]
    for name, (file, writer) in words.TABLES.items():
        key = ", ".join(f"`{one}`" for one in getattr(declared[name], "key", ()))
        parts.append(f"## `{file}`\n\nWritten by {writer}.{f' Key: {key}.' if key else ''}\n")
        rows = [[f"`{column}`", what, said(name, column)] for column, what in held(declared[name])]
        parts.append(grid("column, holds, what it says", rows))
    return "\n".join(parts)


def declarations() -> Iterator[tuple[str, Table | pa.Schema]]:
    """Yield every table that a phase declares, by its name there; those of voters of any class."""
    places = sorted((ROOT / "src/mien").glob("*/tables.py"))
    for module in (f"mien.{path.parent.name}.tables" for path in places):
        for name, value in vars(import_module(module)).items():
            if isinstance(value, FunctionType) and value.__module__ == module:
                value = value(["*"]) if get_type_hints(value)["return"] is Table else None
            if isinstance(value, Table | pa.Schema):
                yield name, value


def held(table: Table | pa.Schema) -> Iterator[tuple[str, str]]:
    """Yield each column, and in words what it may hold."""
    if isinstance(table, Table):
        yield from ((name, what(column)) for name, column in table.columns.items())
        return
    for field in table:
        yield field.name, PARQUET[str(field.type)] + "; may be empty" * field.nullable


def what(column: Column) -> str:
    """Return the type of a column or its allowed values, and whether it may be empty or missing."""
    values = listed([value for value in column.allowed if value != "*"] or ["*"])
    if "*" in column.allowed:
        values = "an expression" + f", {values}" * (len(column.allowed) > 1)
    may = [word for word, is_so in (("empty", column.empty), ("missing", column.optional)) if is_so]
    text = values if column.allowed else CSV[column.kind]
    return f"{text}; may be {' or '.join(may)}" if may else text


def said(table: str, column: str) -> str:
    """Return what a column says; a test fails here when nobody said it."""
    text = words.COLUMNS.get(f"{table}.{column}") or words.COLUMNS.get(column)
    assert text, f"tests/reference/words.py says nothing of {table}.{column}"
    return text
