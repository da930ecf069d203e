"""Measure how long a voter waits between two faces, and what the page takes in memory over many.

Run `python benchmarks/voting_page.py` in the project's folder, on a machine that does nothing else.
It needs playwright and a Chromium, and writes benchmarks/results/voting_page.json.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "labels"))
from voting import Booth  # noqa: E402

FACES, VOTES, UNTIMED = 5_000, 1_000, 3_000
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# a frame is painted when a message that is sent from its callback arrives
WATCH = """
window.waits = [];
const face = () => document.querySelector(".face img")?.src;
addEventListener("keydown", () => {
  const [start, before] = [performance.now(), face()];
  const look = () => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      if (face() && face() !== before) window.waits.push(performance.now() - start);
      else look();
    };
    channel.port2.postMessage(null);
  });
  look();
}, true);
"""


def vote(page: Page, count: int) -> list[float]:
    """Label so many faces by keyboard; return the milliseconds from each key to the next face."""
    page.evaluate("waits.length = 0")
    for number in range(count):
        page.keyboard.press("1234"[number % 4])
        while page.evaluate("waits.length") <= number:
            pass
    waits: list[float] = page.evaluate("waits")
    return waits


def heap_mb(page: Page) -> float:
    """Return the size of the page's live objects."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return round(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6, 2)


def measure(page: Page, server: psutil.Process) -> dict[str, Any]:
    """Return the waits in ms, and memory in MB, the page's and the server's, by votes."""
    page.wait_for_selector(".face img")
    vote(page, 50)
    before, waits = heap_mb(page), vote(page, VOTES)
    resident = server.memory_info().rss
    vote(page, UNTIMED)
    return {
        "faces": FACES,
        "votes": VOTES,
        "median_ms": round(statistics.median(waits), 1),
        "p95_ms": round(statistics.quantiles(waits, n=20)[-1], 1),
        "longest_ms": round(max(waits), 1),
        "heap_mb_after_50": before,
        f"heap_mb_after_{50 + VOTES + UNTIMED}": heap_mb(page),
        f"server_mb_after_{50 + VOTES}": round(resident / 1e6, 1),
        f"server_mb_after_{50 + VOTES + UNTIMED}": round(server.memory_info().rss / 1e6, 1),
    }


def main() -> None:
    """Measure, print and write down."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        booth = Booth(Path(folder), FACES).start()
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.add_init_script(WATCH)
            page.goto(booth.link("ada"))
            results = measure(page, psutil.Process(booth.pid))
        finally:
            booth.kill()
    print(json.dumps(results, indent=2))
    (ROOT / "benchmarks/results/voting_page.json").write_text(json.dumps(results, indent=2) + "\n")
    assert results["median_ms"] < 50, "a voter waits for the next face"


if __name__ == "__main__":
    main()
