"""What one setting is worth: every two variants that differ in nothing else."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from mien.evaluate.compare import counted, paired, shared_groups, why_not
from mien.evaluate.files import Effect, Gain, SchemeEffect
from mien.evaluate.intervals import (
    RELIABLE_GROUPS,
    difference_interval,
    positive_interval,
    share_interval,
)
from mien.evaluate.runs import Graded, Result, by_variant, grade, mean_leak, pool
from mien.evaluate.summary import mean_estimate
from mien.params import AnyVariant, EvaluateParams

ASIDE = {"seeds", "cross_validate"}  # how often a recipe is run, no part of it
Worth = tuple[Gain, Gain, int, int, bool]  # accuracy, log loss; faces, groups, are they enough

RECIPE = "as by default"  # the value of a setting of the family that a variant does not name


def effects(
    results: Sequence[Result], variants: Mapping[str, AnyVariant], params: EvaluateParams
) -> list[Effect]:
    """Return the effect of one setting, `b` minus `a`, for every two variants that differ only in
    it.

    Both are judged on the faces that both predicted. Two variants that cannot be compared, for
    example because their truths differ, have no row here but a reason among the pairs. Two schemes
    validate on different faces: each is judged on its own faces, and `leak_a` and `leak_b` say how
    much they leak.
    """
    members = by_variant(results)
    graded = {name: grade(pool(runs)) for name, runs in members.items()}
    rows: list[Effect] = []
    for a, b in combinations(graded, 2):
        setting, values = only_difference(variants[a], variants[b])
        pair, what = (graded[a], graded[b]), (setting, a, b, *values)
        if setting == "scheme" and all(one.truth["group_id"].nunique() > 1 for one in pair):
            leaks = (mean_leak(members[name]) for name in (a, b))
            rows.append(SchemeEffect(*what, *_apart(*pair, params), *leaks))
        elif setting and setting != "scheme" and why_not(*pair) is None:
            rows.append(Effect(*what, *_on_shared_faces(*pair, params)))
    return rows


def only_difference(a: AnyVariant, b: AnyVariant) -> tuple[str, tuple[Any, Any]]:
    """Return the one setting in which two recipes differ, and both values; or an empty name."""
    first, second = _flat(a), _flat(b)
    names = [name for name in {**first, **second} if _value(first, name) != _value(second, name)]
    if len(names) != 1:
        return "", (None, None)
    return names[0], (_value(first, names[0]), _value(second, names[0]))


def _flat(variant: AnyVariant) -> dict[str, Any]:
    """Return the settings by name, those of the family as `settings.<name>`."""
    recipe = variant.model_dump(exclude=ASIDE)
    inner = {f"settings.{name}": value for name, value in recipe.pop("settings").items()}
    return recipe | inner


def _value(settings: Mapping[str, Any], name: str) -> Any:
    return settings.get(name, RECIPE)


def _on_shared_faces(a: Graded, b: Graded, params: EvaluateParams) -> Worth:
    groups = shared_groups(a, b)
    accuracy = paired(b.right, a.right, groups, params, step=1)
    loss = paired(b.loss, a.loss, groups, params)
    gains = [Gain(one.difference, one.low, one.high) for one in (accuracy, loss)]
    return gains[0], gains[1], *counted(groups)


def _apart(a: Graded, b: Graded, params: EvaluateParams) -> Worth:
    """Return the difference of two variants, each on its own faces; they may share groups."""
    pair = [(one.right, one.loss, one.truth["group_id"]) for one in (a, b)]
    faces = pd.concat([own for *_, own in pair])
    among = sorted(faces.unique())
    right = [mean_estimate(share, own, among) for share, _, own in pair]
    loss = [mean_estimate(mean, own, among) for _, mean, own in pair]
    counts = [own.nunique() for *_, own in pair]  # the ends of each are from its own groups alone
    alone = [mean_estimate(share, own) for share, _, own in pair]
    shares = [share_interval(*one, params) for one in zip(alone, counts, strict=True)]
    losses = [positive_interval(mean_estimate(mean, own), params) for _, mean, own in pair]
    number, together, _ = counted(faces[~faces.index.duplicated()])
    return (
        Gain(right[1].point - right[0].point, *difference_interval(right, shares)),
        Gain(loss[1].point - loss[0].point, *difference_interval(loss, losses)),
        *(number, together, min(counts) >= RELIABLE_GROUPS),
    )
