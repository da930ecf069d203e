"""The report's eight experiments in one run, small, on drawn faces.

    python benchmarks/eight_variants.py [cores]

Builds a fresh copy of examples/paper-small by one `snakemake` and keeps its time, on the clock and
of the processors (which other work on the machine hardly changes), a row a variant, and how many
confusion matrices were compared, in every place that shows them, with those counted from the
predictions. Where one differs it stops with its name.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from matrices import Matrix, by_variant, counted, measured, shown, tabled  # noqa: E402
from running import command, copy_example  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "eight_variants.json"
COLUMNS = ("accuracy", "accuracy_low", "accuracy_high", "reliable", "faces", "groups", "leak")


def main(cores: int) -> None:
    """Build the project, check its matrices, print and keep the figures."""
    with tempfile.TemporaryDirectory(prefix="mien-eight-") as name:
        project = Path(name, "project")
        copy_example("paper-small", project)
        load = os.getloadavg()[0]
        started = time.perf_counter()
        build(project, cores)
        wall_s = time.perf_counter() - started
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures = {
            "cores": cores,
            "wall_s": round(wall_s, 1),
            "processor_s": round(spent.ru_utime + spent.ru_stime, 1),
            "load_before": round(load, 1),
            "vote": vote(project),
            "matrices_equal": compare(project),
            "variants": rows(project),
        }
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def build(project: Path, cores: int) -> None:
    """Run Snakemake to its end, with its last lines where it fails."""
    run = [*command(project), "--cores", str(cores)]  # the last --cores counts
    done = subprocess.run(
        run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit("\n".join(done.stdout.splitlines()[-30:]))


def compare(project: Path) -> dict[str, int]:
    """Return for each place how many of its matrices are those of the predictions: all."""
    runs = counted(project)
    places = {
        "confusion.csv": (tabled(project), runs),
        "metrics.json": (measured(project), runs),
        "report/<variant>.html": (shown(project), by_variant(runs)),
    }
    for place, (matrices, expected) in places.items():
        refuse_others(place, matrices, expected)
    return {place: len(matrices) for place, (matrices, _) in places.items()}


def refuse_others(
    place: str, matrices: Mapping[str, Matrix], expected: Mapping[str, Matrix]
) -> None:
    """Stop unless the place has the same runs with the same counts."""
    for run in sorted(matrices.keys() | expected.keys()):
        if matrices.get(run) != expected.get(run):
            sys.exit(f"{place}: {run} has {matrices.get(run)}, predictions {expected.get(run)}")


def vote(project: Path) -> dict[str, int]:
    """Return how many faces had a first label, and how many kept it in the second vote."""
    labels = pd.read_csv(project / "data" / "labels.csv", dtype="string")
    return {"first": int(labels["initial"].count()), "kept": int(labels["label"].count())}


def rows(project: Path) -> list[dict[str, Any]]:
    """Return the variants' rows of the summary, by name."""
    summary = json.loads((project / "metrics" / "summary.json").read_text(encoding="utf-8"))
    return [
        {"variant": row["variant"], **{name: row[name] for name in COLUMNS}}
        for row in summary["variants"]
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
