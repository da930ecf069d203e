"""A server whose forks become Snakemake, DVC or mien: `forking.py SOCKET`, a listening socket's number.

It has imported what these programs import, and nothing of mien. A request names the words of a
command, its folder and its environment, and brings its stdin, stdout and stderr. It is answered with
the number of the process, and with the exit status at its end. A process whose client is gone is
killed, and the server ends with its standard input.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import NoReturn

TESTS = str(Path(__file__).parent)
PROGRAMS = {"snakemake": "snakemake.cli", "dvc": "dvc.cli"}
MODULES = (
    *("snakemake.cli", "snakemake.profiles", "snakemake.assets", "snakemake.storage"),
    *("snakemake.report.html_reporter", "smart_open", "graphlib", "difflib", "yte"),
    *("dvc.cli", "dvc.cli.parser", "dvc.repo", "git", "pygit2"),
    *("pandas", "pyarrow.parquet", "pyarrow.pandas_compat", "pydantic", "yaml", "typer", "numpy"),
    *("rich.progress", "cv2", "PIL.Image", "pillow_heif", "requests", "tenacity", "jinja2"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "psutil", "h5py", "av"),
    *("scipy.stats", "scipy.optimize", "scipy.sparse.csgraph", "imagehash", "importlib.metadata"),
    *("sklearn.metrics", "sklearn.model_selection", "fastapi", "uvicorn", "websockets", "yt_dlp"),
    *("flickrapi", "sqlite3", "asyncio", "email.utils", "encodings.idna", "encodings.utf_8_sig"),
)
LONGEST = 1 << 20  # bytes of a request


def serve(listener: socket.socket) -> NoReturn:
    """Fork for each request, until the standard input ends."""
    sys.path[:] = [path for path in sys.path if path != TESTS]
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("snakemake.cli").get_argument_parser()  # which looks for plugins
    gc.collect()
    gc.freeze()  # else a fork copies what its first collection touches
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        client, _ = listener.accept()
        if not os.fork():
            listener.close()
            keep(client)
        client.close()


def keep(client: socket.socket) -> NoReturn:
    """Start what the client asks for and tell it how that ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, files, _, _ = socket.recv_fds(client, LONGEST, 3)
    pid = os.fork()
    if not pid:
        client.close()
        os._exit(become(files, **json.loads(request)))
    ended = os.pidfd_open(pid)
    for file in files:
        os.close(file)
    client.send(str(pid).encode())
    ready, _, _ = select.select([client, ended], [], [])
    if ended not in ready:
        os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if ended in ready:
        client.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(files: list[int], command: list[str], folder: str, variables: dict[str, str]) -> int:
    """Run the program as it would run, started in the folder with these variables."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.stdin = os.fdopen(0)
    sys.stdout = os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    sys.executable = own_python() or sys.executable
    given = variables.get("PYTHONPATH", "").split(os.pathsep)
    here = [str(Path.cwd())] if command[0] in PROGRAMS else []  # as `python -m snakemake` has it
    sys.path[:] = [*here, *map(os.path.abspath, filter(None, given)), *sys.path]
    sys.argv[:] = command
    try:
        done = start(*command)
    except SystemExit as end:
        done = end.code
    except BaseException:
        traceback.print_exc()
        done = 1
    if isinstance(done, str):
        print(done, file=sys.stderr)
    threading._shutdown()
    atexit._run_exitfuncs()  # a fork skips them
    sys.stdout.flush()
    return int(isinstance(done, str)) if not isinstance(done, int) else done & 0xFF


def start(program: str, *words: str) -> int | None:
    """Run the program; return its exit status, if it does not exit by itself."""
    if program in PROGRAMS:
        status: int | None = importlib.import_module(PROGRAMS[program]).main(list(words))
        return status
    if program == "mien":
        importlib.import_module("mien.cli").main()
    else:
        runpy.run_path(program, run_name="__main__")
    return None


def own_python() -> str | None:
    """Return the Python of the environment whose programs are found first."""
    found = shutil.which("python")
    return found if found and (Path(found).parents[1] / "pyvenv.cfg").exists() else None


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
