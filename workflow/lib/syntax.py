"""What Python source says: its statements, what they define, and what they use.

Equal code gives equal text on every version of Python, comments and docstrings left out.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Piece(NamedTuple):
    """A statement, and the names by which others use it; one without names always runs."""

    names: frozenset[str]
    statement: ast.stmt


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """Return the tree's nodes; most trees are looked through more than once."""
    return list(ast.walk(tree))


@cache
def parsed(path: Path) -> ast.Module:
    """Return the file's syntax tree without docstrings; comments are not in it anyway."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def text(node: Any) -> str:
    """Return the tree as text; what is empty is left out, as some versions do not know it."""
    if isinstance(node, list):
        return f"[{','.join(map(text, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
    inside = ",".join(f"{name}={text(value)}" for name, value in fields if name != "kind")
    return f"{type(node).__name__}({inside})"


def used(
    pieces: Iterable[Piece], wanted: Iterable[str], uses: Callable[[ast.stmt], set[str]]
) -> list[ast.stmt]:
    """Return the statements that the wanted names need, and those that always run, in order."""
    pieces = list(pieces)
    names, found = set(wanted), [False] * len(pieces)
    while True:
        news = [
            place
            for place, piece in enumerate(pieces)
            if not found[place] and (not piece.names or piece.names & names)
        ]
        if not news:
            return [piece.statement for piece, has in zip(pieces, found, strict=True) if has]
        for place in news:
            found[place] = True
            names |= uses(pieces[place].statement)


def pieces_of(tree: ast.Module) -> Iterator[Piece]:
    """Yield the statements of a module of commands: what registers commands is left out."""
    for statement in tree.body:
        names = frozenset(defines(statement))
        decorators = getattr(statement, "decorator_list", [])
        if any("callback" in text(decorator) for decorator in decorators):
            yield Piece(frozenset(), statement)  # typer calls it before every command
        elif names != {"app"} and (names or "app" not in _names(statement)):
            yield Piece(names, statement)


def pieces_of_settings(tree: ast.Module, but: frozenset[str]) -> Iterator[Piece]:
    """Yield what computes in a module of settings, for them are values: methods and functions.

    The names of methods begin with a dot. A validator counts only by the attributes it stores.
    """
    for statement in tree.body:
        if not isinstance(statement, ast.ClassDef):
            if not but.intersection(defines(statement)):
                yield Piece(frozenset(defines(statement)), statement)
            continue
        for member in statement.body:
            names = _member_names(member)
            if names is not None:
                yield Piece(frozenset(names), member)


def _member_names(member: ast.stmt) -> set[str] | None:
    """Return the names by which a member of a class is used, None for a field or its check."""
    if isinstance(member, FUNCTIONS):
        if any("validator" in text(decorator) for decorator in member.decorator_list):
            stored = (node for node in nodes(member) if isinstance(node, ast.Attribute))
            return {f".{n.attr}" for n in stored if isinstance(n.ctx, ast.Store)} or None
        if member.name.startswith(("__", "model_")):
            return set()  # used without being named
        is_property = any("property" in text(decorator) for decorator in member.decorator_list)
        return {f".{member.name}"} | (set() if is_property else {f".{member.name}()"})
    names = {f".{name}" for name in defines(member)}
    is_value = isinstance(member, ast.AnnAssign) and "ClassVar" not in text(member.annotation)
    is_private = any(name.startswith("._") for name in names)
    return names if names and (is_private or not is_value) else None


def defines(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives to what follows it."""
    if isinstance(statement, (ast.ClassDef, *FUNCTIONS)):
        return {statement.name}
    names: set[str] = set()
    for node in nodes(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            names.add(node.name)
    return names


def mentions(*trees: ast.AST) -> set[str]:
    """Return the names that code uses, those of attributes with a dot too.

    A call of what every text has, such as `split()`, is no use of a property by that name.
    """
    names = set().union(*map(_names, trees))
    inside = [node for tree in trees for node in nodes(tree)]
    called = {id(node.func) for node in inside if isinstance(node, ast.Call)}
    found = [node for node in inside if isinstance(node, ast.Attribute)]
    names |= {node.attr for node in found}
    names |= {
        f".{node.attr}()" if id(node) in called and hasattr(str, node.attr) else f".{node.attr}"
        for node in found
    }
    if "getattr" in names:
        names |= {f".{name}" for tree in trees for name in strings(tree)}
    return names


def names_in(statement: ast.stmt) -> set[str]:
    """Return the names that a statement takes from around it: a function's arguments are its own.

    One of them may be called as another command is.
    """
    if not isinstance(statement, FUNCTIONS):
        return _names(statement)
    arguments = {node.arg for node in nodes(statement.args) if isinstance(node, ast.arg)}
    inside = set().union(*map(_names, statement.body)) - arguments
    return inside.union(*map(_names, [statement.args, *statement.decorator_list]))


def strings(node: ast.AST) -> set[str]:
    """Return the texts in the code; what is filled into one is a `*`."""
    parts = [n.values for n in nodes(node) if isinstance(n, ast.JoinedStr)]
    filled = {"".join(str(getattr(part, "value", "*")) for part in part) for part in parts}
    constants = (n.value for n in nodes(node) if isinstance(n, ast.Constant))
    return filled | {value for value in constants if isinstance(value, str)}


def _names(node: ast.AST) -> set[str]:
    names = {n.id for n in nodes(node) if isinstance(n, ast.Name)}
    for part in nodes(node):
        if isinstance(part, ast.ImportFrom):
            names |= {alias.name for alias in part.names}
    return names
