"""Snakemake, DVC and mien in processes of their own that begin with what they import.

To import that takes longer than most runs of tests. So a server (`forking.py`) imports it once for
all tests of a worker, and a run is a fork of that server: with its own folder, environment and output,
and with nothing of mien imported. Unlike a process that is started anew, all runs of a worker have
the same order of sets, and what Python reads of the environment when it starts is the server's.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PROGRAMS = ("snakemake", "dvc", "mien")
SERVER = "MIEN_TESTS_FORK"  # names the server to scripts in place of these programs
SCRIPT = Path(__file__).with_name("fork.py")


def run(
    command: Sequence[str], folder: Path, variables: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run one of the programs to its end; stdout and stderr come together."""
    with tempfile.TemporaryFile("w+") as printed:
        process = Process(command, folder, variables, printed.fileno(), printed.fileno())
        status = process.wait()
        printed.seek(0)
        return subprocess.CompletedProcess(command, status, printed.read(), "")


class Process:
    """One of the programs at work."""

    def __init__(
        self, command: Sequence[str], folder: Path, variables: dict[str, str], out: int, err: int
    ) -> None:
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server.connect("\0" + server()[0])
        asked = {"command": list(command), "folder": str(folder.absolute()), "variables": variables}
        with open(os.devnull) as nothing:
            files = [nothing.fileno(), out, err]
            socket.send_fds(self._server, [json.dumps(asked).encode()], files)
        self.pid = int(self._server.recv(64))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once it has ended."""
        if self.returncode is None:
            self._server.settimeout(timeout)
            self.returncode = int(self._server.recv(64))
            self._server.close()
        return self.returncode


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
