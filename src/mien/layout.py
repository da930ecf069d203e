"""Every path of a project, relative to its folder; no other module spells one."""

import re
from pathlib import Path

PARAMS = Path("params.yaml")

# made by hand
SOURCES = Path("data/sources.csv")
WITHDRAWN = Path("data/withdrawn.csv")
BALLOTS = Path("data/ballots")
ROUNDS = Path("data/rounds.csv")
SECOND_LOOK = Path("data/second_look.csv")
OPENINGS = Path("data/test_openings.csv")

# acquired
SCENES = Path("data/scenes")
SKIPPED = Path("data/skipped")
TRUTH = Path("data/truth")
WEIGHTS = Path("data/weights")
DOWNLOADS = Path("data/downloads")
VIDEOS = Path("data/videos")

# made of it
CROPS = Path("data/faces")
INDEX = Path("data/faces.csv")
FEATURES = Path("data/features")  # <extractor>/<source>.parquet
SIMULATED = Path("data/simulated")
LABELS = Path("data/labels.csv")
SPLITS = Path("data/splits")
MODELS = Path("models")  # <variant>/<run>/
RUN = re.compile(r"seed-(\d+)(?:-fold-(\d+))?")  # the name of a run: its seed, its fold
RUNS = Path("metrics/runs")
CARDS = Path("metrics/cards")
ACQUIRED = Path("metrics/acquired.csv")
BALLOT_COUNTS = Path("metrics/ballots.json")
AGREEMENT = Path("metrics/agreement.json")
SUMMARY = Path("metrics/summary.json")
SLICES = Path("metrics/slices.csv")
SUSPECTED = Path("metrics/suspected.csv")
SECOND_LOOK_COUNTS = Path("metrics/second_look.json")
ATTRIBUTION = Path("metrics/attribution.csv")
EXPORTS = Path("exports")
FINALS = Path("finals")  # <variant>/<run>/, of `mien train final`

# what Snakemake, DVC and mien keep for themselves
DVC_FOLDER = Path(".dvc")
DVC_LOCK = Path("dvc.lock")
DVC_STAGES = Path("dvc.yaml")
LEDGERS = Path("provenance")
LOCKS = Path(".snakemake/locks")
LOGS = Path("logs")
LEFTOVERS = Path(".mien/leftovers")
LISTINGS = Path(".mien/listings")
FETCHED = Path(".mien/weights")  # what `mien acquire weights` fetched, until a rule takes it
LINKS = Path(".mien/vote/links.json")
VOTE_LOCK = Path(".mien/vote/lock")


def scenes_of(source: str) -> Path:
    """Return the shard of a source's scenes."""
    return SCENES / f"{source}.parquet"


def skipped_of(source: str) -> Path:
    """Return the table of a source's skipped items."""
    return SKIPPED / f"{source}.csv"


def crops_of(source: str) -> Path:
    """Return the shard of a source's faces."""
    return CROPS / f"{source}.parquet"


def features_of(extractor: str, source: str) -> Path:
    """Return the shard of the features of a source's faces."""
    return FEATURES / extractor / f"{source}.parquet"


def predictions_of(run: Path) -> Path:
    """Return the predictions of a run, by its folder or as <variant>/<run>."""
    return RUNS / run.parent.name / run.name / "predictions.csv"


def ledger_of(stage: str) -> Path:
    """Return the ledger of a stage of dvc.yaml."""
    return LEDGERS / f"{stage}.json"
