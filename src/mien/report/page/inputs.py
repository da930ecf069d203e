"""What the overview shows, read from the tables and files of the other phases."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mien.acquire.tables import SKIPPED
from mien.acquire.withdrawn import Withdrawn, read_withdrawn
from mien.evaluate.tables import SLICES, SUSPECTED
from mien.faces.tables import FACES
from mien.files import read_json
from mien.labels.tables import labels as labels_table
from mien.params import Params
from mien.shards import read_shard
from mien.tables import read_csv
from mien.train.tables import SPLIT

Json = dict[str, Any]
SCENE_COLUMNS = (
    *("scene_id", "source_id", "position", "width", "height"),
    *("item_id", "title", "author", "time_s", "page_url", "licence"),
)


@dataclass(frozen=True)
class Inputs:
    """All the overview is made of; `splits` go by file name, the runs' `metrics` by variant."""

    sources: pd.DataFrame
    scenes: pd.DataFrame
    skipped: pd.DataFrame
    found: pd.DataFrame
    faces: pd.DataFrame
    labels: pd.DataFrame
    ballots: Json
    agreement: Json
    splits: dict[str, pd.DataFrame]
    metrics: dict[str, list[Json]]
    slices: pd.DataFrame
    suspected: pd.DataFrame
    second_look: Json
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


def read_metrics(params: Params, runs: Path) -> dict[str, list[Json]]:
    """Return the metrics of every run, by variant."""
    found: dict[str, list[Json]] = {}
    for run, _ in params.runs:
        found.setdefault(run.parent.name, []).append(read_json(runs / run / "metrics.json"))
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
    runs: Path,
    slices: Path,
    suspected: Path,
    second_look: Path,
    summary: Path,
) -> Inputs:
    """Return all that the overview shows but the pixels; whatever there is many of is a folder."""
    names = {variant.split for variant in params.variants.values()}
    return Inputs(
        sources=sources,
        scenes=read_scenes(files_of(sources, scenes), sources, read_withdrawn(withdrawn)),
        skipped=read_skipped(files_of(sources, skipped, ".csv")),
        found=read_found(files_of(sources, found)),
        faces=read_csv(index, FACES),
        labels=read_csv(labels, labels_table(params.labels.expressions)),
        ballots=read_json(counts),
        agreement=read_json(agreement),
        splits={name: read_csv(splits / name, SPLIT) for name in sorted(names)},
        metrics=read_metrics(params, runs),
        slices=read_csv(slices, SLICES),
        suspected=read_csv(suspected, SUSPECTED),
        second_look=read_json(second_look),
        summary=read_json(summary),
        params=params,
    )
