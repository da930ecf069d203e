"""What code a command runs, as one hash: Snakemake itself does not see imported modules.

`code_of("faces detect")` is a rule's parameter. It covers the function behind `mien faces detect`
and every module of mien that it imports, directly or not, as syntax trees without docstrings: an
edited statement reruns what runs it, an edited comment reruns nothing. A file that such a module
names and that lies beside it, a page's template say, belongs to it. `mien.params` is left out: its
values are parameters of the rules themselves; so is `mien.options`, which reads them.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

import mien

PACKAGE = Path(mien.__file__).parent
NOT_CODE = {"mien.params", "mien.options"}


def code_of(command: str) -> str:
    """Return the hash of the code behind `mien <phase> <verb>`; raise KeyError for no such verb."""
    phase, verb = command.split()
    body = _functions_behind(_commands(phase, verb), verb)
    pieces = [ast.dump(statement) for statement in body]
    for module in sorted(_closure(body)):
        pieces += [module, ast.dump(_tree(module)), *_companions(module)]
    return hashlib.sha256("\n".join(pieces).encode()).hexdigest()[:16]


def _commands(phase: str, verb: str) -> ast.Module:
    """Return the module of the phase, of those named commands, that has the verb."""
    for path in sorted((PACKAGE / phase).glob("*commands.py")):
        tree = _tree(f"mien.{phase}.{path.stem}")
        if any(verb.replace("-", "_") in _defines(statement) for statement in tree.body):
            return tree
    raise KeyError(f"{phase} {verb}")


def _functions_behind(tree: ast.Module, verb: str) -> list[ast.stmt]:
    """Return a command's function and whatever else of its module it uses, by name."""
    named = {name: statement for statement in tree.body for name in _defines(statement)}
    wanted, found = [verb.replace("-", "_")], {}
    while wanted:
        name = wanted.pop()
        found[name] = named[name]
        uses = {node.id for node in ast.walk(named[name]) if isinstance(node, ast.Name)}
        uses -= _arguments(named[name])  # an argument may be called as another command is
        wanted += sorted(uses & named.keys() - found.keys() - {"app"})
    return [found[name] for name in sorted(found)]


def _arguments(statement: ast.stmt) -> set[str]:
    """Return the names of a function's own arguments."""
    if not isinstance(statement, ast.FunctionDef):
        return set()
    return {argument.arg for argument in (*statement.args.args, *statement.args.kwonlyargs)}


def _defines(statement: ast.stmt) -> list[str]:
    """Return the names that a statement of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    return []


def _closure(body: list[ast.stmt]) -> set[str]:
    """Return the modules of mien that the statements import, directly or not."""
    reached: set[str] = set()
    wanted = {module for statement in body for module in _imports(statement)}
    while wanted:
        module = wanted.pop()
        reached.add(module)
        wanted |= _imports_of(module) - reached
    return reached


@cache
def _imports_of(module: str) -> set[str]:
    return _imports(_tree(module))


def _imports(tree: ast.AST) -> set[str]:
    """Return the modules of mien that a syntax tree imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names - NOT_CODE if name.startswith("mien") and _file(name).is_file()}


@cache
def _companions(module: str) -> list[str]:
    """Return the contents of files that lie beside a module and are named in it."""
    strings = (node.value for node in ast.walk(_tree(module)) if isinstance(node, ast.Constant))
    names = {text for text in strings if isinstance(text, str) and "." in text.strip(".")}
    beside = (_file(module).parent / name for name in sorted(names) if "/" not in name)
    return [path.read_text(encoding="utf-8") for path in beside if path.is_file()]


def _file(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _tree(module: str) -> ast.Module:
    """Return a module's syntax tree without docstrings; comments are not in it anyway."""
    tree = ast.parse(_file(module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree
