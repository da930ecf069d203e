"""What the overview says of the variants, as plain values for the template."""

import math
from collections.abc import Sequence

import pandas as pd

from mien import words
from mien.evaluate.files import Metrics, Pair, Summary, VariantRow
from mien.params import AnyVariant
from mien.report.page.cautions import cautions
from mien.report.page.inputs import Inputs
from mien.report.page.judgement import evidence, judge
from mien.report.page.sentences import groups_noun, pair_sentence, rivals
from mien.report.page.templates import Row, mark
from mien.report.page.yields import unvoted_share, waiting
from mien.train.dataset import classes_of
from mien.train.split import TRUTH

AXIS_STEP = 0.05
MOST = 0.5


def headline(inputs: Inputs) -> Row:
    """Return what stands on top: the best variant, what it is good for, and words of caution."""
    choice = inputs.summary.best
    best = inputs.summary.row(choice.variant)
    variant, runs = inputs.params.variants[best.variant], inputs.metrics[best.variant]
    faces, checked = checked_faces(inputs, variant)
    expressions = inputs.params.labels.expressions
    classes = classes_of(variant, expressions)
    unvoted = unvoted_share(inputs.labels)
    groups = faces.loc[checked, "group_id"].value_counts(normalize=True)
    outcomes = inputs.second_look.outcomes
    return {
        "best": best,
        "groups": words.count(best.groups, groups_noun(inputs.sources)),
        "interval": words.interval(
            best.accuracy_low, best.accuracy_high, inputs.params.evaluate.confidence
        ),
        "commonest": commonest(runs),
        "choice": choice,
        "rivals": rivals(choice.rivals),
        "judgement": judge(
            best,
            evidence(faces, checked, classes, runs),
            commonest(runs),
            waiting=waiting(inputs.labels),
            is_drawn=set(inputs.sources["kind"]) == {"drawn"},
            is_voted=unvoted < MOST,
            is_crossed=variant.cross_validate,
        ),
        "cautions": cautions(
            best,
            getattr(variant, "checkpoint", None),
            inputs.sources,
            relabelled=sum(outcomes[name] for name in ("suggested", "other", "unlabelled")),
            unvoted=unvoted,
            largest=(str(groups.index[0]), float(groups.iloc[0])),
            untaught=[name for name in expressions if name not in classes],
        ),
    }


def checked_faces(inputs: Inputs, variant: AnyVariant) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """Return the faces of a variant's split with their label, and which it is checked on."""
    truth = inputs.labels.set_index("face_id")[TRUTH[variant.truth]]
    split = inputs.splits[variant.split]
    faces = split.assign(label=split["face_id"].map(truth))
    classes = classes_of(variant, inputs.params.labels.expressions)
    has_part = faces["fold"].notna() if variant.cross_validate else faces["split"] == "val"
    return faces, has_part & faces["label"].isin(classes)


def pair_sentences(summary: Summary) -> Row:
    """Return the comparisons of the best variant with each other one, and all others, in words."""
    best, pairs = summary.best.variant, summary.pairs
    has_best = [best in (pair.a, pair.b) for pair in pairs]
    is_only_one = sum(isinstance(pair, Pair) for pair in pairs) == 1
    spoken = [pair_sentence(pair, is_only_one) for pair in pairs]
    sentences = list(zip(has_best, spoken, strict=True))
    return {
        "is_only_one": is_only_one,
        "best": [sentence for with_best, sentence in sentences if with_best],
        "others": [sentence for with_best, sentence in sentences if not with_best],
    }


def commonest(runs: Sequence[Metrics]) -> tuple[str, float]:
    """Return the expression that most faces of the runs have, and its share of them."""
    faces = pd.DataFrame(
        [{name: scores.support for name, scores in run.per_class.items()} for run in runs]
    )
    shares = faces.sum() / faces.sum().sum()
    return str(shares.idxmax()), float(shares.max())


def accuracy_axis(ranked: Sequence[VariantRow]) -> Row:
    """Return the common axis of all accuracies: its ends, and where each variant stands on it.

    Places are in per cent of the axis from its left end; a variant without an interval has no
    `low` and `high`.
    """
    values = [
        value
        for row in ranked
        for value in (row.accuracy, row.accuracy_low, row.accuracy_high)
        if value is not None
    ]
    low = max(0.0, math.floor(min(values) / AXIS_STEP - 0.5) * AXIS_STEP)
    high = min(1.0, math.ceil(max(values) / AXIS_STEP + 0.5) * AXIS_STEP)
    marks = {
        row.variant: mark(row.accuracy, row.accuracy_low, row.accuracy_high, low, high)
        for row in ranked
    }
    return {"low": low, "high": high, "marks": marks}
