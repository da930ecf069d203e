"""What the overview shows, read from the tables and files of the other phases."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien import layout
from mien.acquire.sources import read_sources
from mien.acquire.tables import SKIPPED
from mien.acquire.withdrawn import Withdrawn, read_withdrawn
from mien.evaluate.files import Metrics, SecondLook, Summary
from mien.evaluate.tables import SLICES, SUSPECTED
from mien.faces.tables import FACES
from mien.files import read_record
from mien.labels.files import Agreement, BallotCounts
from mien.labels.tables import labels as labels_table
from mien.params import Params
from mien.report.page.origins import ORIGIN
from mien.shards import read_shard
from mien.tables import read_csv
from mien.train.tables import SPLIT

SCENE_COLUMNS = (*ORIGIN, "position", "width", "height")


@dataclass(frozen=True)
class Inputs:
    """All the overview is made of; `splits` go by file name, the runs' `metrics` by variant."""

    sources: pd.DataFrame
    scenes: pd.DataFrame
    skipped: pd.DataFrame
    found: pd.DataFrame
    faces: pd.DataFrame
    labels: pd.DataFrame
    ballots: BallotCounts
    agreement: Agreement
    splits: dict[str, pd.DataFrame]
    metrics: dict[str, list[Metrics]]
    slices: pd.DataFrame
    suspected: pd.DataFrame
    second_look: SecondLook
    summary: Summary
    params: Params


def read_inputs(params: Params) -> Inputs:
    """Return all that the overview shows of the project in the working folder but the pixels."""
    sources = read_sources(layout.SOURCES, params.labels.expressions)
    names = list(sources["source_id"])
    withdrawn = read_withdrawn(layout.WITHDRAWN)
    splits = sorted({variant.split for variant in params.variants.values()})
    return Inputs(
        sources=sources,
        scenes=read_scenes(map(layout.scenes_of, names), sources, withdrawn),
        skipped=_joined(read_csv(layout.skipped_of(name), SKIPPED) for name in names),
        found=_joined(
            read_shard(layout.crops_of(name), ["scene_id", "face_id"]).assign(source_id=name)
            for name in names
        ),
        faces=read_csv(layout.INDEX, FACES),
        labels=read_csv(layout.LABELS, labels_table(params.labels.expressions)),
        ballots=read_record(layout.BALLOT_COUNTS, BallotCounts),
        agreement=read_record(layout.AGREEMENT, Agreement),
        splits={name: read_csv(layout.SPLITS / name, SPLIT) for name in splits},
        metrics={
            name: [
                read_record(layout.RUNS / run / "metrics.json", Metrics)
                for run in params.runs_of(name)
            ]
            for name in params.variants
        },
        slices=read_csv(layout.SLICES, SLICES),
        suspected=read_csv(layout.SUSPECTED, SUSPECTED),
        second_look=read_record(layout.SECOND_LOOK_COUNTS, SecondLook),
        summary=read_record(layout.SUMMARY, Summary),
        params=params,
    )


def read_scenes(
    shards: Iterable[Path], sources: pd.DataFrame, withdrawn: Withdrawn
) -> pd.DataFrame:
    """Return all scenes without their pixels, and whether each was withdrawn, shard by shard."""
    scenes = _joined(read_shard(shard, SCENE_COLUMNS) for shard in shards)
    return scenes.assign(withdrawn=withdrawn.among(scenes, sources))


def _joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)
