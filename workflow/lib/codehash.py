"""What code a command runs, as one hash: Snakemake itself does not see imported modules.

`code_of("faces detect")` is a rule's parameter. It covers the function behind `mien faces detect`
and every module of `src` that it imports, directly or not, as syntax trees without docstrings: an
edited statement reruns what runs it, an edited comment reruns nothing. A file that such a module
names, a page's template say, belongs to it. Of the modules that every command imports only what
the command uses counts. The settings' own values do not: they are parameters of the rules.
"""

import ast
import contextlib
import hashlib
import json
import os
import re
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import mien
from workflow.lib.syntax import (
    mentions,
    names_in,
    nodes,
    parsed,
    pieces_of,
    pieces_of_settings,
    strings,
    text,
    used,
)

PACKAGE = Path(mien.__file__).parent
COPY = Path(os.environ.get("MIEN_CODE", ""))  # of the code of this run, named by what it holds
MEMORY = Path(".snakemake/codes.json")
PARAMS = [f"mien.params.{path.stem}" for path in sorted((PACKAGE / "params").glob("[!_]*.py"))]
SETTINGS = ("mien", "mien.layout", "mien.options", "mien.params", *PARAMS)
SHARED = {*SETTINGS, "mien.cli", "mien.own_code"}  # the last refuses, and computes nothing
# what mien.params.load returns is in the rules' parameters, as is a variant, whatever others there
# are; a version is told, and decides nothing
VALUES = frozenset({"load", "AnyVariant", "__version__"})
IMPLICIT = {"sitecustomize", "usercustomize"}  # Python itself imports them, if they are there

ATTRIBUTE = re.compile(r"\.(\w+)")

Code = list[tuple[str, ast.AST]]  # statements, each with the package that it stands in

packages: dict[str, list[str]] = {}  # what code imports from elsewhere, by its hash


def code_of(command: str) -> str:
    """Return the hash of the code behind `mien <phase> <verb>`; raise KeyError for no such verb.

    After the verb stand modules that it finds by a name which its code does not have, such as that
    of a family: `train fit mien.train.yolo`.
    """
    known = _remembered()
    if command not in known:
        known[command] = _hashed(command)
    hashed, packages[hashed] = known[command]
    return hashed


def remember() -> None:
    """Keep the hashes for the next run of the same code, which then need not read all of it."""
    content = json.dumps({"of": _identity(), "commands": _remembered()})
    with contextlib.suppress(OSError):  # without a memory, all is read again
        if PACKAGE.parent == COPY and not (MEMORY.is_file() and MEMORY.read_text() == content):
            half = MEMORY.with_name(f"{MEMORY.name}-{os.getpid()}")
            half.write_text(content)
            half.replace(MEMORY)


