"""A command's code is what it runs: an edited statement changes it, an edited comment does not."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path):
    """A copy of the package whose files may be edited."""
    shutil.copytree(
        ROOT / "src" / "mien", tmp_path / "mien", ignore=shutil.ignore_patterns("__py*")
    )
    return tmp_path / "mien"


TOLD = {}  # what a process said, by the commands and what the files hold


def hashes(package, *commands):
    """Return the code of the commands as a fresh process sees it."""
    held = commands, content(package.parent)
    if held not in TOLD:
        TOLD[held] = told(package, *commands)
    return TOLD[held]


def content(folder):
    """Return a hash of the names and the contents of the folder's files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    pieces = [f"{path.relative_to(folder)}\0".encode() + path.read_bytes() for path in files]
    return hashlib.sha256(b"\0".join(pieces)).hexdigest()


def told(package, *commands):
    script = "import sys; from workflow.lib.codehash import code_of\nfor c in sys.argv[1:]: print(code_of(c))"
    environment = {"PYTHONPATH": f"{package.parent}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", script, *commands],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


YOLO = "train fit mien.train.yolo"
PAGES = ["report page", "report variant-page"]
FEW = ["faces detect", "labels consensus", YOLO]
COMMANDS = ["faces detect", "faces index", "labels consensus", YOLO, *PAGES]


def test_an_edited_statement_changes_the_commands_that_run_it(package):
    before = hashes(package, *COMMANDS)
    (package / "faces" / "crop.py").open("a").write("\nLIMIT = 3\n")
    after = hashes(package, *COMMANDS)
    changed = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a != b]
    assert changed == ["faces detect"]


def test_comments_docstrings_and_layout_change_nothing(package):
    before = hashes(package, *COMMANDS)
    for path in package.rglob("*.py"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([*lines, "\n\n# a remark\n"]))
    edit(package / "faces" / "crop.py", '"""', '"""Another way to say it: ')
    assert hashes(package, *COMMANDS) == before


def test_a_shared_module_changes_all_that_import_it(package):
    before = hashes(package, *COMMANDS)
    (package / "tables.py").open("a").write("\nLIMIT = 3\n")
    after = hashes(package, *COMMANDS)
    unchanged = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a == b]
    assert "labels consensus" not in unchanged
    assert "faces index" not in unchanged


def changed(package, *names):
    """Return a function that tells which of the commands have other code now than at the start."""
    names = names or FEW
    before = hashes(package, *names)
    return lambda: [
        name for name, a, b in zip(names, before, hashes(package, *names), strict=True) if a != b
    ]


FIELDS = [
    ("faces", "    min_sharpness:", "    new_field: Count = 3\n    min_sharpness:"),
    ("variant", "class Variant(Switches):", "class Variant(Switches):\n    hue: Share = 0.5\n"),
    ("variant", "class Switches(Section):", "class Switches(Section):\n    hue: bool = False\n"),
    ("acquire", "Annotated[int, Field(ge=0, le=16)]", "Annotated[int, Field(ge=0)]"),
    ("variants", "default=1e-4", "default=1e-3"),
    ("variants", "Which epoch's weights are kept.", "What is kept of train.yolo_trainer."),
    ("variants", "import Count,", "import Count, Licence,"),
    ("labels", "quorum is {self.quorum}", "quorum is now {self.quorum}"),
    ("whole", "content = read_yaml(path, held)", "content = dict(read_yaml(path))"),
    ("moved", '"streaming" in acquire', '"stream" in acquire'),
    ("section", "if not re.fullmatch(NAME, text)", "if not re.match(NAME, text)"),
    ("section", "if value in values[:place]", "if value in values[place + 1 :]"),
    ("__init__", "import EvaluateParams\n", "import EvaluateParams, Share\n"),
]


@pytest.mark.parametrize(("module", "old", "new"), FIELDS)
def test_fields_and_their_checks_are_no_code_since_values_are_parameters(package, module, old, new):
    changes = changed(package, *FEW, "evaluate compare")
    edit(package / "params" / f"{module}.py", old, new)
    assert changes() == []


