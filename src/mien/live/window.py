"""A window that shows a camera's picture and the expressions in it."""

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import cv2

from mien.errors import SourceError
from mien.images import Picture
from mien.live.camera import Camera, open_camera, without_password
from mien.live.look import Looker
from mien.live.output import write_picture
from mien.live.screen import Minute, paused, screen, times_notes
from mien.live.stop import Stop, stoppable
from mien.live.track import Tracks
from mien.progress import say

TITLE = "mien"
KEY_WAIT_MS, SILENT_S = 1, 0.2
ESCAPE = 27
RATE_OVER = 30  # frames

Show = Callable[[Picture], str]


@dataclass
class View:
    """What the person at the window has switched on."""

    is_paused: bool = False
    has_times: bool = False
    has_minute: bool = True
    is_over: bool = False
    snapshots: list[Path] = field(default_factory=list)

    def press(self, key: str, whole: Picture) -> None:
        """Obey the key; `whole` is the picture in the window."""
        if key == " ":
            self.is_paused = not self.is_paused
        elif key == "t":
            self.has_times = not self.has_times
        elif key == "p":
            self.has_minute = not self.has_minute
        elif key == "q":
            self.is_over = True
        elif key == "s":
            self.snapshots.append(_save(whole))
            say(f"saved {self.snapshots[-1]}")


def show_window(looker: Looker, source: str) -> None:
    """Show the camera until the window is closed, q is pressed, or Ctrl+C.

    Raises SourceError when there is no camera or no screen.
    """
    if sys.platform == "linux" and "DISPLAY" not in os.environ:  # OpenCV would kill the process
        raise SourceError("there is no screen to open a window on; use --page")
    with stoppable() as stop, open_camera(source) as camera:
        view = watch(camera, looker, _on_screen(), stop)
        cv2.destroyAllWindows()
        if camera.ended and not (view.is_over or stop.asked):
            raise SourceError(f"{without_password(source)}: the camera gives no more pictures")


def watch(camera: Camera, looker: Looker, show: Show, stop: Stop) -> View:
    """Classify and show the newest picture, and obey the key that `show` returns, in a loop."""
    about = looker.about
    tracks, minute, view = Tracks(about.live, about.threshold), Minute(), View()
    shown_at: deque[float] = deque(maxlen=RATE_OVER)
    whole: Picture | None = None
    while not (view.is_over or camera.ended or stop.asked):
        new = camera.newest(SILENT_S)
        if new is not None and not view.is_paused:
            time_s, picture = new
            [faces] = looker.look([picture])
            seen = tracks.follow(time_s, faces)
            minute.add(time_s, seen)
            shown_at.append(time.monotonic())
            notes = times_notes(looker.times_s, _rate(shown_at), camera.dropped)
            whole = screen(
                picture,
                seen,
                about.classes,
                minute,
                view.has_minute,
                notes if view.has_times else [],
            )
        if whole is not None:
            view.press(show(paused(whole) if view.is_paused else whole), whole)
    return view


def _on_screen() -> Show:
    """Return a function that shows a picture in the window and returns the pressed key."""
    is_open = False

    def show(whole: Picture) -> str:
        nonlocal is_open
        if is_open and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            return "q"
        if not is_open:
            cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
            is_open = True
        cv2.imshow(TITLE, whole)
        key = cv2.waitKey(KEY_WAIT_MS)
        return "q" if key & 0xFF == ESCAPE else chr(key & 0xFF) if key >= 0 else ""

    return show


def _rate(shown_at: deque[float]) -> float:
    """Return the recent frame rate."""
    return (len(shown_at) - 1) / (shown_at[-1] - shown_at[0]) if len(shown_at) > 1 else 0.0


def _save(whole: Picture) -> Path:
    path = Path(f"mien-{datetime.now():%Y-%m-%d-%H-%M-%S-%f}.png")
    write_picture(path, whole)
    return path
