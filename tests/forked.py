"""Snakemake, DVC and mien in processes of their own that begin with what they import.

To import that takes longer than most runs of tests. So a server (`forking.py`) imports it once for
all tests of a worker, and a run is a fork of that server: with its own folder, environment and output,
and with nothing of mien imported. Unlike a process that is started anew, all runs of a worker have
the same order of sets, and what Python reads of the environment when it starts is the server's.
"""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import DEVNULL

PROGRAMS = ("snakemake", "dvc", "mien")
SERVER = "MIEN_TESTS_FORK"  # names the server to scripts in place of these programs
SCRIPT = Path(__file__).with_name("fork.py")
STAND_IN = Path(__file__).with_name("stand_in.py")
MIEN = '-c "from mien.cli import main; main()"'
GIT = """\
[user]
    name = Ada
    email = ada@example.org
[init]
    defaultBranch = main
"""


class Process:
    """A program, or a script of Python by its path, at work in a session of its own."""

    def __init__(
        self,
        command: Sequence[object],
        folder: Path = Path(),
        variables: Mapping[str, str] = os.environ,
        out: int = DEVNULL,
        err: int = DEVNULL,
    ) -> None:
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server.connect("\0" + server()[0])
        words, here = [*map(str, command)], str(folder.absolute())
        asked = {"command": words, "folder": here, "variables": dict(variables)}
        with Path(os.devnull).open("r+") as nothing:
            files = [nothing.fileno() if file == DEVNULL else file for file in (DEVNULL, out, err)]
            socket.send_fds(self._server, [json.dumps(asked).encode()], files)
        self.pid = int(self._server.recv(64))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once it has ended; raise TimeoutError when it does not."""
        if self.returncode is None:
            self._server.settimeout(timeout)
            self.returncode = int(self._server.recv(64))
            self._server.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit status if it has ended."""
        with contextlib.suppress(BlockingIOError):
            self.wait(0)
        return self.returncode

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send the signal to it and what it started; return the exit status."""
        if self.poll() is None:
            os.killpg(self.pid, number)
        return self.wait(60)


def run(
    command: Sequence[object],
    folder: Path = Path(),
    variables: Mapping[str, str] = os.environ,
    apart: bool = False,
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end; stdout and stderr come together, or apart."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        files = out.fileno(), (err if apart else out).fileno()
        status = Process(command, folder, variables, *files).wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, status, out.read(), err.read())


def make_environment(folder: Path, mien: Path | None = STAND_IN) -> None:
    """Make a virtual environment of the packages of this one, with a script in place of `mien`.

    Without a script it is the real one. Where $MIEN_TESTS_FORK is set, commands are forks.
    """
    here = Path(sys.executable).parent
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "lib").symlink_to(here.parent / "lib")
    shutil.copy(here.parent / "pyvenv.cfg", folder)
    (folder / "gitconfig").write_text(GIT)
    python = f'"{folder}/bin/python"'
    programs = {"snakemake": "-m snakemake", "dvc": "-m dvc", "mien": mien or MIEN}
    for name, code in programs.items():
        fork = f'[ "${SERVER}" ] && exec {python} -IS "{SCRIPT}" {name} "$@"\n'
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\n{"" if code == mien else fork}exec {python} {code} "$@"\n')
        script.chmod(0o755)


@cache
def environment() -> dict[str, str]:
    """Return the variables of an environment whose Snakemake, DVC and mien are forks."""
    folder = Path(tempfile.mkdtemp(prefix="mien-tests-"))
    atexit.register(shutil.rmtree, folder)
    make_environment(folder / "environment", None)
    path = f"{folder / 'environment' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, SERVER: server()[0]}


@cache
def server() -> "tuple[str, subprocess.Popen[bytes]]":
    """Start the server of this worker; return its name, and its process, which ends with this one."""
    name = f"mien-tests-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind("\0" + name)
        listener.listen(64)
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forking.py")), str(listener.fileno())],
            pass_fds=[listener.fileno()], stdin=subprocess.PIPE, cwd="/",
        )  # fmt: skip
    return name, process
