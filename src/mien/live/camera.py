"""The newest picture of a camera or stream, and a count of the skipped ones."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import cv2

from mien.errors import SourceError
from mien.images import Picture

OPENS_WITHIN_MS, SILENT_MS = 10_000, 10_000


class Camera:
    """Reads in its own thread, so that pictures do not queue up behind a slow model.

    `dropped` counts the pictures that were replaced by the next one before anybody took them.
    """

    def __init__(self, grabber: cv2.VideoCapture) -> None:
        self._grabber = grabber
        self._new = threading.Condition()
        self._picture: Picture | None = None
        self._begun_s: float | None = None
        self._time_s = 0.0
        self._open = True
        self.dropped = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def newest(self, wait_s: float) -> tuple[float, Picture] | None:
        """Return the newest frame's arrival, in seconds since the first frame, and its picture.

        None if no new frame arrives within `wait_s`.
        """
        with self._new:
            self._new.wait_for(lambda: self._picture is not None or not self._open, wait_s)
            picture, self._picture = self._picture, None
            return None if picture is None else (self._time_s, picture)

    @property
    def ended(self) -> bool:
        """Whether no picture is left and none will come."""
        return not self._open and self._picture is None

    def close(self) -> None:
        """Release the camera; one that does not answer is left to its thread."""
        self._open = False
        self._thread.join(timeout=SILENT_MS / 1000)
        if not self._thread.is_alive():
            self._grabber.release()

    def _read(self) -> None:
        try:
            while self._open:
                there, picture = self._grabber.read()
                if not there:
                    break
                self._keep(picture, time.monotonic())
        except Exception:  # a driver may raise anything; the camera has ended
            pass
        finally:
            with self._new:
                self._open = False
                self._new.notify_all()

    def _keep(self, picture: Picture, now_s: float) -> None:
        with self._new:
            self.dropped += self._picture is not None
            self._begun_s = self._begun_s or now_s
            self._picture, self._time_s = picture, now_s - self._begun_s
            self._new.notify_all()


@contextmanager
def open_camera(source: str) -> Iterator[Camera]:
    """Give the camera of this number or device, or the stream at this address.

    Raises SourceError when it cannot be opened; the message contains no password.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # the error says it
    if "://" in source:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPENS_WITHIN_MS]
        limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, SILENT_MS]
        grabber = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
        fault = "no stream comes from there; check the address and that the camera is on"
    else:
        grabber = cv2.VideoCapture(int(source) if source.isdecimal() else source)
        fault = "no camera answers; check that it is plugged in and no other program uses it"
    if not grabber.isOpened():
        raise SourceError(f"{without_password(source)}: {fault}")
    camera = Camera(grabber)
    try:
        yield camera
    finally:
        camera.close()


def without_password(address: str) -> str:
    """Return the scheme, host and port of an address: any other part may contain a password.

    A camera's number or device is returned unchanged.
    """
    if "://" not in address:
        return address
    scheme, _, rest = address.partition("://")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or "@" in rest.removeprefix(parts.netloc):
        return f"{scheme}://…"
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + (f":{port}" if port else "")
