"""What the user asks for: settings, sources and ballots, and the files that follow from them."""

import json
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import getitem
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd
from reading import Reading

from mien.acquire.downloads import is_finished, request
from mien.acquire.listing import asked, hash_of, held_by, is_earlier, memory_of, recorded_listing
from mien.acquire.sources import is_remote, own_place, read_sources
from mien.errors import MienError, ParamsError, TableError
from mien.labels.ballots import ballot_files, refuse_strays, stand_ins, voted
from mien.params import Params, YoloVariant, load
from mien.train.families import FAMILIES
from mien.train.settings import check_yolo

PARAMS = Path("params.yaml")
SOURCES = Path("data/sources.csv")
BALLOTS = Path("data/ballots")
DOWNLOADS = Path("data/downloads")
OPENINGS = Path("data/test_openings.csv")
SECOND_LOOK = Path("data/second_look.csv")
WITHDRAWN = Path("data/withdrawn.csv")
NOTHING = r"(?!)"


@dataclass(frozen=True, repr=False)  # Snakemake prints its methods
class Project:
    """The checked settings and sources of one folder."""

    params: Params
    sources: pd.DataFrame
    listings: dict[str, str]  # of the sources that are folders or files of the user's own
    people: list[str]  # their ballot files
    voted: int  # of these, how many hold an answer
    second_looks: list[str]  # the table of second looks, if there is one
    openings: list[str]  # the log of openings of test parts, if there is one

    def canonical(self, *places: str, but: Collection[str] = ()) -> str:
        """Return settings, such as `faces` or `train.split`, as one text, equal for equal values.

        Snakemake compares the parameters of a rule as a set of values, so that two swapped numbers
        would go unseen were they not in one text. `but` names settings, such as `faces.margin`,
        that the rule does not read.
        """
        content = self.params.model_dump(mode="json")
        for variant in content["variants"].values():
            del variant["seeds"], variant["cross_validate"]  # they say which runs, not how
        for at in but:
            *section, name = at.split(".")
            del reduce(getitem, section, content)[name]
        values = {at: reduce(getitem, at.split("."), content) for at in places}
        return json.dumps(values, sort_keys=True)

    def ids(self, *kinds: str) -> list[str]:
        """Return the ids of the sources of these kinds, or of all, in their order."""
        rows = self.sources[self.sources.kind.isin(kinds)] if kinds else self.sources
        return list(rows.source_id)

    def one_of(self, kind: str) -> str:
        """Return the pattern of a wildcard for the sources of this kind."""
        return "|".join(self.ids(kind)) or NOTHING

    def target(self, source: str) -> str:
        """Return what a source asks for: a query, an address, a folder."""
        return str(self._rows[source]["target"])

    def limit(self, source: str) -> int:
        """Return how many items a source may give."""
        return int(self._rows[source]["limit"])

    def asks_network(self, source: str) -> int:
        """Return 1 when the source's scenes cannot be made of what was fetched before, else 0."""
        kind, target, limit = (self._rows[source][name] for name in ("kind", "target", "limit"))
        if not is_remote(kind, target):
            return 0
        asked = request(kind, target, int(limit), self.params.acquire)
        return int(not is_finished(DOWNLOADS / source, asked))

    @property
    def truths(self) -> list[str]:
        """Return the tables of what drawn faces show."""
        return [f"data/truth/{source}.csv" for source in self.ids("drawn")]

    @property
    def simulated(self) -> list[str]:
        """Return the ballot files of simulated voters, who vote on drawn faces only.

        They stand in for the people who have not voted yet.
        """
        if not self.truths:
            return []
        names = stand_ins(self.voted, self.params.labels.voters)
        return [f"data/simulated/{name}" for name in names]

    @property
    def ballots(self) -> list[str]:
        """Return the ballot files of people and of simulated voters."""
        return self.people + self.simulated

    @property
    def detector_weights(self) -> list[str]:
        """Return the pretrained file of the detector, if it has one."""
        name = self.params.faces.weights
        return [f"data/weights/{name}"] if name else []

    @property
    def detects_by_yolo(self) -> bool:
        """Return whether the detector is one that uses a GPU."""
        return self.params.faces.detector == "yolo"

    @property
    def weights(self) -> list[str]:
        """Return the pretrained files that the detector and the variants ask for."""
        return [f"data/weights/{name}" for name in self.params.pretrained]

    def origin(self, weights: str | None) -> str:
        """Return where a file of pretrained weights comes from and its hash, as one text.

        Empty where there is none.
        """
        entry = self.params.acquire.weights.get(weights or "")
        return entry.model_dump_json() if entry else ""

    def family(self, family: str) -> str:
        """Return the pattern of a wildcard for the variants of this family."""
        variants = self.params.variants.items()
        return "|".join(name for name, variant in variants if variant.family == family) or NOTHING

    def split(self, variant: str) -> str:
        """Return the table of splits that a variant is trained by."""
        return f"data/splits/{self.params.variant(variant).split}"

    @property
    def splits(self) -> list[str]:
        """Return the tables of splits of all variants, each once."""
        return list(dict.fromkeys(self.split(name) for name in self.params.variants))

    @property
    def runs(self) -> list[str]:
        """Return every run of every variant, as <variant>/<run>."""
        return [run.as_posix() for run, _ in self.params.runs]

    @property
    def order(self) -> str:
        """Return all runs in the order of the settings, as one text."""
        return " ".join(self.runs)

    @property
    def order_of_seeds(self) -> str:
        """Return all runs, those of each variant in the order of the settings, as one text."""
        return " ".join(sorted(self.runs, key=lambda run: run.partition("/")[0]))

    def order_of(self, wildcards: Any) -> str:
        """Return the runs of a variant in the order of the settings, as one text."""
        return " ".join(self._runs_of(wildcards.variant))

    @property
    def origins(self) -> str:
        """Return where the variants' pretrained files come from, as one text."""
        files = {variant.file for variant in self.params.variants.values()}
        return json.dumps(sorted(map(self.origin, files)))

    def origin_of(self, wildcards: Any) -> str:
        """Return where the pretrained file of a variant comes from."""
        return self.origin(self.params.variant(wildcards.variant).file)

    def described(self, wildcards: Any) -> dict[str, Any]:
        """Return what a variant's card says of its runs."""
        name = wildcards.variant
        runs = [run for run in self.runs if run.startswith(f"{name}/")]
        return {
            "split": self.split(name),
            "models": [self._model(name, run.removeprefix(f"{name}/")) for run in runs],
            "cards": [f"models/{run}/model.json" for run in runs],
            "metrics": [f"metrics/runs/{run}/metrics.json" for run in runs],
        }

    def described_settings(self, wildcards: Any) -> str:
        """Return the settings that a variant's card speaks of."""
        own = f"variants.{wildcards.variant}"
        told = ("evaluate.confidence", "evaluate.answered_accuracy", "faces.detector")
        return self.canonical(own, *told, "labels.expressions")

    def variant_runs(self, wildcards: Any) -> dict[str, list[str]]:
        """Return what the page of a variant shows of its runs, and of its like of another size."""
        runs, others = self._runs_of(wildcards.variant), self.params.other_sizes(wildcards.variant)
        return {
            "histories": [f"models/{run}/history.csv" for run in runs],
            "predictions": [f"metrics/runs/{run}/predictions.csv" for run in runs],
            "metrics": [f"metrics/runs/{run}/metrics.json" for run in runs],
            "others": [
                f"metrics/runs/{run}/predictions.csv"
                for other in others
                for run in self._runs_of(other)
            ],
        }

    def variant_section(self, wildcards: Any) -> str:
        """Return the settings that the page of a variant shows or draws by."""
        names = [wildcards.variant, *self.params.other_sizes(wildcards.variant)]
        places = [f"variants.{name}" for name in names]
        read = ["evaluate", "report", "labels.expressions", "faces.margin", *places]
        return self.canonical(*read, but=["report.scenes_per_source"])

    def labelled_faces(self, wildcards: Any) -> dict[str, Any]:
        """Return what a run is trained and judged on."""
        return {
            "index": "data/faces.csv",
            "labels": "data/labels.csv",
            "split": self.split(wildcards.variant),
            "faces": [f"data/faces/{source}.parquet" for source in self.ids()],
        }

    def split_section(self, wildcards: Any) -> str:
        """Return the settings of a scheme of splits; the paper's have none."""
        own = ["train.split"] if wildcards.scheme == "grouped" else []
        return self.canonical(*own, "labels.expressions")

    def start(self, wildcards: Any) -> list[str]:
        """Return the pretrained file that a run starts from, if it has one."""
        file = self.params.variant(wildcards.variant).file
        return [f"data/weights/{file}"] if file else []

    def training_section(self, wildcards: Any) -> str:
        """Return the settings that decide how a run is trained, or that its card keeps."""
        own, aside = f"variants.{wildcards.variant}", ["max_phash_distance", "min_sharpness"]
        but = [f"faces.{name}" for name in aside]
        return self.canonical(own, "labels.expressions", "faces", but=but)

    def predicting_section(self, wildcards: Any) -> str:
        """Return the settings that decide what a run is asked."""
        return self.canonical(f"variants.{wildcards.variant}", "labels.expressions")

    def model(self, wildcards: Any) -> str:
        """Return the file of a run's trained model."""
        return self._model(wildcards.variant, wildcards.run)

    @property
    def models(self) -> list[str]:
        """Return the trained models of all runs."""
        return [self._model(run.parent.name, run.name) for run, _ in self.params.runs]

    def _runs_of(self, variant: str) -> list[str]:
        runs = self.params.runs
        return [run.as_posix() for run, _ in runs if run.parent.name == variant]

    def _model(self, variant: str, run: str) -> str:
        return f"models/{variant}/{run}/{FAMILIES[self.params.variant(variant).family].model}"

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        return self.sources.set_index("source_id").to_dict("index")


