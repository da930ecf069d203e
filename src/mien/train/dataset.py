"""The faces of one run, and their pictures in the form that each framework wants."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import TableError
from mien.faces.shards import read_views
from mien.images import Picture, encode_png
from mien.params import Params, Variant
from mien.progress import track
from mien.train.split import TRUTH, of_fold, refuse_empty
from mien.view import View

BATCH = 64


def classes_of(variant: Variant, expressions: Sequence[str]) -> list[str]:
    """Return the classes the variant tells apart, in the order of labels.expressions."""
    return [name for name in expressions if variant.classes is None or name in variant.classes]


def wanted(params: Params, split: str) -> list[str]:
    """Return the classes of the variants that use this table of splits; if none does, all classes.

    They decide whether a split is refused, never what it holds. So a split stays up to date
    whatever becomes of the variants; `training_faces` refuses by itself.
    """
    expressions = params.labels.expressions
    users = [variant for variant in params.variants.values() if variant.split == split]
    used = {name for variant in users for name in classes_of(variant, expressions)}
    return [name for name in expressions if name in used or not users]


def training_faces(
    split: pd.DataFrame,
    labels: pd.DataFrame,
    variant: Variant,
    classes: Sequence[str],
    fold: int | None,
) -> pd.DataFrame:
    """Return face_id, split (train or val) and label of every face a run may see.

    With a fold, its faces validate and those of all other folds train. Test faces and faces of
    other classes are left out. Raises TableError when a class has nothing to train on or to
    validate with.
    """
    truth = labels[["face_id"]].assign(label=labels[TRUTH[variant.truth]])
    faces = split.merge(truth, on="face_id", how="left", validate="one_to_one")
    if faces["label"].isna().any():
        face_id = faces.loc[faces["label"].isna(), "face_id"].iloc[0]
        raise TableError(
            f"the face {face_id} is in the split but has no label of the kind {variant.truth}; "
            "delete the table of splits and run snakemake"
        )
    faces = of_fold(faces, fold)
    refuse_empty(faces["label"], faces["split"], classes, variant.scheme)
    seen = (faces["split"] != "test") & faces["label"].isin(classes)
    return faces.loc[seen, ["face_id", "split", "label"]].reset_index(drop=True)


def unpack(
    faces: pd.DataFrame,
    shards: Sequence[Path],
    folder: Path,
    view: View,
    margin: float,
) -> dict[str, dict[str, int]]:
    """Write `folder/<part>/<class>/<face_id>.png` for every face; return the counts."""
    counts: dict[str, dict[str, int]] = {"train": {}, "val": {}}
    places: dict[str, Path] = {}
    for face_id, part, label in zip(*(faces[name] for name in faces), strict=True):
        counts[part][label] = counts[part].get(label, 0) + 1
        places[face_id] = folder / part / label / f"{face_id}.png"
    for parent in {place.parent for place in places.values()}:
        parent.mkdir(parents=True)
    faces_seen = read_views(shards, places, view, margin)
    for face_id, face in track(faces_seen, "unpacking faces", len(places)):
        places[face_id].write_bytes(encode_png(face))
    return counts


def load_pictures(
    face_ids: Sequence[str], shards: Sequence[Path], view: View, margin: float
) -> NDArray[np.uint8]:
    """Return the pictures (n, size, size, RGB) of the faces, in their order."""
    places = {face_id: place for place, face_id in enumerate(face_ids)}
    side = view.size_px or 0
    pictures = np.empty((len(places), side, side, 3), np.uint8)
    faces_seen = read_views(shards, places, view, margin)
    for face_id, face in track(faces_seen, "unpacking faces", len(places)):
        pictures[places[face_id]] = face[:, :, ::-1]
    return pictures


def batches(pictures: Iterable[Picture]) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures, all of one size, as RGB arrays (n, size, size, 3) of at most 64."""
    faces = iter(pictures)
    while chunk := list(islice(faces, BATCH)):
        yield np.stack([face[:, :, ::-1] for face in chunk])
