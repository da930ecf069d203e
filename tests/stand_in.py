"""A stand-in for `mien`: each stage in milliseconds, its outputs made of what it was given.

`python stand_in.py <phase> <verb> --<option> VALUE …` writes the outputs that the real command would
write, each holding a hash of the inputs, of the settings of the phase and of the arguments. It adds
a line to the file in $JOBS when it starts and when it ends, and waits as long as the file in $HOLD
names an output of its own.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

OUTPUTS = {  # the options that name them, or where they are
    "draw": ["--scenes", "--truth", "--skipped"],
    "flickr": ["--scenes", "--skipped"],
    "video": ["--scenes", "--skipped"],
    "tally": ["--acquired"],
    "weights": ["--weights"],
    "detect": ["data/faces/{source}.parquet"],
    "features": ["data/features/{extractor}/{source}.parquet"],
    "index": ["--index"],
    "simulate": [f"data/simulated/simulated-{number}.csv" for number in range(1, 5)],
    "consensus": ["--labels", "--counts"],
    "agreement": ["--agreement"],
    "split": ["data/splits/{truth}-{scheme}.csv"],
    "fit": ["models/{run}/{model}", "models/{run}/model.json", "models/{run}/history.csv"],
    "predict": ["metrics/runs/{run}/predictions.csv"],
    "measure": ["metrics/runs/{run}/metrics.json"],
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
INDEX, LABELS, CROPS = "data/faces.csv", "data/labels.csv", "data/faces/[!.]*"
PREDICTIONS = "metrics/runs/*/*/predictions.csv"
READ = {  # besides the files that options name
    "tally": ["data/sources.csv", "data/scenes/[!.]*", "data/skipped/[!.]*"],
    "detect": ["data/scenes/{source}.parquet", "data/weights/{weights}"],
    "features": ["data/faces/{source}.parquet"],
    "index": ["data/sources.csv", "data/withdrawn.csv", "data/scenes/[!.]*", CROPS],
    "simulate": [INDEX],
    "consensus": [INDEX],
    "agreement": [INDEX, LABELS],
    "split": [INDEX, LABELS],
    "fit": [INDEX, LABELS, "data/splits/{split}", "{seen}", "data/weights/{weights}"],
    "predict": [INDEX, LABELS, "data/splits/{split}", "{seen}", "models/{run}/[!.]*"],
    "measure": ["metrics/runs/{run}/predictions.csv", "data/splits/{split}"],
    "suspects": [LABELS, PREDICTIONS],
    "second-look": ["data/second_look.csv", LABELS],
    "slices": [INDEX, LABELS, CROPS, PREDICTIONS],
    "plots": [PREDICTIONS, "models/*/*/history.csv"],
    "compare": [PREDICTIONS, "data/splits/[!.]*"],
    "page": [
        *(INDEX, LABELS, "metrics/*.json", "metrics/slices.csv"),
        "metrics/runs/*/*/metrics.json",
    ],
    "variant-page": [INDEX, LABELS, "metrics/runs/{variant}/*/*"],
    "attribution": ["data/sources.csv", INDEX],
    "card": [INDEX, "metrics/summary.json", "metrics/runs/{variant}/*/metrics.json"],
    "statement": [INDEX, LABELS, "metrics/agreement.json"],
}
MODELS = {"yolo": "model.pt", "resnet": "model.keras", "probe": "model.npz"}


def main(phase: str, verb: str, *arguments: str) -> None:
    given = list(read_words(arguments))
    names = {name.removeprefix("--"): value for name, value in given}
    everything = read_settings()
    settings = everything.get(phase)
    names["weights"] = settings.get("weights")
    does = verb
    if "run" in names:
        names["run"] = names["run"].removeprefix("models/")
        variant = everything["variants"][names["run"].partition("/")[0]]
        truth = "initial" if variant["labels"] == "initial" else "consensus"
        names |= {"split": f"{truth}-{variant['scheme']}.csv", "weights": variant.get("weights")}
        names["seen"] = "data/features/*/[!.]*" if variant["family"] == "probe" else CROPS
        if verb == "fit":
            settings, does = variant, variant["family"]
            names["model"] = MODELS[does]
    named = [place for place in OUTPUTS[verb] if place.startswith("--")]
    outputs = [Path(value) for name, value in given if name in named]
    outputs += [Path(place.format(**names)) for place in OUTPUTS[verb] if place not in named]
    outputs = outputs[: int(names.get("voters", len(outputs)))]
    inputs = [v for name, v in given if name not in [*named, "--threads", "--run"]]
    inputs += [path for place in READ.get(verb, ()) for path in found(place.format(**names))]
    note(f"{does} {outputs[0]}")
    digest = hashlib.sha256(json.dumps([does, settings, *map(content, inputs)]).encode())
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        half(output).write_text("half")
        wait_for(output)
        half(output).unlink()
        text = json.dumps({"output": output.name, "made_of": digest.hexdigest()})
        output.write_text(text + "\n")
    note(f"end {does} {outputs[0]}")


def read_words(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value, and every other word with an empty name."""
    words = iter(arguments)
    for word in words:
        yield (word, next(words)) if word.startswith("--") else ("", word)


def note(line: str) -> None:
    """Add a line to the list of jobs."""
    with Path(os.environ["JOBS"]).open("a") as jobs:
        jobs.write(line + "\n")


def half(output: Path) -> Path:
    """Return the file that stands beside an output while it is made."""
    return output.with_name(f".half-{output.name}")


def found(place: str) -> list[str]:
    """Return the files that a pattern finds in the project."""
    return sorted(map(str, Path().glob(place)))


def content(value: str) -> list[str]:
    """Return what an argument stands for: the texts of files, or itself."""
    path = Path(value)
    files = sorted(path.glob("[!.]*")) if path.is_dir() else [path]
    return [file.read_text() for file in files if file.is_file()] or [value]


def read_settings() -> dict:
    return yaml.load(Path(os.environ["MIEN_PARAMS"]).read_bytes(), yaml.CSafeLoader)


def wait_for(output: Path) -> None:
    hold = Path(os.environ["HOLD"])
    while hold.exists() and str(output) in hold.read_text().split():
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
