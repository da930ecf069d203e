"""What the report page shows, read from the tables and files of the other phases."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mien.acquire.sources import read_sources
from mien.acquire.tables import SKIPPED
from mien.errors import TableError
from mien.faces.tables import FACES
from mien.labels.tables import labels as labels_table
from mien.params import Params
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
    """One run of a variant; what its stages have not written is empty."""

    name: str
    history: pd.DataFrame | None = None
    predictions: pd.DataFrame | None = None
    metrics: Json | None = None


@dataclass(frozen=True)
class Inputs:
    """All tables the page is made of; `splits` and `runs` go by split and by variant name."""

    sources: pd.DataFrame
    scenes: pd.DataFrame
    skipped: pd.DataFrame
    crops: pd.DataFrame
    faces: pd.DataFrame
    labels: pd.DataFrame
    ballots: Json | None
    splits: dict[str, pd.DataFrame]
    runs: dict[str, list[Run]]
    summary: Json
    params: Params


def read_scenes(shards: Iterable[Path]) -> pd.DataFrame:
    """Return all scenes without their pixels, in the order of the shards."""
    return _stack([read_shard(shard, SCENE_COLUMNS) for shard in shards], SCENE_COLUMNS)


def read_found(shards: Iterable[Path]) -> pd.DataFrame:
    """Return source, scene and id of every face found; a shard is named after its source."""
    frames = [
        read_shard(shard, ["scene_id", "face_id"]).assign(source_id=shard.stem) for shard in shards
    ]
    return _stack(frames, ("scene_id", "face_id", "source_id"))


def read_skipped(paths: Iterable[Path]) -> pd.DataFrame:
    """Return all items that acquisition skipped."""
    return _stack([read_csv(path, SKIPPED) for path in paths], SKIPPED.columns)


def read_runs(
    histories: Sequence[Path], predictions: Sequence[Path], metrics: Sequence[Path]
) -> dict[str, list[Run]]:
    """Return the runs of every variant; a file's two parent folders name variant and run."""
    parts: dict[str, dict[tuple[str, str], Any]] = {
        "history": {_run_of(path): read_csv(path, HISTORY) for path in histories},
        "predictions": {_run_of(path): read_csv(path, PREDICTIONS) for path in predictions},
        "metrics": {_run_of(path): read_json(path) for path in metrics},
    }
    names = sorted({name for found in parts.values() for name in found})
    runs: dict[str, list[Run]] = {}
    for variant, run in names:
        files = {part: found.get((variant, run)) for part, found in parts.items()}
        runs.setdefault(variant, []).append(Run(run, **files))
    return runs


def read_json(path: Path) -> Json:
    """Return the object in the file; raise TableError when it is missing or no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path}: the file is missing") from None
    except json.JSONDecodeError as error:
        raise TableError(f"{path}, line {error.lineno}: not JSON: {error.msg}") from None
    if not isinstance(content, dict):
        raise TableError(f"{path}: it holds no JSON object")
    return content


def read_inputs(
    params: Params,
    sources: Path,
    scenes: Sequence[Path],
    skipped: Sequence[Path],
    crops: Sequence[Path],
    index: Path,
    labels: Path,
    counts: Path | None,
    splits: Sequence[Path],
    runs: dict[str, list[Run]],
    summary: Path,
) -> Inputs:
    """Return everything the page shows but the pixels."""
    expressions = params.labels.expressions
    return Inputs(
        sources=read_sources(sources, expressions),
        scenes=read_scenes(scenes),
        skipped=read_skipped(skipped),
        crops=read_found(crops),
        faces=read_csv(index, FACES),
        labels=read_csv(labels, labels_table(expressions)),
        ballots=read_json(counts) if counts else None,
        splits={path.stem: read_csv(path, SPLIT) for path in splits},
        runs=runs,
        summary=read_json(summary),
        params=params,
    )


def _run_of(path: Path) -> tuple[str, str]:
    return path.parent.parent.name, path.parent.name


def _stack(frames: Sequence[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    """Return the frames under one another; with none of them, no row of these columns."""
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="string") for name in columns})
    return pd.concat(frames, ignore_index=True)
