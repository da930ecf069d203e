"""Which face is trained on, validated with, or kept for the test."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import TableError
from mien.params import Scheme, SplitParams, Truth

FEW_FACES = 20  # of a class: from fewer, its recall may be 20 points off either way
FEW_GROUPS = 5
PURPOSES = {"train": "train on", "val": "validate with"}
TRUTH: dict[Truth, str] = {"initial": "initial", "consensus": "label"}


def labelled_faces(index: pd.DataFrame, labels: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Return face_id, group_id and label of every face that has one, in the index's order.

    Raises TableError when a labelled face is not in the index.
    """
    labelled = labels[["face_id"]].assign(label=labels[TRUTH[truth]]).dropna(subset="label")
    faces = index[["face_id", "group_id"]].merge(labelled, on="face_id", validate="one_to_one")
    if len(faces) < len(labelled):
        strange = labelled.loc[~labelled["face_id"].isin(faces["face_id"]), "face_id"].iloc[0]
        raise TableError(f"the face {strange} has a label but is not in the index; run snakemake")
    if faces.empty:
        raise TableError(
            f"no face has a label of the kind {truth}, so there is nothing to split; vote "
            "(mien vote), or give each source an expression and keep what nobody voted on "
            "(labels.unvoted: keep)"
        )
    return faces


def split_faces(
    faces: pd.DataFrame, scheme: Scheme, params: SplitParams, classes: Sequence[str]
) -> pd.DataFrame:
    """Return face_id, group_id, split and fold of every labelled face, in the given order.

    The paper's schemes count the faces of each class in that order and leave the fold empty. Under
    `grouped` no group is in two parts. One part of `1 / test_share` is the test; the rest falls
    into folds, of which the first is `val`. Raises TableError when a part lacks one of `classes`,
    the classes that a variant tells apart.
    """
    if scheme == "grouped":
        return _grouped(faces, params, classes)
    place = faces.groupby("label").cumcount()
    if scheme == "paper-first20":
        val, test = place < 20, place < 0
    elif scheme == "paper-every5":
        val, test = place % 5 == 4, place < 0
    else:
        val, test = (place % 25).between(20, 23), place % 25 == 24
    split = np.select([val, test], ["val", "test"], "train")
    fold = pd.Series(pd.NA, index=faces.index, dtype="Int64")
    return faces[["face_id", "group_id"]].assign(split=split, fold=fold)


def of_fold(split: pd.DataFrame, fold: int | None) -> pd.DataFrame:
    """Return the split as a run sees it: the fold validates and all others train.

    Raises TableError when the split has no such fold.
    """
    if fold is None:
        return split
    known = sorted(split["fold"].dropna().unique())
    if fold not in known:
        there = f"its folds are {known[0]} to {known[-1]}" if known else "it has no folds"
        raise TableError(f"the table of splits has no fold {fold}; {there}")
    validates = (split["fold"] == fold).fillna(False)  # test faces have no fold
    part = np.select([split["split"] == "test", validates], ["test", "val"], "train")
    return split.assign(split=part)


def leak(faces: pd.DataFrame, split: pd.DataFrame) -> float:
    """Return the share of the faces whose group is in the training part of the split.

    A class that a variant leaves out counts as trained on.
    """
    trained = split.loc[split["split"] == "train", "group_id"]
    return float(faces["group_id"].isin(trained).mean()) if len(faces) else 0.0


def gate(split: pd.DataFrame, scheme: Scheme) -> float:
    """Return the leak of the validation faces, which the paper's schemes may have.

    Raises TableError when under `grouped` any group is in two parts or in two folds.
    """
    if scheme == "grouped":
        part = split["split"].where(split["fold"].isna(), "fold " + split["fold"].astype("string"))
        for group, found in part.groupby(split["group_id"]).unique().items():
            if len(found) > 1:
                raise TableError(
                    f"the group {group} is in {' and in '.join(sorted(found))}; under the scheme "
                    "grouped it must be in one; delete the table of splits and run snakemake"
                )
    return leak(split[split["split"] == "val"], split)


