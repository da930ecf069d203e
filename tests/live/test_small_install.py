"""mien as `pip install 'mien[live]'` brings it: without what trains, and with all it needs."""

import subprocess
from importlib.metadata import distributions
from pathlib import Path
from urllib.request import urlopen

import pytest

from mien.video.film import open_film

PLACE = Path(__file__).parents[2] / ".venv" / "live"
MIEN = PLACE / "bin" / "mien"

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(not MIEN.exists(), reason=f"{PLACE} is absent; `make test` makes it"),
]


def answer(address: str) -> str:
    with urlopen(address) as answered:
        return answered.read().decode()


def test_it_has_nothing_that_trains():
    [packages] = PLACE.glob("lib/python*/site-packages")
    installed = {found.name.lower() for found in distributions(path=[str(packages)])}
    assert "onnxruntime" in installed
    assert not installed & {
        "torch",
        "tensorflow",
        "keras",
        "ultralytics",
        "pandas",
        "snakemake",
        "dvc",
    }


def test_a_film_is_looked_at(model, film, tmp_path):
    ran = subprocess.run(
        [MIEN, "predict", model, film.path], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    with open_film(tmp_path / "predicted" / "film.mp4") as written:
        assert len(list(written.frames())) == len(film.truth)


def test_the_page_is_served(model, tmp_path):
    process = subprocess.Popen(
        [MIEN, "live", model, "--page", "--port", "0"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = process.stderr.readline().split()[-1]
        assert "<title>mien" in answer(f"{address}/")
        assert "body" in answer(f"{address}/page/style.css")
        assert "websocket" in answer(f"{address}/page/link.js").lower()
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_what_needs_more_says_so_in_a_line(tmp_path):
    command = [MIEN, "faces", "detect", "--source", "web"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 2
    [line] = ran.stderr.splitlines()
    assert line.endswith("is not installed here; pip install 'mien[pipeline]'")