@cache
def _remembered() -> dict[str, tuple[str, list[str]]]:
    """Return the hash and the packages of each command, as far as they are known for this code."""
    try:
        memory = json.loads(MEMORY.read_bytes()) if PACKAGE.parent == COPY else {}
        if memory["of"] != _identity():
            return {}
        return {name: (str(known[0]), [*known[1]]) for name, known in memory["commands"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return {}  # there is none, or it is damaged


@cache
def _identity() -> list[str]:
    """Return what the hashes follow from: the code by the name of its copy, and how it is read."""
    readers = [Path(__file__).with_name(name).read_bytes() for name in ("codehash.py", "syntax.py")]
    read_by = hashlib.sha256(b"\0".join(readers)).hexdigest()[:16]
    return [COPY.name, read_by, f"{sys.version_info.major}.{sys.version_info.minor}"]


def _hashed(command: str) -> tuple[str, list[str]]:
    """Return the hash of the code behind a command, and the packages that it imports."""
    phase, verb, *found = command.split()
    main = used(pieces_of(_tree("mien.cli")), ["main"], names_in)
    own = [*_function_behind(phase, verb.replace("-", "_")), *(("mien", part) for part in main)]
    code, modules = own, _closure(_imports(own) | IMPLICIT | {*found})
    while True:
        names = mentions(*(part for _, part in own)).union(*map(_mentions, modules))
        code = [*own, *_settings(names)]
        more = _closure(modules | _imports(code))
        if more == modules:
            break
        modules = more
    pieces = [text(part) for _, part in code]
    pieces += [part for module in sorted(modules) for part in _text(module)]
    hashed = hashlib.sha256("\n".join(pieces).encode()).hexdigest()[:16]
    imported = _imported(code).union(*map(_imported_by, modules))
    return hashed, sorted({name.partition(".")[0] for name in imported} - _own())


def _function_behind(phase: str, verb: str) -> Code:
    """Return a command's function and whatever else of its module it uses."""
    for path in sorted((PACKAGE / phase).glob("*commands.py")):
        pieces = list(pieces_of(parsed(path)))
        if any(verb in piece.names for piece in pieces):
            return [(f"mien.{phase}", part) for part in used(pieces, [verb], names_in)]
    raise KeyError(f"{phase} {verb}")


def _settings(names: set[str]) -> Code:
    """Return what the names use of the modules that every command imports."""
    pieces = [piece for module in SETTINGS for piece in pieces_of_settings(_tree(module), VALUES)]
    pieces = [p for p in pieces if getattr(p.statement, "module", None) not in SETTINGS]
    return [("mien", part) for part in used(pieces, names, mentions)]


def _closure(wanted: set[str]) -> set[str]:
    """Return the modules that are a file of src, and those that they import, directly or not."""
    reached: set[str] = set()
    wanted = {module for module in wanted if _is_ours(module)}
    while wanted:
        module = wanted.pop()
        reached.add(module)
        wanted |= _imports_of(module) - reached
    return reached


@cache
def _imports_of(module: str) -> set[str]:
    return set(filter(_is_ours, _imports(_whole(module))))


def _imports(code: Code) -> set[str]:
    """Return the modules that code may import: packages around them too, and names in texts."""
    names = _imported(code)
    for _, part in code:
        names |= {name for name in strings(part) if name.startswith("mien.")}
    return names | {str(parent) for name in names for parent in _packages_around(name)}


def _imported(code: Code) -> set[str]:
    """Return the names in the import statements, inside functions too."""
    names: set[str] = set()
    for package, part in code:
        for node in nodes(part):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                above = package.rsplit(".", node.level - 1)[0] if node.level else ""
                module = ".".join(filter(None, [above, node.module]))
                names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


@cache
def _imported_by(module: str) -> set[str]:
    return _imported(_whole(module))


def _packages_around(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


@cache
def _is_ours(module: str) -> bool:
    return (
        module not in SHARED and module.replace(".", "").isidentifier() and _file(module).is_file()
    )


@cache
def _own() -> set[str]:
    """Return what is no package from elsewhere: Python's own modules, and those of src."""
    return {*sys.stdlib_module_names, *(path.stem for path in PACKAGE.parent.iterdir())}


@cache
def _mentions(module: str) -> set[str]:
    """Return what a module uses by name, and what the templates that it fills do."""
    inside = [
        name
        for file in _companions(module)
        for name in ATTRIBUTE.findall(file.decode(errors="replace"))
    ]
    return mentions(_tree(module)) | {f".{name}" for name in inside}


@cache
def _text(module: str) -> list[str]:
    """Return a module, its name first, and the files that belong to it, as texts."""
    return [
        module,
        text(_tree(module)),
        *(file.decode(errors="replace") for file in _companions(module)),
    ]


@cache
def _companions(module: str) -> list[bytes]:
    """Return the files of the package that a module names, and those that they name in turn."""
    texts, folder = strings(_tree(module)), _file(module).parent
    names = {text.rpartition("/")[2] for text in texts}
    patterns = [f"*{name}" if name[:1] == "." else name for name in names]
    patterns = [p for p in patterns if "*" in p and "*" not in p.rpartition(".")[2]]
    named = {
        path
        for path in _data()
        if path.name in names
        or (folder in path.parents and any(fnmatch(path.name, p) for p in patterns))
    }
    while True:
        held = [_data()[path] for path in sorted(named)]
        more = {path for path in _data() if any(path.name.encode() in file for file in held)}
        if more <= named:
            return held
        named |= more


@cache
def _data() -> dict[Path, bytes]:
    """Return the files of the package that are no code, and what they hold."""
    return {
        path: path.read_bytes()
        for path in PACKAGE.rglob("*.*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }


def _whole(module: str) -> Code:
    path = _file(module)
    is_package = path.name == "__init__.py"
    return [(module if is_package else module.rpartition(".")[0], _tree(module))]


def _file(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _tree(module: str) -> ast.Module:
    return parsed(_file(module))