TRAINED = [YOLO]
COMPUTED = [
    (
        "variant",
        'return "initial" if self.labels == "initial"',
        'return "initial" if self.labels',
        TRAINED,
    ),
    ("whole", "return [variant.view]", "return 2 * [variant.view]", TRAINED),
    ("variant", 'self.weights == "random" or', 'self.weights == "none" or', TRAINED),
    ("whole", 'aside = {"image_size_px",', 'aside = {"epochs",', ["report variant-page"]),
]


@pytest.mark.parametrize(("module", "old", "new", "commands"), COMPUTED)
def test_what_settings_compute_is_the_code_of_those_who_ask_for_it(
    package, module, old, new, commands
):
    changes = changed(package, *FEW, "report variant-page")
    edit(package / "params" / f"{module}.py", old, new)
    assert set(changes()) >= set(commands)
    assert "labels consensus" not in changes()
    assert (YOLO in changes()) == (YOLO in commands)


def test_what_a_method_of_the_settings_uses_is_its_code_whatever_module_has_it(package):
    whole, section = package / "params" / "whole.py", package / "params" / "section.py"
    edit(whole, "return [variant.view]", "return FACTOR * [variant.view]")
    edit(whole, "import Name, Section", "import FACTOR, Name, Section")
    edit(section, "class Section(", "FACTOR = 1\n\n\nclass Section(")
    changes = changed(package)
    edit(section, "FACTOR = 1", "FACTOR = 2")
    assert set(changes()) >= set(TRAINED)
    assert "labels consensus" not in changes()


def test_a_private_value_that_a_check_stores_is_the_code_of_those_who_read_it(package):
    whole = package / "params" / "whole.py"
    edit(
        whole,
        "    def variant(self, name",
        "    _twice: int = 0\n\n    @model_validator(mode='after')\n    def _double(self):\n"
        "        self._twice = 2 * self.faces.min_size_px\n        return self\n\n"
        "    def variant(self, name",
    )
    edit(whole, "return [variant.view]", "return [variant.view][self._twice :]")
    changes = changed(package)
    edit(whole, "self._twice = 2 *", "self._twice = 3 *")
    assert set(changes()) >= set(TRAINED)
    assert "labels consensus" not in changes()


def test_a_new_family_retrains_no_other(package):
    changes = changed(package, "faces detect", YOLO, "train fit mien.train.resnet", "train split")
    families, variants = package / "train" / "families.py", package / "params" / "variants.py"
    families.open("a").write("FAMILIES['mean'] = Family('a mean', 'model.npz', {})\n")
    edit(
        variants,
        "AnyVariant = Annotated[",
        "class MeanVariant(Variant):\n    settings: None\n\n\nAnyVariant = Annotated[MeanVariant | ",
    )
    assert changes() == []


EVERYWHERE = [
    ("__init__.py", "\nimport os\nos.environ['X'] = '1'\n"),
    ("cli.py", "\nimport os\nos.environ['X'] = '1'\n"),
    ("cli.py", "\n@app.callback()\ndef first() -> None:\n    print('before every command')\n"),
    ("options.py", "\nPARAMS = Path('others.yaml')\n"),
]


@pytest.mark.parametrize(("name", "more"), EVERYWHERE)
def test_what_every_command_runs_is_the_code_of_all(package, name, more):
    changes = changed(package)
    (package / name).open("a").write(more)
    assert changes() == FEW


def test_another_version_or_another_command_is_not(package):
    changes = changed(package, "faces detect", *TRAINED, "report page")
    edit(package / "__init__.py", '__version__ = "', '__version__ = "9')
    (package / "cli.py").open("a").write("\napp.command(name='more')(doctor)\n")
    (package / "train" / "commands.py").open("a").write(
        "\n@app.command()\ndef more() -> None:\n    'Do more.'\n"
    )
    assert changes() == []


