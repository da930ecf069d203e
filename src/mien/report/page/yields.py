"""The yield: how many scenes and faces are left after every step, per source and per class."""

from collections.abc import Sequence

import pandas as pd

from mien.train.tables import SPLITS

DROPPED = ("repeated", "withdrawn", "too_small", "blurred", "duplicate")
FACE_STEPS = ("with_face", "found", *DROPPED, "kept")
SOME = 0.1  # of all faces: fewer that wait for votes matter little
LABEL_STEPS = ("labelled", "unlabelled")


def yield_per_source(
    sources: pd.DataFrame,
    scenes: pd.DataFrame,
    skipped: pd.DataFrame,
    found: pd.DataFrame,
    faces: pd.DataFrame,
    labels: pd.DataFrame,
    split: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row per source, in the order of `sources`: what each step left of it.

    `found` has a row for every face found, `faces` is their index; a face that the index has from
    another source is `repeated`. Of the columns, `found` is the sum of `repeated`, `withdrawn`,
    `too_small`, `blurred`, `duplicate` and `kept`; `kept` that of `labelled` and `unlabelled`.
    """
    origin = faces.set_index("face_id")["source_id"]
    rows = pd.DataFrame(
        {
            "scenes": scenes.groupby("source_id").size(),
            "skipped": skipped.groupby("source_id").size(),
            "with_face": found.groupby("source_id")["scene_id"].nunique(),
            "found": found.groupby("source_id").size(),
        }
    ).reindex(sources["source_id"])
    indexed = pd.crosstab(faces["source_id"], faces["status"]).reindex(rows.index)
    rows["repeated"] = rows["found"].fillna(0) - indexed.sum(axis=1)
    rows = rows.join(indexed.reindex(columns=[*DROPPED[1:], "kept"]))
    rows = rows.join(_labels_by(labels, labels["face_id"].map(origin)))
    rows = rows.join(_parts_by(split, split["face_id"].map(origin)))
    given = sources.set_index("source_id")[["expression", "limit"]]
    return given.join(_whole(rows)).reset_index()


def yield_per_class(
    expressions: Sequence[str],
    per_source: pd.DataFrame,
    labels: pd.DataFrame,
    split: pd.DataFrame,
    truth: str,
) -> pd.DataFrame:
    """Return one row per expression, then, where it counts anything, one for none (empty).

    Up to `kept` a scene or face counts for the expression its source hoped for; `initial` and
    `unlabelled` count by the first label, `labelled` by the label, the parts of the split by the
    column `truth` of the labels.
    """
    hoped = per_source.groupby(per_source["expression"].fillna(""))
    rows = hoped[["scenes", "skipped", *FACE_STEPS]].sum().reindex([*expressions, ""])
    first, final = labels["initial"].fillna(""), labels["label"].fillna("")
    rows["initial"] = labels.groupby(first).size()
    rows["unlabelled"] = labels[labels["label"].isna()].groupby(first).size()
    rows["labelled"] = labels[labels["label"].notna()].groupby(final).size()
    trained = labels.set_index("face_id")[truth].fillna("")
    rows = rows.join(_parts_by(split, split["face_id"].map(trained)))
    whole = _whole(rows).rename_axis("expression").reset_index()
    return whole if whole.iloc[-1, 1:].any() else whole.iloc[:-1]


def totals(counts: pd.DataFrame) -> pd.Series:
    """Return the sum of every column of counts."""
    return counts.select_dtypes("number").sum()


def skip_reasons(skipped: pd.DataFrame) -> pd.DataFrame:
    """Return how many items each source skipped for each reason, the commonest first."""
    counts = skipped.groupby(["source_id", "reason"]).size().rename("items").reset_index()
    return counts.sort_values(["items", "source_id", "reason"], ascending=[False, True, True])


def unlabelled_reasons(labels: pd.DataFrame) -> pd.DataFrame:
    """Return how many faces have no label, by status and reason, the commonest first."""
    without = labels[labels["label"].isna()].fillna({"reason": ""})
    counts = without.groupby(["status", "reason"]).size().rename("faces").reset_index()
    return counts.sort_values(["faces", "status", "reason"], ascending=[False, True, True])


def votes_on(labels: pd.DataFrame) -> "pd.Series[int]":
    """Return how many votes for an expression, and yes or no to one, each face has."""
    named = [name for name in labels.columns if name.startswith("votes_")]
    votes: pd.Series[int] = labels[[*named, "yes", "no"]].sum(axis=1)
    return votes


def unvoted_share(labels: pd.DataFrame) -> float:
    """Return the share of the labelled faces that nobody voted on."""
    labelled = labels[labels["label"].notna()]
    return float((votes_on(labelled) == 0).mean()) if len(labelled) else 0.0


def waiting(labels: pd.DataFrame) -> int:
    """Return how many faces have no label because too few people, or nobody, voted on them.

    0 when they are less than a tenth of all faces.
    """
    faces = int((labels["label"].isna() & (labels["status"] == "too_few")).sum())
    return faces if faces >= SOME * len(labels) else 0


def _labels_by(labels: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Return the faces with and without a label for each value of the key."""
    has_label = labels["label"].notna().map({True: "labelled", False: "unlabelled"})
    return pd.crosstab(key, has_label).reindex(columns=list(LABEL_STEPS), fill_value=0)


def _parts_by(split: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Return the faces in each part of the split for each value of the key."""
    return pd.crosstab(key, split["split"]).reindex(columns=list(SPLITS), fill_value=0)


def _whole(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the counts as whole numbers; what was never counted is 0."""
    return counts.fillna(0).astype("int64")
