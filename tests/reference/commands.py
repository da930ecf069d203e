"""docs/commands.md, from the commands as typer knows them and the rules that run some of them."""

import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import typer
from running import ROOT

from mien import cli
from mien.train.families import FAMILIES
from reference.markdown import escaped, grid, listed

INTRODUCTION = """\
# Commands

`mien COMMAND -h` says the same as this page, and `mien --version` shows the version. Type commands in the folder of
your project. `mien new`, `mien predict`, `mien compare` and `mien live` need no project. Exit code 2 means that you
can mend what went wrong: one line says how.
"""
RULES = """\
## Commands that only rules run

`snakemake` runs these. You need not type them; `-h` shows their options.
"""

BOTH = ("acquire weights",)  # rules run them, and people type them


def commands_page() -> str:
    """Return the page: the commands that people type, then those that rules run."""
    every = dict(commands())
    rows = [[f"`mien {name}`", rules, told(every[name])[0]] for name, rules in ran().items()]
    typed = [
        part(name, command) for name, command in every.items() if name not in ran() or name in BOTH
    ]
    return "\n".join([INTRODUCTION, *typed, RULES, grid("command, rule, what it does", rows)])


def commands(command: Any = None, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the commands that do something, by the words typed after `mien`, but hidden ones."""
    command = command or typer.main.get_command(cli.app)
    below = getattr(command, "commands", {})
    if name and (not below or command.invoke_without_command):
        yield name, command
    for word, found in below.items():
        if not found.hidden:
            yield from commands(found, f"{name} {word}".strip())


def ran() -> dict[str, str]:
    """Return the commands in workflow/rules, and the rules that run each."""
    found, rules = {}, ""
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for line in path.read_text().splitlines():
            if begun := re.match(r"rule (\w+):", line):
                rules = f"`{begun[1]}`"
            elif named := re.match(r'\s+f"(\w+)\{family\}"', line):
                rules = ", ".join(f"`{named[1]}{family}`" for family in FAMILIES)
            elif typed := re.match(r'\s+"?mien (\w+ \S+)', line):
                found[typed[1]] = rules
    return found


def told(command: Any) -> list[str]:
    """Return the paragraphs of a command's help."""
    text = command.callback.__doc__
    assert text, f"{command.name} has no description"
    return [escaped(" ".join(words.split())) for words in text.strip().split("\n\n")]


def part(name: str, command: Any) -> str:
    """Return a command's heading, how it is typed, what it does, and its options."""
    hints = get_type_hints(command.callback)
    given = [argument(one) for one in command.params if is_argument(one)]
    usage = " ".join([name, *given, *["[OPTIONS]"] * (len(given) < len(command.params))])
    rows = [option(one, hints[one.name]) for one in command.params]
    table = grid("option, default, what it does", rows) if rows else ""
    texts = [f"## mien {name}", f"```sh\nmien {usage}\n```", *told(command), table]
    return "\n\n".join(filter(None, texts)).rstrip() + "\n"


def is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def argument(param: Any) -> str:
    """Return an argument as it is typed: in brackets if it may be left out, dots for several."""
    name = f"{param.name.upper()}{'...' if param.nargs != 1 else ''}"
    return name if param.required else f"[{name}]"


def option(param: Any, hint: Any) -> list[str]:
    """Return the row of an argument or an option."""
    assert param.help, f"the option {param.name} has no description"
    names = [argument(param)] if is_argument(param) else [*param.opts, *param.secondary_opts]
    default = param.show_default if isinstance(param.show_default, str) else param.default
    value = "" if default in (None, "", False) else f"`{default}`"
    if default is True:
        value = f"`{names[0]}`"
    if param.required and not is_argument(param):
        value = "required"
    words = [" ".join(param.help.split()).removesuffix(".") + ".", *limits(param)]
    if choices := list(words_of(hint)):
        words.append(f"One of {listed(choices)}.")
    if param.multiple and "several" not in param.help:
        words.append("Can be given several times.")
    return [", ".join(f"`{name}`" for name in names), value, " ".join(words)]


def words_of(hint: Any) -> Iterator[str]:
    """Yield the words that a type allows."""
    for inside in get_args(hint):
        yield from [inside] if isinstance(inside, str) else words_of(inside)


def limits(param: Any) -> list[str]:
    """Return the range of a number as a sentence, if it has one."""
    low, high = getattr(param, "min", None), getattr(param, "max", None)
    if low is None:
        return []
    return [f"From {low:g} to {high:g}." if high is not None else f"At least {low:g}."]