WITHIN_COMMANDS = [
    "LIMIT: int = {0}",
    "LIMIT, OTHER = {0}, 3",
    "LIMIT = 0\nLIMIT += {0}",
    "if True:\n    LIMIT = {0}",
    "try:\n    LIMIT = {0}\nexcept ValueError:\n    pass",
    "async def late():\n    return {0}\n\n\nLIMIT = late",
    "TABLE = {{}}\nTABLE['limit'] = {0}\nLIMIT = TABLE",
    "@app.callback()\ndef first() -> None:\n    print({0})\n\n\nLIMIT = 1",
    "def helper(n={0}):\n    return n\n\n\nLIMIT = helper()",
]


@pytest.mark.parametrize("statement", WITHIN_COMMANDS)
def test_whatever_defines_what_a_verb_uses_is_its_code(package, statement):
    commands = package / "faces" / "commands.py"
    edit(
        commands,
        "    settings = load(params).faces\n",
        "    settings = load(params).faces, LIMIT\n",
    )
    edit(commands, "\n\n@app", f"\n{statement.format(1)}\n\n@app")
    changes = changed(package)
    edit(commands, statement.format(1), statement.format(2))
    assert "faces detect" in changes()
    assert YOLO not in changes()


REACHED = [
    "from . import more",
    "from .more import LIMIT",
    "from mien.faces import more",
    "import mien.faces.more as more",
    "import importlib\nimportlib.import_module('mien.faces.more')",
    "import beside",
]


@pytest.mark.parametrize("statement", REACHED)
def test_however_a_module_is_imported_its_code_is_seen(package, statement):
    place = package.parent / "beside.py" if "beside" in statement else package / "faces/more.py"
    place.write_text("LIMIT = 1\n")
    edit(package / "faces" / "crop.py", "import cv2\n", f"import cv2\n{statement}\n")
    changes = changed(package)
    place.write_text("LIMIT = 2\n")
    assert changes() == ["faces detect"]


def test_a_module_of_the_project_that_shadows_a_package_is_code(package):
    changes = changed(package)
    (package.parent / "ultralytics.py").write_text("LIMIT = 1\n")
    assert set(changes()) == {"faces detect", YOLO}
    (package.parent / "sitecustomize.py").write_text("LIMIT = 1\n")
    assert changes() == FEW


def test_a_package_around_a_module_is_its_code(package):
    changes = changed(package, "faces detect", YOLO, "labels consensus")
    (package / "train" / "__init__.py").open("a").write("\nLIMIT = 3\n")
    assert changes() == [YOLO]


NAMED = [
    ("'more.csv'", "more.csv"),
    ("f'{LIMIT}.csv'", "more.csv"),
    ("'tables/more.csv'", "tables/more.csv"),
    ("'first.csv'", "more.csv"),
]


@pytest.mark.parametrize(("literal", "name"), NAMED)
def test_a_file_of_the_package_that_a_module_names_is_its_code(package, literal, name):
    place = package / "faces" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("1,2\n")
    (package / "faces" / "first.csv").write_text("see more.csv\n")
    (package / "faces" / "crop.py").open("a").write(f"\nLIMIT = 3\nNAME = {literal}\n")
    changes = changed(package)
    place.write_text("1,3\n")
    assert changes() == ["faces detect"]


def test_one_verb_is_not_the_other(package):
    before = hashes(package, "faces detect", "faces index")
    edit(package / "faces" / "commands.py", "without a face", "lacking a face")
    after = hashes(package, "faces detect", "faces index")
    assert before[0] != after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("faces.html.j2", ["report page"]),
        ("matrix.html.j2", ["report variant-page"]),
        ("base.html.j2", PAGES),
        ("report.css", PAGES),
        ("report.js", PAGES),
    ],
)
def test_a_template_beside_a_module_is_its_code(package, name, commands):
    before = hashes(package, *COMMANDS)
    (package / "report" / "page" / name).open("a").write("/* more */")
    after = hashes(package, *COMMANDS)
    changed = [name for name, a, b in zip(COMMANDS, before, after, strict=True) if a != b]
    assert changed == commands
