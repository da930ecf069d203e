"""What the report page shows, read from the tables and files of the other phases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mien.acquire.tables import SKIPPED
from mien.acquire.withdrawn import Withdrawn, read_withdrawn
from mien.faces.tables import FACES
from mien.files import read_json
from mien.labels.tables import labels as labels_table
from mien.params import Params
from mien.report.scored import with_groups
from mien.report.tables import PREDICTIONS
from mien.shards import read_shard
from mien.tables import read_csv
from mien.train.tables import HISTORY, SPLIT

Json = dict[str, Any]
SCENE_COLUMNS = (
    *("scene_id", "source_id", "position", "width", "height"),
    *("item_id", "author", "time_s", "page_url", "licence"),
)


@dataclass(frozen=True)
class Run:
    """One run of a variant: how its training went, and what it predicted, with a group_id."""

    name: str
    history: pd.DataFrame
    predictions: pd.DataFrame


@dataclass(frozen=True)
class Inputs:
    """All tables the page is made of; `splits` go by file name, `runs` by variant."""

    sources: pd.DataFrame
    scenes: pd.DataFrame
    skipped: pd.DataFrame
    found: pd.DataFrame
    faces: pd.DataFrame
    labels: pd.DataFrame
    ballots: Json
    agreement: Json
    splits: dict[str, pd.DataFrame]
    runs: dict[str, list[Run]]
    summary: Json
    params: Params


def files_of(sources: pd.DataFrame, folder: Path, suffix: str = ".parquet") -> list[Path]:
    """Return the file of every source in the folder, in the order of the sources."""
    return [folder / f"{source}{suffix}" for source in sources["source_id"]]


def read_scenes(
    shards: Iterable[Path], sources: pd.DataFrame, withdrawn: Withdrawn
) -> pd.DataFrame:
    """Return all scenes without their pixels, and whether each was withdrawn, shard by shard."""
    scenes = pd.concat([read_shard(shard, SCENE_COLUMNS) for shard in shards], ignore_index=True)
    return scenes.assign(withdrawn=withdrawn.among(scenes, sources))


def read_found(shards: Iterable[Path]) -> pd.DataFrame:
    """Return source, scene and id of every face found; a shard is named after its source."""
    frames = [
        read_shard(shard, ["scene_id", "face_id"]).assign(source_id=shard.stem) for shard in shards
    ]
    return pd.concat(frames, ignore_index=True)


def read_skipped(paths: Iterable[Path]) -> pd.DataFrame:
    """Return all items that acquisition skipped."""
    return pd.concat([read_csv(path, SKIPPED) for path in paths], ignore_index=True)


def read_runs(
    params: Params, splits: Mapping[str, pd.DataFrame], models: Path, runs: Path
) -> dict[str, list[Run]]:
    """Return the runs of every variant in the settings, from the two folders that hold them."""
    found: dict[str, list[Run]] = {}
    for run, variant in params.runs:
        path = runs / run / "predictions.csv"
        scored = with_groups(read_csv(path, PREDICTIONS), splits[variant.split], path)
        history = read_csv(models / run / "history.csv", HISTORY)
        found.setdefault(run.parent.name, []).append(Run(run.name, history, scored))
    return found


def read_inputs(
    *,
    params: Params,
    sources: pd.DataFrame,
    scenes: Path,
    skipped: Path,
    withdrawn: Path,
    found: Path,
    index: Path,
    labels: Path,
    counts: Path,
    agreement: Path,
    splits: Path,
    models: Path,
    runs: Path,
    summary: Path,
) -> Inputs:
    """Return everything the page shows but the pixels; whatever there is many of is a folder."""
    names = {variant.split for variant in params.variants.values()}
    split_tables = {name: read_csv(splits / name, SPLIT) for name in sorted(names)}
    return Inputs(
        sources=sources,
        scenes=read_scenes(files_of(sources, scenes), sources, read_withdrawn(withdrawn)),
        skipped=read_skipped(files_of(sources, skipped, ".csv")),
        found=read_found(files_of(sources, found)),
        faces=read_csv(index, FACES),
        labels=read_csv(labels, labels_table(params.labels.expressions)),
        ballots=read_json(counts),
        agreement=read_json(agreement),
        splits=split_tables,
        runs=read_runs(params, split_tables, models, runs),
        summary=read_json(summary),
        params=params,
    )
