"""Snakemake and DVC in processes of their own that begin with them imported.

To import them takes longer than to plan the tiny project. So a server imports them once for all
tests of a worker, and a run is a fork of that server: with its own folder, environment and output,
and with nothing of mien imported. Unlike a process that is started anew, all runs of a worker have
the same order of sets, and what Python reads of the environment when it starts is the server's.
"""

import atexit
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

TESTS = str(Path(__file__).parent)
ROOT = str(Path(TESTS).parent)
PROGRAMS = {"snakemake": "snakemake.cli", "dvc": "dvc.cli"}
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        *PROGRAMS.values(),
        *("snakemake.profiles", "snakemake.assets", "snakemake.storage"),
        *("dvc.cli.parser", "dvc.repo", "pandas", "pyarrow.parquet"),
    ]
)


def run(
    command: Sequence[str], folder: Path, variables: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run one of the programs to its end; stdout and stderr come together."""
    with tempfile.NamedTemporaryFile() as printed:
        process = SERVER.Process(
            target=_become, args=(command, str(folder), variables, printed.name)
        )
        process.start()
        process.join()
        said = Path(printed.name).read_text(encoding="utf-8")
        return subprocess.CompletedProcess(command, process.exitcode, said, "")


def _become(command: Sequence[str], folder: str, variables: dict[str, str], printed: str) -> None:
    """Become the program as it would be, started in the folder with these variables."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    file = os.open(printed, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout = os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    sys.executable = _python() or sys.executable
    sys.dont_write_bytecode = False
    given = variables.get("PYTHONPATH", "").split(os.pathsep)
    installed = [path for path in sys.path if path not in ("", ROOT) and not path.startswith(TESTS)]
    sys.path[:] = [str(Path.cwd()), *filter(None, given), *installed]
    sys.argv[:] = command
    try:
        sys.exit(import_module(PROGRAMS[command[0]]).main(list(command[1:])))
    finally:
        atexit._run_exitfuncs()  # a fork of the server skips them


def _python() -> str | None:
    """Return the Python of the environment whose programs are found first."""
    found = shutil.which("python")
    return found if found and (Path(found).parents[1] / "pyvenv.cfg").exists() else None
