"""How fast photos come, and how much memory that takes.

    python benchmarks/photos.py

400 photos of a server in a process of its own, which answers after 30 ms, 8 at a time: photos a
second, beside the 8 / 0.030 s that the server can give at most. Then the memory of fetching 100 and
4,000 photos, at its highest, each in a process of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acquire"))

RESULTS = ROOT / "benchmarks" / "results" / "photos.json"
AT_A_TIME, DELAY_S = 8, 0.030

SERVER = """
import sys
from photo_server import photo_server
with photo_server(float(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def main() -> None:
    """Measure, print and keep the figures."""
    fast = fetch(400, DELAY_S)
    memory = {photos: fetch(photos, 0)["memory_mb"] for photos in (100, 4000)}
    content = {
        "photos_a_second": round(400 / fast["seconds"], 1),
        "at_most": round(AT_A_TIME / DELAY_S, 1),
        "memory_mb": memory,
    }
    print(json.dumps(content, indent=2))
    RESULTS.write_text(json.dumps(content, indent=2) + "\n")


def fetch(photos: int, delay_s: float) -> dict[str, float]:
    """Fetch photos in a process of its own from a server in another; return what that took."""
    path = {"PYTHONPATH": f"{ROOT / 'tests' / 'acquire'}"}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(delay_s)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=path,
    )  # fmt: skip
    assert server.stdout and server.stdin
    url = server.stdout.readline().strip()
    try:
        command = [sys.executable, __file__, url, str(photos)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        server.stdin.close()
        server.wait()
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def client(url: str, photos: int) -> None:
    """Fetch the photos; print the seconds and the highest memory."""
    import psutil
    from acquire_params import acquire_params

    from mien.acquire.downloads import Downloads
    from mien.acquire.flickr import Photo
    from mien.acquire.photos import fetch_photos

    highest = 0
    with tempfile.TemporaryDirectory() as folder:
        wanted = (
            Photo(f"{n}", "", "", "", 9, f"{url}/number-{n % 100}.jpg") for n in range(photos)
        )
        params = acquire_params(photos_at_a_time=AT_A_TIME)
        begun = time.perf_counter()
        for number, outcome in enumerate(fetch_photos(wanted, Downloads(Path(folder)), params)):
            assert outcome.state == "fetched"
            if number % 20 == 0:
                highest = max(highest, psutil.Process().memory_info().rss)
        seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "memory_mb": round(highest / 1e6)}))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        client(sys.argv[1], int(sys.argv[2]))
    else:
        main()
