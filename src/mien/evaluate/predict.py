"""What a run says about faces it was not trained on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import layout
from mien.errors import TableError
from mien.faces.features import read_features
from mien.faces.shards import read_views, shards_of
from mien.images import Picture
from mien.params import Params, ProbeVariant, Variant
from mien.progress import track
from mien.tables import DIGITS
from mien.train.card import names_of
from mien.train.dataset import training_faces
from mien.train.trainer import trainer
from mien.view import View

Probabilities = NDArray[np.floating]
Predictor = Callable[[Path, Iterable[Picture], int], Probabilities]


def faces_to_predict(
    split: pd.DataFrame,
    labels: pd.DataFrame,
    variant: Variant,
    classes: Sequence[str],
    fold: int | None,
) -> pd.DataFrame:
    """Return the faces that validate the run, with their truth; never a test face.

    `fold` is that of the run, empty for a run without one.
    """
    faces = training_faces(split, labels, variant, classes, fold)
    faces = faces[faces["split"] == "val"].rename(columns={"label": "actual"})
    known = labels[["face_id", "initial", "label"]].rename(columns={"label": "consensus"})
    number = pd.Series(fold, index=faces.index, dtype="Int64")
    rows = faces.assign(fold=number).merge(known, on="face_id", how="left", validate="one_to_one")
    return rows[["face_id", "split", "fold", "actual", "initial", "consensus"]]


def answers(
    params: Params, run: Path, index: pd.DataFrame, face_ids: Sequence[str], threads: int
) -> Probabilities:
    """Return what a run says of faces, from their crops or features: (faces, classes).

    `run` is its folder, `index` that of the faces.
    """
    variant = params.variant(names_of(run)[0])
    model = trainer(variant.family)
    shards = shards_of(index, face_ids, layout.CROPS)
    if isinstance(variant, ProbeVariant):
        sources = [shard.stem for shard in shards]
        return model.predict(run, read_features(variant.features, sources, face_ids), threads)
    view, margin = variant.view, params.faces.margin
    return predict_faces(model.predict, run, face_ids, shards, threads, view, margin)


def predict_faces(
    model: Predictor,
    run: Path,
    face_ids: Sequence[str],
    shards: Sequence[Path],
    threads: int,
    view: View,
    margin: float,
) -> Probabilities:
    """Return the probabilities (faces, classes) in the order of `face_ids`."""
    found: list[str] = []

    def pictures() -> Iterator[Picture]:
        wanted = set(face_ids)
        faces = read_views(shards, wanted, view, margin)
        for face_id, face in track(faces, "predicting", len(wanted)):
            found.append(face_id)
            yield face

    probabilities = model(run, pictures(), threads)
    places = {face_id: place for place, face_id in enumerate(found)}
    return probabilities[[places[face_id] for face_id in face_ids]]


def prediction_table(
    rows: pd.DataFrame,
    probabilities: Probabilities,
    classes: Sequence[str],
    multi_label: bool = False,
) -> pd.DataFrame:
    """Return the table of predictions: the rows, one probability a class, and the likeliest class.

    Those of `multi_label`, each on its own, stay as `named_<class>`; divided by their sum they are
    the probabilities of being the one class that a face is judged by. The likeliest is that of the
    probabilities as they are written, of 6 digits; of equal ones it is the first in the order of
    `classes`. Raises TableError when a probability is no number.
    """
    named = np.round(probabilities.astype(np.float64), DIGITS)
    given = probabilities.astype(np.float64)
    rounded = np.round(given / given.sum(axis=1, keepdims=True), DIGITS) if multi_label else named
    if np.isnan(rounded).any():
        face_id = rows["face_id"].iloc[int(np.isnan(rounded).any(axis=1).argmax())]
        raise TableError(
            f"the model gives no probabilities for the face {face_id}, since its training has "
            "diverged; lower the variant's learning rate"
        )
    columns = {f"p_{name}": rounded[:, place] for place, name in enumerate(classes)}
    if multi_label:
        columns |= {f"named_{name}": named[:, place] for place, name in enumerate(classes)}
    likeliest = np.asarray(classes, object)[rounded.argmax(axis=1)]
    return rows.reset_index(drop=True).assign(**columns, predicted=likeliest)
