"""Watch a camera that is faster than the model for ten minutes: memory, latency, dropped pictures.

Run `python benchmarks/live_soak.py [minutes]` in the project's folder. It needs ../shared/data and
writes benchmarks/results/live_soak.json. The camera gives 120 pictures of 640 x 480 a second, of
one face; each is looked at, followed and drawn as the window shows it.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from live_speed import YUNET, make_clip, make_model

from mien.files import write_json
from mien.images import Picture
from mien.live.camera import Camera
from mien.live.options import open_looker
from mien.live.stop import Stop
from mien.live.window import watch
from mien.video.film import open_film

FPS, THREADS, EVERY_S = 120, 2, 5.0


class Synthetic:
    """Gives the pictures over and over, each at its time; `taken_s` is when the newest was."""

    def __init__(self, pictures: list[Picture], seconds: float) -> None:
        self.pictures, self.seconds = pictures, seconds
        self.begun_s = self.taken_s = time.monotonic()
        self.number = 0

    def read(self) -> tuple[bool, Picture | None]:
        due_s = self.begun_s + self.number / FPS
        if due_s - self.begun_s > self.seconds:
            return False, None
        time.sleep(max(0.0, due_s - time.monotonic()))
        self.taken_s = time.monotonic()
        self.number += 1
        return True, self.pictures[self.number % len(self.pictures)].copy()

    def release(self) -> None:
        pass


class Watcher:
    """Stands at the window: notes memory and how old the picture is that it sees."""

    def __init__(self, begun_s: float) -> None:
        self.begun_s, self.last_s = begun_s, 0.0
        self.memory_mb: list[tuple[float, float]] = []
        self.shown = 0

    def __call__(self, _: Picture) -> str:
        self.shown += 1
        passed_s = time.monotonic() - self.begun_s
        if passed_s - self.last_s >= EVERY_S:
            self.last_s = passed_s
            self.memory_mb.append((passed_s, resident_mb()))
        return "t" if self.shown == 1 else ""


class Timed:
    """The looker, with the age of each picture when it has been looked at."""

    def __init__(self, looker, camera: Synthetic) -> None:
        self.looker, self.about, self.times_s = looker, looker.about, looker.times_s
        self.behind: list[int] = []
        self.ages_s: list[float] = []
        self.camera = camera

    def look(self, pictures):
        begun_s, number = time.monotonic(), self.camera.number
        found = self.looker.look(pictures)
        self.ages_s.append(time.monotonic() - begun_s)
        self.behind.append(self.camera.number - number)
        return found


def resident_mb() -> float:
    """Return how much memory this process holds."""
    [line] = [x for x in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in x]
    return int(line.split()[1]) / 1024


def main() -> None:
    """Watch, and write what was seen."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory() as name:
        _, exported = make_model(Path(name))
        clip = Path(name, "clip.mp4")
        make_clip(clip, 1)
        with open_film(clip) as film:
            pictures = [frame.picture for frame in film.frames()][:60]
        looker = open_looker(exported, str(YUNET), THREADS)
        synthetic = Synthetic(pictures, 60 * minutes)
        camera, watcher = Camera(synthetic), Watcher(time.monotonic())
        timed = Timed(looker, synthetic)
        watch(camera, timed, watcher, Stop())
        camera.close()
    after = [mb for passed_s, mb in watcher.memory_mb if passed_s > 60]
    ages = np.array(timed.ages_s)
    half = len(ages) // 2
    results = {
        "minutes": minutes,
        "pictures": synthetic.number,
        "looked_at": len(ages),
        "dropped": camera.dropped,
        "memory_mb_after_1_minute": after[0] if after else None,
        "memory_mb_at_the_end": after[-1] if after else None,
        "memory_greatest_to_least": max(after) / min(after) if after else None,
        "latency_ms": {
            "p50": 1000 * np.quantile(ages, 0.5),
            "p95": 1000 * np.quantile(ages, 0.95),
            "p95_first_half": 1000 * np.quantile(ages[:half], 0.95),
            "p95_second_half": 1000 * np.quantile(ages[half:], 0.95),
            "greatest": 1000 * ages.max(),
        },
        "pictures_that_came_meanwhile": int(np.max(timed.behind)),
    }
    write_json(Path("benchmarks/results/live_soak.json"), results)
    print(results)


if __name__ == "__main__":
    main()
