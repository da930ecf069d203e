"""How well each variant predicts: one row each."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mien.evaluate.bootstrap import paired_difference
from mien.evaluate.files import VariantRow
from mien.evaluate.intervals import (
    RELIABLE_GROUPS,
    Jackknifed,
    Numbers,
    jackknife,
    positive_interval,
    share_interval,
)
from mien.evaluate.metrics import point_metrics
from mien.evaluate.runs import Graded, Result, by_variant, grade, mean_leak, pool
from mien.params import AnyVariant, EvaluateParams


def summarise(
    results: Sequence[Result], variants: Mapping[str, AnyVariant], params: EvaluateParams
) -> list[VariantRow]:
    """Return one row a variant, sorted by name: its recipe in short, and how well it predicts.

    The folds of a seed are pooled; accuracy and all other metrics are the means over the seeds.
    Intervals allow for other groups and, where there are several, other seeds; from a single seed
    they leave out how much another seed would change. `accuracy_averaged` is the accuracy of the
    mean of the seeds' probabilities, `averaged_gain` what that adds for these very seeds.
    """
    rows = []
    for name, members in by_variant(results).items():
        seeds, variant = pool(members), variants[name]
        graded = grade(seeds)
        points = pd.DataFrame([point_metrics(frame) for frame in seeds.values()])
        groups = graded.truth["group_id"].nunique()
        rows.append(
            VariantRow(
                variant=name,
                family=variant.family,
                labels=variant.labels,
                scheme=variant.scheme,
                image_size_px=getattr(variant, "image_size_px", None),
                epochs=getattr(variant, "epochs", None),
                runs=len(members),
                classes=graded.classes,
                truth=variant.truth,
                faces=len(graded.truth),
                groups=groups,
                leak=mean_leak(members),
                reliable=groups >= RELIABLE_GROUPS,
                **{str(metric): value for metric, value in points.mean().items()},
                **_intervals(graded, groups, params),
                **_averaged(graded, params),
            )
        )
    return rows


def mean_estimate(
    values: pd.DataFrame, groups: "pd.Series[str]", among: list[str] | None = None
) -> Jackknifed:
    """Return the mean of values (faces, seeds) over faces and seeds.

    `among` names all groups, also those without a face here, where another estimate has them.
    """
    names = pd.Index(among or sorted(groups.unique()))
    sums = values.groupby(groups).sum().reindex(names, fill_value=0).to_numpy(np.float64)
    sizes = groups.value_counts().reindex(names, fill_value=0).to_numpy(np.float64)

    def mean(drawn: Numbers, seeds: Numbers) -> Numbers:
        means: Numbers = (drawn @ sums * seeds).sum(axis=1) / seeds.sum(axis=1) / (drawn @ sizes)
        return means

    return jackknife(mean, [len(names), values.shape[1]])


def _intervals(graded: Graded, groups: int, params: EvaluateParams) -> dict[str, float]:
    names = ("accuracy_low", "accuracy_high", "log_loss_low", "log_loss_high")
    if groups < 2:
        return dict.fromkeys(names, math.nan)
    group_ids = graded.truth["group_id"]
    accuracy = share_interval(mean_estimate(graded.right, group_ids), groups, params)
    loss = positive_interval(mean_estimate(graded.loss, group_ids), params)
    return dict(zip(names, (*accuracy, *loss), strict=True))


def _averaged(graded: Graded, params: EvaluateParams) -> dict[str, float]:
    """Return what averaging the seeds is worth; NaN for a single one."""
    names = ("accuracy_averaged", "averaged_gain", "averaged_low", "averaged_high")
    if graded.right.shape[1] == 1:
        return dict.fromkeys(names, math.nan)
    gains = (graded.averaged - graded.right.mean(axis=1)).groupby(graded.truth["group_id"])
    sums, sizes = gains.agg(["sum", "size"]).to_numpy(np.float64).T
    gain = paired_difference(sums, sizes, params, step=1)
    figures = (float(graded.averaged.mean()), gain.difference, gain.low, gain.high)
    return dict(zip(names, figures, strict=True))
