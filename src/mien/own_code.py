"""Whose code runs: a project has its own beside its Snakefile, and another may be installed."""

import os
from pathlib import Path

from mien.errors import MienError

ANYWHERE = ("compare", "live", "new", "predict")  # commands that need no project
HERE = Path(__file__).resolve().parent
OWN = Path("src/mien")
# what `mien new` copies is tables and settings, and no installation but a clone has them
CODE = (".py", ".j2", ".js", ".css", ".html", ".svg")


def refuse_other_code(command: str = "-") -> None:
    """Raise MienError when the command is for the project in this folder, and its code is other.

    That code is not run in place of this: the folder may be a stranger's. Jobs, and whoever names
    the code by PYTHONPATH, have chosen.
    """
    if command in ANYWHERE or command.startswith("-") or not Path("Snakefile").is_file():
        return
    chosen = [os.environ.get("MIEN_CODE"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    if str(HERE.parent) in (str(Path(place).resolve()) for place in chosen if place):
        return
    if (OWN / "__init__.py").is_file() and not OWN.samefile(HERE) and _code(OWN) != _code(HERE):
        raise MienError(
            f"this project's code, in {OWN}, is not that of the mien installed in {HERE}; type "
            f"`PYTHONPATH=src mien {command} …`, or install it: `pip install -e .`"
        )


def _code(folder: Path) -> dict[str, bytes]:
    """Return the files of code; hidden ones, such as an editor's, are none."""
    files = (path for path in folder.rglob("[!.]*") if path.suffix in CODE and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
