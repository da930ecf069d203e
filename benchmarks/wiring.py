"""The cost of the ledger, and what shards save DVC.

    python benchmarks/wiring.py [pairs]

`snakemake -n` of a finished toy project of 10, 100 and 1,000 sources with the ledger beside the
same without it, as whole processes in turn, with a `dvc status` that finds nothing to do; then
`dvc push` and `dvc pull` of 50,000 crops of faces to a folder, in shards and as loose files.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from toy import Toy, make_environment, write_toy  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "wiring.json"
SOURCES = (10, 100, 1000)
FACES, SHARDS, FACE_BYTES = 50_000, 51, 3_000


def main(pairs: int) -> None:
    """Measure, print and keep the figures."""
    with tempfile.TemporaryDirectory(prefix="mien-wiring-") as name:
        scratch = Path(name)
        make_environment(scratch / "environment")
        dry_runs = [measure_dry_runs(scratch, sources, pairs) for sources in SOURCES]
        remotes = {kind: measure_remote(scratch, kind) for kind in ("shards", "loose")}
    content = {"dry_runs": dry_runs, "remote_of_50000_faces": remotes}
    RESULTS.write_text(json.dumps(content, indent=2) + "\n")


def measure_dry_runs(scratch: Path, sources: int, pairs: int) -> dict[str, object]:
    """Return the median ratio of a dry run with the ledger to one without, and the seconds."""
    toy = Toy(scratch / f"sources-{sources}", scratch / "environment")
    write_toy(toy.folder)
    rows = (f"source-{number},drawn,happy-{number},8,happy,\n" for number in range(sources))
    table = "source_id,kind,target,limit,expression,group\n" + "".join(rows)
    (toy.folder / "data" / "sources.csv").write_text(table)
    toy.run("git", "init", "--quiet")
    toy.snakemake()
    toy.commit()
    assert toy.planned() == {}  # which settles the times that `dvc commit` moved
    plain = toy.at(toy.folder.with_name(f"plain-{sources}"))
    shutil.copytree(toy.folder, plain.folder, symlinks=True)
    plain.edit("Snakefile", "RUN.before(commits=PARAMS.dvc.commit)\n", "")
    assert plain.planned() == {}
    seconds = [(timed(toy.planned), timed(plain.planned)) for _ in range(pairs)]
    figures = {
        "sources": sources,
        "median_ratio": round(statistics.median(a / b for a, b in seconds), 3),
        "with_ledger_s": round(statistics.median(a for a, _ in seconds), 2),
        "without_s": round(statistics.median(b for _, b in seconds), 2),
        "dvc_status_s": round(timed(lambda: toy.run("dvc", "status", "--quiet")), 2),
    }
    print(figures, flush=True)
    return figures


def measure_remote(scratch: Path, kind: str) -> dict[str, float]:
    """Return the seconds of a push to a folder, and of a pull into an empty clone."""
    toy = Toy(scratch / kind, scratch / "environment")
    faces = toy.folder / "faces"
    faces.mkdir(parents=True)
    files, size = (FACES, FACE_BYTES) if kind == "loose" else (SHARDS, FACES * FACE_BYTES // SHARDS)
    for number in range(files):
        (faces / f"{number:05}").write_bytes(os.urandom(size))
    toy.run("git", "init", "--quiet")
    toy.run("dvc", "init", "--quiet")
    toy.run("dvc", "remote", "add", "--default", "shelf", str(scratch / f"shelf-{kind}"))
    toy.run("dvc", "add", "--quiet", "faces")
    toy.commit()
    push_s = timed(lambda: toy.run("dvc", "push", "--quiet"))
    clone = toy.at(scratch / f"clone-{kind}")
    toy.run("git", "clone", "--quiet", str(toy.folder), str(clone.folder))
    pull_s = timed(lambda: clone.run("dvc", "pull", "--quiet"))
    figures = {"files": files, "push_s": round(push_s, 2), "pull_s": round(pull_s, 2)}
    print(kind, figures, flush=True)
    return figures


def timed(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of the work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
