"""The real `mien live --page` at work, plain clients of it, and cameras made of films."""

import json
import os
import pty
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import forked
from websockets.sync.client import ClientConnection, connect

from mien.images import encode_jpeg, shrink


class Show:
    """A server in a process of its own, on a terminal, which can be killed and started again."""

    def __init__(self, model: Path, *options: str) -> None:
        self._model, self._options, self._port = model, options, 0
        self._process, self._terminal = None, None

    def start(self) -> "Show":
        """Start the server where it was before, or at any free port; return when it answers."""
        self._terminal, theirs = pty.openpty()
        command = ["mien", "live", self._model, "--page", "--port", self._port, *self._options]
        self._process = forked.Process(command, out=theirs, err=theirs)
        os.close(theirs)
        self.said = ""
        address = (
            r"(https?)://\S+:(\d+)/#(\S+)"
            if "0.0.0.0" in self._options
            else r"(https?)://\S+:(\d+)()\s"
        )
        while not (found := re.search(address, self.said)):
            self.said += os.read(self._terminal, 4096).decode()
        self._scheme, self._port, self.token = found[1], int(found[2]), found[3]
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        return self._port

    @property
    def home(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._port}"

    @contextmanager
    def client(self, token: str = "", **settings: object) -> Iterator[ClientConnection]:
        """Give a connection as the page makes it, the token said."""
        settings = {"origin": self.home, "compression": None, "max_queue": None} | settings
        host = settings.pop("host", f"127.0.0.1:{self._port}")
        opened = socket.create_connection(("127.0.0.1", self._port))
        address = f"{self._scheme.replace('http', 'ws')}://{host}/frames"
        with connect(address, sock=opened, proxy=None, **settings) as connection:
            connection.send(token)
            yield connection

    @contextmanager
    def viewer(self, token: str = "", **settings: object) -> Iterator[ClientConnection]:
        """Give a connection that was told of the model."""
        with self.client(token, **settings) as connection:
            connection.model = json.loads(connection.recv(30))["model"]
            yield connection

    def memory_mb(self) -> float:
        """Return how much memory the server has in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Stop the server as Ctrl+C does; return its exit status."""
        return self._end(signal.SIGINT)

    def _end(self, number: int) -> int:
        if self._process.poll() is None:
            os.killpg(self.pid, number)
        status = self._process.wait(30)
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None
        return status


def answer(connection: ClientConnection) -> dict:
    return json.loads(connection.recv(60))


def ask(connection: ClientConnection, frame: bytes) -> dict:
    """Send a frame and return the answer to it."""
    connection.send(frame)
    return answer(connection)


def frames_of(film: Path, most: int, longest_px: int = 640) -> list[bytes]:
    """Return the first frames of a film, each a JPEG."""
    with av.open(str(film)) as container:
        pictures = (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))
        return [encode_jpeg(shrink(next(pictures), longest_px), 90) for _ in range(most)]
