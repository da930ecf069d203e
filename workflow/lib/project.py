"""What the user asks for: settings, sources and ballots, each file read once."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien import layout
from mien.acquire.sources import read_sources
from mien.errors import MienError, ParamsError, TableError
from mien.labels.ballots import ballot_files, refuse_strays, stand_ins, voted
from mien.params import Params, YoloVariant, load
from mien.train.settings import check_yolo
from workflow.lib.reading import Reading
from workflow.lib.snapshot import stop
from workflow.lib.sources import Source, asked_of, ids, listings_of


@dataclass(frozen=True, repr=False)  # Snakemake prints its methods
class Project:
    """The checked settings, sources and ballots of one folder."""

    params: Params
    sources: dict[str, Source]
    people: list[str]  # their ballot files
    voted: int  # of these, how many hold an answer
    second_looks: list[str]  # the table of second looks, if there is one
    openings: list[str]  # the log of openings of test parts, if there is one

    @property
    def truths(self) -> list[str]:
        """Return the tables of what drawn faces show."""
        return [str(layout.TRUTH / f"{source}.csv") for source in ids(self.sources, "drawn")]

    @property
    def simulated(self) -> list[str]:
        """Return the ballot files of simulated voters, who vote on drawn faces only.

        They stand in for the people who have not voted yet.
        """
        names = stand_ins(self.voted, self.params.labels.voters) if self.truths else []
        return [str(layout.SIMULATED / name) for name in names]

    @property
    def ballots(self) -> list[str]:
        """Return the ballot files of people and of simulated voters."""
        return self.people + self.simulated


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
        stop(str(error))


def find_project() -> Project:
    """Return the project, and tell the jobs where what was read is kept."""
    settings = layout.PARAMS.read_bytes() if layout.PARAMS.is_file() else None
    params = load(layout.PARAMS, settings)
    for name, variant in params.variants.items():
        if isinstance(variant, YoloVariant):
            check_yolo(name, variant)
    for path in (layout.SOURCES, layout.WITHDRAWN):
        if not path.is_file():
            raise TableError(f"{path}: the file is missing; `mien new .` adds what is missing")
    refuse_strays(layout.BALLOTS)
    sources = layout.SOURCES.read_bytes()
    table = read_sources(layout.SOURCES, params.labels.expressions, sources)
    listings = listings_of(table, params.acquire.max_megapixels)
    found: dict[str, Any] = {
        "people": [path.as_posix() for path in ballot_files(layout.BALLOTS)],
        "voted": len(voted(layout.BALLOTS)),
        "second_looks": _present(layout.SECOND_LOOK),
        "openings": _present(layout.OPENINGS),
    }
    reading = Reading(settings or b"", sources, found | {"listings": listings})
    os.environ["MIEN_PARAMS"] = str(reading.keep())
    return Project(params, asked_of(table, listings), **found)


def kept_project() -> Project:
    """Return the project as `find_project` of the main process found it."""
    reading = Reading.kept(Path(os.environ["MIEN_PARAMS"]))
    params = load(layout.PARAMS, reading.settings)
    table = read_sources(layout.SOURCES, params.labels.expressions, reading.sources)
    found = dict(reading.found)
    return Project(params, asked_of(table, found.pop("listings")), **found)


def _present(path: Path) -> list[str]:
    return [str(path)] if path.is_file() else []
