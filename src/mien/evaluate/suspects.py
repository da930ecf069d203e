"""Faces whose label the models doubt, by confident learning.

Source: Northcutt, Jiang and Chuang (2021), Confident Learning: Estimating Uncertainty in Dataset
Labels, Journal of Artificial Intelligence Research 70, 1373-1411, as cleanlab has it.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

from mien.evaluate.scored import PREFIX
from mien.evaluate.tables import SUSPECTED
from mien.params import Variant
from mien.train.dataset import classes_of


def witnesses(variants: Mapping[str, Variant], expressions: Sequence[str]) -> dict[str, Variant]:
    """Return the variants whose predictions count, all of one scheme's kind and one truth.

    They tell all expressions apart. Grouped ones go before leaking ones, which have seen the person
    with that label and so confirm it; then those judged by the consensus before those judged by the
    first labels.
    """
    able = {
        name: variant
        for name, variant in variants.items()
        if classes_of(variant, expressions) == list(expressions)
    }
    best = min(map(_rank, able.values()), default=None)
    return {name: variant for name, variant in able.items() if _rank(variant) == best}


def suspects(
    predictions: pd.DataFrame, labels: pd.Series, expressions: Sequence[str]
) -> pd.DataFrame:
    """Return the faces that cleanlab flags, that of least `quality` first.

    `predictions` are those of all runs that count, with a column `variant`; a face's probabilities
    are the mean over the runs that predicted it, none of which trained on it. `labels` has today's
    label by face_id; predictions of faces without that label are passed over. `quality` is
    cleanlab's normalised margin: 0.5 where label and suggestion are equally likely, 0 where the
    suggestion is certain.
    """
    today = predictions["face_id"].map(labels) == predictions["actual"]
    by_face = predictions[today.fillna(False).to_numpy(dtype=bool)].groupby("face_id")
    chances = by_face[[PREFIX + name for name in expressions]].mean().astype("float64")
    chances.columns = pd.Index(expressions)
    given = labels.reindex(chances.index).astype("string")
    if given.nunique() < 2:  # one class alone is never mistaken for another
        return pd.DataFrame(columns=list(SUSPECTED.columns))
    codes = chances.columns.get_indexer(pd.Index(given))
    values = chances.to_numpy()
    flagged = find_label_issues(
        codes,
        values,
        n_jobs=1,
        min_examples_per_class=0,  # nothing is deleted, so that no class need be spared
    )
    suggested = chances.idxmax(axis=1).astype("string")
    table = pd.DataFrame(
        {
            "label": given,
            "suggested": suggested,
            "quality": get_label_quality_scores(codes, values, method="normalized_margin"),
            "p_label": values[range(len(codes)), codes],
            "p_suggested": values.max(axis=1),
            "variants": by_face["variant"].unique().map(lambda names: ";".join(sorted(names))),
        }
    )
    doubted: pd.DataFrame = table[flagged].rename_axis("face_id").reset_index()
    return doubted.sort_values(["quality", "face_id"])


def _rank(variant: Variant) -> tuple[bool, bool]:
    return variant.scheme != "grouped", variant.truth != "consensus"
