"""Who may import whom: the drawing in docs/architecture.md, held against the code."""

import ast
import re
from graphlib import TopologicalSorter

import pytest
from running import ROOT

PACKAGE = ROOT / "src" / "mien"
DRAWING = re.compile(r"```floors\n(.+?)```", re.S)
GROUND = "ground"


def floors():
    """Return the rooms of each floor, the highest first, as the documentation draws them."""
    (drawn,) = DRAWING.findall((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    return [line.split("·")[0].split() for line in drawn.splitlines() if line.strip()]


def modules():
    """Return the file of every module by its name."""
    names = {
        path: path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")
    }
    return {".".join(name.parts).removesuffix(".__init__"): path for path, name in names.items()}


def room(module):
    """Return the room that a module is in; those beside the packages are the ground floor."""
    parts = module.split(".")
    is_package = (PACKAGE / parts[1]).is_dir() if len(parts) > 1 else False
    return parts[1] if is_package or module == "mien.cli" else GROUND


def imports(tree, known):
    """Return the modules of mien that a syntax tree imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mien"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)


def arrows():
    """Return every import as (module, imported module)."""
    known = modules()
    return [
        (module, other)
        for module, path in known.items()
        for other in imports(ast.parse(path.read_text(encoding="utf-8")), known)
    ]


def test_every_room_is_drawn():
    drawn = [name for floor in floors() for name in floor]
    assert sorted(drawn) == sorted({room(module) for module in modules()})


def test_no_room_imports_one_beside_or_above_it():
    height = {name: -place for place, floor in enumerate(floors()) for name in floor}
    wrong = [
        f"{module} imports {other}"
        for module, other in arrows()
        if room(module) != room(other) and height[room(module)] <= height[room(other)]
    ]
    assert wrong == []


def test_no_modules_import_each_other():
    graph = {}
    for module, other in arrows():
        if module != other and other != "mien":
            graph.setdefault(module, set()).add(other)
    assert len(list(TopologicalSorter(graph).static_order())) > 200


@pytest.mark.parametrize("room_name", sorted({room(module) for module in modules()}))
def test_no_room_is_a_quarter_of_the_house(room_name):
    sizes = {}
    for module, path in modules().items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        sizes[room(module)] = sizes.get(room(module), 0) + lines
    assert sizes[room_name] < sum(sizes.values()) / 4
