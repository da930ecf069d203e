"""Measure what smoothing over time is worth: on drawn films, whose every change is known.

Run `python benchmarks/smoothing.py exports/yolov8n-64-seed-0.onnx` in the folder of the demo, after
`mien export models/yolov8n-64/seed-0`. It writes benchmarks/results/smoothing.json: for each film
the changes that had no reason, a minute and face, and the delay after a true one, frame by frame,
live, and with the whole film at hand.
"""

import os
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "live"))

from flicker import judge, ways

from mien.acquire.drawing.drawn import draw_video
from mien.files import write_json
from mien.live.options import open_looker
from mien.progress import say
from mien.video.film import open_film

FILMS, SECONDS, FPS = (31, 32, 33), 40, 25  # no film that the settings were chosen by


def main() -> None:
    """Judge the films, one after the other."""
    looker = open_looker(Path(sys.argv[1]), None, os.cpu_count() or 1)
    results: dict[str, object] = {"live": looker.about.live.model_dump(), "films": {}}
    judged: dict[str, list[dict[str, float]]] = {"frame": [], "live": [], "whole": []}
    for seed in FILMS:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name, "film.mp4")
            drawn = draw_video(path, seed, SECONDS, FPS)
            with open_film(path) as film:
                looks = [looker.look([frame.picture])[0] for frame in film.frames()]
        truth = [
            (time_s, [((f.x, f.y, f.width, f.height), f.expression) for f in faces])
            for time_s, faces in drawn
        ]
        for way, shown in ways(looks, truth, looker.about).items():
            judged[way].append(asdict(judge(shown)))
            say(f"film {seed}, {way}: {judged[way][-1]}")
    means = {
        way: {name: statistics.mean(film[name] for film in films) for name in films[0]}
        for way, films in judged.items()
    }
    calmer = means["frame"]["false_a_minute"] / max(means["live"]["false_a_minute"], 1e-9)
    later_s = means["live"]["delay_s"] - means["frame"]["delay_s"]
    results |= {"films": judged, "means": means, "times_calmer": calmer, "added_delay_s": later_s}
    write_json(Path(__file__).parent / "results" / "smoothing.json", results)
    say(f"{calmer:.1f} times fewer false changes, {later_s:.2f} s later")


if __name__ == "__main__":
    main()
