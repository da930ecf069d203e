"""Everything that voters said of each face: all expressions they named, and their tags."""

from collections.abc import Sequence
from itertools import compress

import numpy as np
import pandas as pd


def mentioned(counted: pd.DataFrame, ids: pd.Index, expressions: Sequence[str]) -> pd.DataFrame:
    """Return per face each expression's `share_` and `named_`, and the `tags`.

    `counted` are the ballots of round one and the reviews that count. A voter names an expression
    by `vote` or `also` in round one and by a yes in a review. `share_` is its share among all names
    given, `named_` the share of the face's voters who gave it. A face has the tags that at least
    half of its voters gave. All are empty if nobody voted.
    """
    voters = counted.groupby("face_id")["voter"].nunique().reindex(ids, fill_value=0)
    said = _said(counted)
    once = said.drop_duplicates()
    points = tally(said["face_id"], said["expression"], ids, expressions)
    named = tally(once["face_id"], once["expression"], ids, expressions)
    return pd.concat(
        [
            _divided(points, points.sum(axis=1)).add_prefix("share_"),
            _divided(named, voters).add_prefix("named_"),
            _tags(counted, voters),
        ],
        axis=1,
    )


def tally(
    faces: pd.Series, words: pd.Series, ids: pd.Index, columns: Sequence[str]
) -> pd.DataFrame:
    """Return how often each of the columns was said of each face; other words are left out."""
    row, column = ids.get_indexer(pd.Index(faces)), pd.Index(columns).get_indexer(pd.Index(words))
    known = (row >= 0) & (column >= 0)
    counts = np.zeros((len(ids), len(columns)), dtype=np.int64)
    np.add.at(counts, (row[known], column[known]), 1)
    return pd.DataFrame(counts, index=ids, columns=list(columns))


def _said(counted: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each time that a voter named an expression, or gave another answer."""
    first = counted[counted["round"] == "label"]
    yes = counted[(counted["round"] == "review") & (counted["vote"] == "yes")]
    parts = [(first, "vote"), (first, "also"), (yes, "asked")]
    return pd.concat(
        [rows[["face_id", "voter"]].assign(expression=rows[column]) for rows, column in parts]
    )


def _divided(counts: pd.DataFrame, total: pd.Series) -> pd.DataFrame:
    return counts.div(total.where(total > 0), axis=0).astype("Float64")


def _tags(counted: pd.DataFrame, voters: pd.Series) -> pd.Series:
    """Return the tags that at least half of a face's voters gave, sorted, separated by spaces."""
    given = counted[["face_id", "voter"]].assign(tags=counted["tags"].str.split()).explode("tags")
    once = given.dropna(subset="tags").drop_duplicates()
    names = sorted(once["tags"].unique())
    times = tally(once["face_id"], once["tags"], voters.index, names)
    enough = times.gt(0) & times.mul(2).ge(voters, axis=0)
    texts = [" ".join(compress(names, flags)) or None for flags in enough.to_numpy()]
    return pd.Series(texts, voters.index, dtype="string", name="tags")
