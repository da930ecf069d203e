"""The pages of reference say what the code declares: every setting, command, option and column."""

import re

import pytest
from reference import pages, words
from reference.commands import commands, ran
from reference.tables import declarations, held
from running import ROOT

from mien.params import Params

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_reference_is_up_to_date(name):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert page == PAGES[name], f"docs/{name} is out of date: type `make reference`"


def test_every_setting_is_in_the_page():
    schema = Params.model_json_schema()
    models = [schema, *schema["$defs"].values()]
    sections = {*Params.model_fields, "split", "vote", "simulated"}
    for name in {name for model in models for name in model["properties"]} - sections:
        assert f"| `{name}` |" in PAGES["settings.md"], name


def test_every_command_is_in_the_page():
    page = PAGES["commands.md"]
    for name, _ in commands():
        assert f"## mien {name}\n" in page or f"| `mien {name}` |" in page, name
    assert ran().keys() <= dict(commands()).keys()


def test_every_column_of_every_table_is_in_the_page():
    for name, table in declarations():
        _, _, rest = PAGES["tables.md"].partition(f"## `{words.TABLES[name][0]}`\n")
        for column, _ in held(table):
            assert f"| `{column}` |" in rest.partition("\n## ")[0], (name, column)


def test_what_is_said_of_tables_is_of_tables_and_commands_that_exist():
    columns = [(name, column) for name, table in declarations() for column, _ in held(table)]
    named = {column for _, column in columns} | {".".join(pair) for pair in columns}
    assert words.COLUMNS.keys() <= named
    typed = {name for name, _ in commands()}
    for _, writer in words.TABLES.values():
        for name in re.findall(r"`mien ([\w -]+?)(?: --\w+)?`", writer):
            assert name in typed, name
