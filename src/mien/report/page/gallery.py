"""The pictures of the report page: which faces and scenes it shows, and their bytes."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mien.faces.shards import read_crops
from mien.images import Picture, decode, encode_jpeg, resize, shrink
from mien.report.page.inputs import Inputs, Json
from mien.shards import pick

MAX_SOURCES = 24  # a page of a thousand sources would not load
FACE_PX = 112
SCENE_PX = 360
FACE_QUALITY = 82
SCENE_QUALITY = 72
ERROR_COLUMNS = ("face_id", "actual", "predicted", "probability")


@dataclass(frozen=True)
class Choice:
    """The faces and scenes the page shows, by class, by variant, by source, and as disputed."""

    labelled: dict[str, pd.DataFrame]
    removed: dict[str, pd.DataFrame]
    errors: dict[str, pd.DataFrame]
    scenes: dict[str, pd.DataFrame]
    disputed: list[Json]

    def face_ids(self) -> set[str]:
        frames = [*self.labelled.values(), *self.removed.values(), *self.errors.values()]
        disputed = {str(face["face_id"]) for face in self.disputed}
        return disputed.union(*(frame["face_id"].astype(str) for frame in frames))

    def scene_ids(self) -> set[str]:
        return {str(scene) for frame in self.scenes.values() for scene in frame["scene_id"]}


def choose(inputs: Inputs) -> Choice:
    """Return which pictures the page will show."""
    report = inputs.params.report
    return Choice(
        labelled=labelled_faces(inputs.labels, report.faces_per_class),
        removed=removed_faces(inputs.labels, report.faces_per_class),
        errors={
            variant: worst_errors([run.predictions for run in runs], report.worst_errors)
            for variant, runs in inputs.runs.items()
        },
        scenes=example_scenes(inputs.scenes[~inputs.scenes["withdrawn"]], report.scenes_per_source),
        disputed=disputed_faces(inputs.agreement["disputed"], inputs.faces),
    )


def spread(rows: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return at most `limit` of the rows, spread evenly from the first to the last."""
    if len(rows) <= limit:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, limit).round().astype(int)]


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


def worst_errors(predictions: Sequence[pd.DataFrame], limit: int) -> pd.DataFrame:
    """Return the faces taken for a wrong class with the highest probability, worst first.

    Columns are `face_id`, `actual`, `predicted` and `probability`, that of the wrong class. A
    face that several runs get wrong stands there once, at its worst.
    """
    wrong = [_wrong(frame) for frame in predictions]
    errors = pd.concat(wrong, ignore_index=True)
    errors = errors.sort_values(["probability", "face_id"], ascending=[False, True])
    return errors.drop_duplicates("face_id").head(limit).reset_index(drop=True)


def example_scenes(scenes: pd.DataFrame, limit: int) -> dict[str, pd.DataFrame]:
    """Return for each of at most 24 sources at most `limit` scenes, spread from first to last."""
    names = spread(scenes[["source_id"]].drop_duplicates(), MAX_SOURCES)["source_id"]
    groups = dict(list(scenes.groupby("source_id")))
    return {str(name): spread(groups[name], limit) for name in names}


def disputed_faces(disputed: Sequence[Json], faces: pd.DataFrame) -> list[Json]:
    """Return the disputed faces that are kept: others, say withdrawn ones, are not to be shown."""
    kept = set(faces.loc[faces["status"] == "kept", "face_id"])
    return [face for face in disputed if face["face_id"] in kept]


def face_pictures(shards: Sequence[Path], wanted: Collection[str]) -> dict[str, str]:
    """Return the wanted faces as data URIs, by face id."""
    crops = read_crops(shards, wanted)
    return {face: data_uri(resize(crop, FACE_PX), FACE_QUALITY) for face, crop in crops}


def scene_pictures(folder: Path, chosen: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the scenes chosen of each source, made small, as data URIs, by scene id."""
    return {
        scene: data_uri(shrink(decode(row["image"]), SCENE_PX), SCENE_QUALITY)
        for source, rows in chosen.items()
        for scene, row in pick(folder / f"{source}.parquet", "scene_id", set(rows["scene_id"]))
    }


def data_uri(picture: Picture, quality: int) -> str:
    """Return the picture as a JPEG that stands in the page itself."""
    return "data:image/jpeg;base64," + b64encode(encode_jpeg(picture, quality)).decode()


def _wrong(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose prediction is not the truth, with the probability it got."""
    rows = predictions[predictions["predicted"] != predictions["actual"]]
    chances = [row[f"p_{row['predicted']}"] for _, row in rows.iterrows()]
    return rows.assign(probability=chances)[list(ERROR_COLUMNS)]
