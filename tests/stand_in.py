"""A stand-in for `mien`: each stage in milliseconds, its outputs made of what it was given.

`python stand_in.py <phase> <verb> --<table> PATH …` writes the outputs that the real command would
write, each holding a hash of the inputs, of the settings of the phase and of the arguments. It adds
a line to the file in $JOBS when it starts and when it ends, and waits as long as the file in $HOLD
names an output of its own.
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import yaml

OUTPUTS = {
    "draw": ["--scenes", "--truth", "--skipped"],
    "flickr": ["--scenes", "--skipped"],
    "video": ["--scenes", "--skipped"],
    "tally": ["--acquired"],
    "weights": ["--weights"],
    "detect": ["--faces"],
    "index": ["--index"],
    "simulate": ["--ballots"],
    "consensus": ["--labels", "--counts"],
    "agreement": ["--agreement"],
    "split": ["--split"],
    "predict": ["--predictions"],
    "measure": ["--metrics"],
    "suspects": ["--suspected"],
    "second-look": ["--second-look"],
    "slices": ["--slices"],
    "plots": ["--confusion", "--learning"],
    "compare": ["--summary-json", "--summary-csv"],
    "page": ["--page"],
    "variant-page": ["--page"],
    "attribution": ["--csv", "--html"],
    "card": ["--card"],
    "statement": ["--statement"],
}
READ = {  # by verbs that are told no paths
    "page": [
        "data/faces.csv",
        "data/labels.csv",
        "metrics/*.json",
        "metrics/slices.csv",
        "metrics/runs/*/*/metrics.json",
    ],
    "variant-page": ["data/faces.csv", "data/labels.csv", "metrics/runs/{variant}/*/*"],
    "attribution": ["data/sources.csv", "data/faces.csv"],
    "card": ["data/faces.csv", "metrics/summary.json", "metrics/runs/{variant}/*/metrics.json"],
    "statement": ["data/faces.csv", "data/labels.csv", "metrics/agreement.json"],
}
MODELS = {"yolo": "model.pt", "resnet": "model.keras"}


def main(phase: str, verb: str, *arguments: str) -> None:
    given = list(zip(arguments[::2], arguments[1::2], strict=True))
    if verb == "fit":
        run = Path(dict(given)["--run"])
        settings = read_settings()["variants"][run.parent.name]
        verb = settings["family"]
        outputs = [run / MODELS[verb], run / "model.json", run / "history.csv"]
        inputs = [value for name, value in given if name not in ("--run", "--threads")]
    else:
        outputs = [Path(value) for name, value in given if name in OUTPUTS[verb]]
        inputs = [v for name, v in given if name not in [*OUTPUTS[verb], "--threads"]]
        settings = read_settings()[phase]
    note(f"{verb} {outputs[0]}")
    variant = dict(given).get("--variant", "*")
    inputs += [path for place in READ.get(verb, ()) for path in found(place, variant)]
    made_of = [content(value, variant) for value in inputs]
    digest = hashlib.sha256(json.dumps([verb, settings, *made_of]).encode())
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        half(output).write_text("half")
        wait_for(output)
        half(output).unlink()
        text = json.dumps({"output": output.name, "made_of": digest.hexdigest()})
        output.write_text(text + "\n")
    note(f"end {verb} {outputs[0]}")


def note(line: str) -> None:
    """Add a line to the list of jobs."""
    with Path(os.environ["JOBS"]).open("a") as jobs:
        jobs.write(line + "\n")


def half(output: Path) -> Path:
    """Return the file that stands beside an output while it is made."""
    return output.with_name(f".half-{output.name}")


def found(place: str, variant: str) -> list[str]:
    """Return the files that a pattern finds in the project."""
    return sorted(map(str, Path().glob(place.format(variant=variant))))


def content(value: str, variant: str) -> list[str]:
    """Return what an argument stands for: the texts of files, or itself.

    Of a folder of runs, only what all jobs that read it for this variant have as their input.
    """
    path = Path(value)
    names = {"metrics/runs": f"{variant}/*/predictions.csv", "models": f"{variant}/*/history.csv"}
    files = sorted(path.glob(names.get(value, "[!.]*"))) if path.is_dir() else [path]
    return [file.read_text() for file in files if file.is_file()] or [value]


def read_settings() -> dict:
    return yaml.load(Path(os.environ["MIEN_PARAMS"]).read_bytes(), yaml.CSafeLoader)


def wait_for(output: Path) -> None:
    hold = Path(os.environ["HOLD"])
    while hold.exists() and str(output) in hold.read_text().split():
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
