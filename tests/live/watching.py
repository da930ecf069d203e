"""The real `mien live --page` at work, and cameras made of films."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
from websockets.sync.client import ClientConnection, connect

from mien.acquire.drawn import draw_source
from mien.images import encode_jpeg

MIEN = str(Path(sys.executable).with_name("mien"))
MESSAGE = 1024 * 1024


class Show:
    """A server in a process of its own, on a terminal, which can be killed and started again."""

    def __init__(self, model: Path, *options: str) -> None:
        self.model, self.options = model, options
        self.port, self.said, self._process, self._terminal = 0, "", None, None
        self.link = ""

    def start(self) -> "Show":
        """Start the server where it was before, or at any free port; return when it answers."""
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [MIEN, "live", str(self.model), "--page", "--port", str(self.port), *self.options],
            stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.said = ""
        while not (self.said.endswith("\n") and "://" in self.said and self._is_all_said()):
            self.said += os.read(self._terminal, 4096).decode().replace("\r", "")
        places = [word for word in self.said.split() if "://" in word]
        self.link, self.port = places[-1], int(places[0].rpartition(":")[2])
        return self

    def _is_all_said(self) -> bool:
        return "expressions, https" not in self.said and (
            "0.0.0.0" not in self.options or "--certificate" in self.said
        ) or self.said.count("\n") >= 2

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None

    def stop(self) -> int:
        """Stop the server as Ctrl+C does; return its exit status."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(timeout=20)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}"