def options(flag: str, files: list[str]) -> str:
    """Return the flag before every file, quoted for the shell."""
    return " ".join(f"{flag} {quote(file)}" for file in files)


def find_commands() -> None:
    """Let the rules' commands be those of this environment, activated or not."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def gpus() -> int:
    """Return how many of the profile's places on the GPU a job takes: 0 where there is none."""
    return int(Path("/dev/nvidia0").exists())


def shared(workflow: Any, jobs: int, uses_gpu: bool = True) -> int:
    """Return the threads of one of several equal jobs, so that those at work fill the cores."""
    places = workflow.global_resources.get("gpu")
    limit = places.value if places and uses_gpu and gpus() else jobs
    return max(1, workflow.cores // max(1, min(jobs, limit)))


def read_project(config: dict[str, Any], is_main_process: bool) -> Project:
    """Return the project in the working folder, or end with one line that says what to mend.

    What was read is kept for the jobs. One that runs as a process of its own, which reads the
    Snakefile again, gets the project that its run began with.
    """
    try:
        if config:
            raise ParamsError("--config and --configfile are not read: edit params.yaml")
        return find_project() if is_main_process else kept_project()
    except (MienError, OSError) as error:
        print(f"mien: {error}", file=sys.stderr)
        sys.exit(2)


def find_project() -> Project:
    """Return the project, each file read once, and tell the jobs where the settings are kept."""
    settings = PARAMS.read_bytes() if PARAMS.is_file() else None
    params = load(PARAMS, settings)
    for name, variant in params.variants.items():
        if isinstance(variant, YoloVariant):
            check_yolo(name, variant)
    for path in (SOURCES, WITHDRAWN):
        if not path.is_file():
            raise TableError(f"{path}: the file is missing; `mien new .` adds what is missing")
    refuse_strays(BALLOTS)
    sources = SOURCES.read_bytes()
    table = read_sources(SOURCES, params.labels.expressions, sources)
    rows = table[["source_id", "kind", "target"]].itertuples(index=False)
    found = {
        "listings": {
            source: listing_of(source, own_place(target), params.acquire.max_megapixels)
            for source, kind, target in rows
            if kind in ("folder", "video") and not is_remote(kind, target)
        },
        "people": [path.as_posix() for path in ballot_files(BALLOTS)],
        "voted": len(voted(BALLOTS)),
        "second_looks": [SECOND_LOOK.as_posix()] if SECOND_LOOK.is_file() else [],
        "openings": [OPENINGS.as_posix()] if OPENINGS.is_file() else [],
    }
    os.environ["MIEN_PARAMS"] = str(Reading(settings or b"", sources, found).keep())
    return Project(params, table, **found)


def kept_project() -> Project:
    """Return the project as `find_project` of the main process found it."""
    reading = Reading.kept(Path(os.environ["MIEN_PARAMS"]))
    params = load(PARAMS, reading.settings)
    table = read_sources(SOURCES, params.labels.expressions, reading.sources)
    return Project(params, table, **reading.found)


def listing_of(source: str, place: Path, max_megapixels: float) -> str:
    """Return a hash of the files in a source's folder, or of its one file: of names and contents.

    Where it is not on this machine, it is as it was when its scenes were made. An earlier shard
    keeps its hash of names and sizes as long as it is what its files give. Raises SourceError when
    there is neither folder nor shard.
    """
    shard, skipped = Path(f"data/scenes/{source}.parquet"), Path(f"data/skipped/{source}.csv")
    recorded = recorded_listing(shard)
    if shard.is_file() and not place.exists():
        return recorded
    held = held_by(place, memory_of(source))
    if is_earlier(recorded):
        from mien.acquire.earlier import is_still

        if is_still(place, held, recorded, shard, skipped, max_megapixels):
            return recorded
    return asked(hash_of(held), recorded)
