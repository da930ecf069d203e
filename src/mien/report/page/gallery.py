"""Which faces and scenes the overview shows."""

from dataclasses import dataclass

import pandas as pd

from mien.labels.files import Disputed
from mien.report.page.inputs import Inputs
from mien.report.page.pictures import spread

MAX_SOURCES = 24  # a page of a thousand sources would not load


@dataclass(frozen=True)
class Choice:
    """The faces and scenes the overview shows: by class, by source, in doubt, disputed."""

    labelled: dict[str, pd.DataFrame]
    removed: dict[str, pd.DataFrame]
    scenes: dict[str, pd.DataFrame]
    suspected: pd.DataFrame
    disputed: list[Disputed]

    def face_ids(self) -> set[str]:
        frames = [*self.labelled.values(), *self.removed.values(), self.suspected]
        disputed = {face.face_id for face in self.disputed}
        return disputed.union(*(frame["face_id"].astype(str) for frame in frames))

    def scene_ids(self) -> set[str]:
        return {str(scene) for frame in self.scenes.values() for scene in frame["scene_id"]}


def choose(inputs: Inputs) -> Choice:
    """Return which pictures the overview will show."""
    report = inputs.params.report
    kept = set(inputs.faces.loc[inputs.faces["status"] == "kept", "face_id"])
    return Choice(
        labelled=labelled_faces(inputs.labels, report.faces_per_class),
        removed=removed_faces(inputs.labels, report.faces_per_class),
        scenes=example_scenes(inputs.scenes[~inputs.scenes["withdrawn"]], report.scenes_per_source),
        suspected=inputs.suspected.head(report.faces_per_class),
        disputed=[face for face in inputs.agreement.disputed if face.face_id in kept],
    )


def labelled_faces(labels: pd.DataFrame, limit: int) -> dict[str, pd.DataFrame]:
    """Return for every label at most `limit` of its faces, spread over the sources."""
    groups = labels[labels["label"].notna()].groupby("label", sort=True)
    return {str(name): spread(rows, limit) for name, rows in groups}


def removed_faces(labels: pd.DataFrame, limit: int) -> dict[str, pd.DataFrame]:
    """Return for every first label at most `limit` of the faces left without a label.

    Those that never had a first label come last, under an empty name.
    """
    removed = labels[labels["label"].isna()].fillna({"initial": "", "reason": ""})
    groups = sorted(removed.groupby("initial"), key=lambda group: (group[0] == "", group[0]))
    return {str(name): spread(rows, limit) for name, rows in groups}


def example_scenes(scenes: pd.DataFrame, limit: int) -> dict[str, pd.DataFrame]:
    """Return for each of at most 24 sources at most `limit` scenes, spread from first to last."""
    names = spread(scenes[["source_id"]].drop_duplicates(), MAX_SOURCES)["source_id"]
    groups = dict(list(scenes.groupby("source_id")))
    return {str(name): spread(groups[name], limit) for name in names}