def refuse_empty(
    labels: "pd.Series[str]", parts: "pd.Series[str]", classes: Sequence[str], scheme: Scheme
) -> None:
    """Raise TableError when a class has no face to train on or none to validate with."""
    lacking = []
    for name in classes:
        there = set(parts[labels == name])
        none = [f"to {purpose}" for part, purpose in PURPOSES.items() if part not in there]
        if none:
            faces = int((labels == name).sum())
            what = f"and none {' or '.join(none)}" if faces else "at all"
            lacking.append(f"{name} has {_count(faces, 'labelled faces')} {what}")
    if lacking:
        raise TableError(
            f"under the scheme {scheme} {', '.join(lacking)}; label more such faces, take another "
            "scheme, or leave the class out of the variants' classes (variants.<name>.classes)"
        )


def scarce(faces: pd.DataFrame, split: pd.DataFrame, classes: Sequence[str]) -> str:
    """Return a warning of the classes with few faces or groups to train on or validate with.

    It is empty where there are none.
    """
    said = []
    for name in classes:
        mine = split[(faces["label"] == name).to_numpy()]
        train, val = ((mine["split"] == part).sum() for part in PURPOSES)
        groups = mine["group_id"].nunique()
        if min(train, val) < FEW_FACES or groups < FEW_GROUPS:
            said.append(
                f"{name} has {_count(train, 'faces')} to train on and {val} to validate with, of "
                f"{_count(groups, 'groups')}"
            )
    few = f"From fewer than {FEW_FACES} faces or {FEW_GROUPS} groups nobody can tell how well a"
    way_out = "class is recognised: label more of it, or leave it out"
    return f"{'; '.join(said)}. {few} {way_out}" if said else ""


def _grouped(faces: pd.DataFrame, params: SplitParams, classes: Sequence[str]) -> pd.DataFrame:
    """Return the split whose parts are stratified by class and keep every group whole."""
    test = np.zeros(len(faces), dtype=bool)
    if params.test_share > 0:
        parts = round(1 / params.test_share)
        test = _parts(faces, parts, params.seed, "set train.split.test_share to 0") == 0
        _refuse_gaps(faces, test, classes, "the test part", "set train.split.test_share to 0")
    rest, fewer_folds = faces[~test], "lower train.split.folds"
    parts_of_rest = _parts(rest, params.folds, params.seed, fewer_folds)
    for number in range(params.folds):
        _refuse_gaps(rest, parts_of_rest == number, classes, f"fold {number}", fewer_folds)
    fold = pd.Series(parts_of_rest, index=rest.index, dtype="Int64").reindex(faces.index)
    split = np.select([test, (fold == 0).fillna(False)], ["test", "val"], "train")
    return faces[["face_id", "group_id"]].assign(split=split, fold=fold)


def _parts(faces: pd.DataFrame, count: int, seed: int, way_out: str) -> NDArray[np.int64]:
    """Return the number of each face's part; raise TableError when so many parts are impossible."""
    from sklearn.model_selection import StratifiedGroupKFold  # over a second: not for trainings

    groups = faces["group_id"].nunique()
    if min(groups, faces["label"].value_counts().max()) < count:
        raise TableError(
            f"{len(faces)} faces in {groups} groups are too few for {count} parts under the "
            f"scheme grouped; gather more groups, {way_out}, or take another scheme"
        )
    labels, group_ids = (faces[name].to_numpy(object) for name in ("label", "group_id"))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    parts = np.zeros(len(faces), dtype=np.int64)
    with warnings.catch_warnings(action="ignore"):  # of scarce classes: `_refuse_gaps` looks
        for number, (_, part) in enumerate(splitter.split(labels, labels, group_ids)):
            parts[part] = number
    return parts


def _refuse_gaps(
    faces: pd.DataFrame, part: NDArray[np.bool_], classes: Sequence[str], name: str, way_out: str
) -> None:
    """Raise TableError when a class has no face in the part."""
    present = set(faces.loc[part, "label"])
    for label, group_ids in faces.groupby("label")["group_id"]:
        if label in classes and label not in present:
            raise TableError(
                f"the scheme grouped finds no {label} for {name}, since there are "
                f"{_count(len(group_ids), 'faces')} in "
                f"{_count(group_ids.nunique(), 'groups')}; gather more groups, {way_out}, take "
                f"another scheme, or leave {label} out of the variants' classes "
                "(variants.<name>.classes)"
            )


def _count(number: int, noun: str) -> str:
    """Return `27 faces`, `1 face` or `no faces`."""
    return f"{number or 'no'} {noun.removesuffix('s') if number == 1 else noun}"
