"""Whether the installed code is that of the project, which has its own beside its Snakefile."""

import os
from pathlib import Path

from mien.errors import MienError

ANYWHERE = ("compare", "live", "new", "predict")  # commands that need no project
HERE = Path(__file__).resolve().parent
OWN = Path("src/mien")
# without the tables and settings that `mien new` copies: only a clone has them
CODE = (".py", ".j2", ".js", ".css", ".html", ".svg")


def refuse_other_code(command: str = "-") -> None:
    """Raise MienError when the project in this folder has other code than the running mien.

    The project's code is not run instead, since the folder may come from a stranger. Jobs, and
    users who set PYTHONPATH, have chosen their code.
    """
    if command in ANYWHERE or command.startswith("-") or not Path("Snakefile").is_file():
        return
    chosen = [os.environ.get("MIEN_CODE"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    if str(HERE.parent) in (str(Path(place).resolve()) for place in chosen if place):
        return
    if (OWN / "__init__.py").is_file() and not OWN.samefile(HERE) and _code(OWN) != _code(HERE):
        raise MienError(
            f"this project's code in {OWN} differs from the mien installed in {HERE}; type "
            f"`PYTHONPATH=src mien {command} …`, or install the project's: `pip install -e .`"
        )


def _code(folder: Path) -> dict[str, bytes]:
    """Return the content of the code files, without hidden ones such as an editor's."""
    files = (path for path in folder.rglob("[!.]*") if path.suffix in CODE and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
