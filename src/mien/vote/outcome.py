"""The result of the votes so far: how many faces have a label, why others have none, what helps."""

from typing import Any

import pandas as pd

from mien.labels.ballots import Poll
from mien.labels.consensus import consensus, round_one
from mien.labels.voters import is_dealt
from mien.params import CountedLabels, LabelsParams

Outcome = dict[str, Any]  # flat counts, the rule, and `helps`, as JSON
FIRST = ("label", "second_look")
REASONS = {
    "ties": "tied",
    "rejected": "voted unsure, not a face or artificial",
    "contested": "without a majority",
    "too_few": "with too few votes",
    "unvoted": "without a vote",
}


def outcome(
    faces: pd.DataFrame, polled: Poll, round_name: str | None, given: LabelsParams
) -> Outcome:
    """Return the result of closing the round for the faces of the index, by the ballots of the
    poll.

    In the review, and after it, the result is a face's `label`. In a round before, it is the first
    label, which the review asks about. `helps` names settings that would give more faces a label.
    """
    is_first = round_name in FIRST
    told = _counts(faces, polled, is_first, given)
    settings = given.among(polled.counts["voters"])
    helps = []
    for name, value in _changes(polled, is_first, given, settings):
        changed = given.model_copy(update={name: value})
        labelled = _counts(faces, polled, is_first, changed)["labelled"]
        if labelled > told["labelled"]:
            shown = "null" if value is None else str(value)
            helps.append({"setting": f"labels.{name}", "value": shown, "labelled": labelled})
    rule = {"rule": settings.rule, "voters": settings.voters, "quorum": settings.quorum}
    return {"round": round_name, **told, **rule, "helps": helps}


def in_words(told: Outcome) -> list[str]:
    """Return in lines how many faces have a label, why the others have none, and what helps."""
    kind = "a first label" if told["round"] in FIRST else "a label"
    without = ", ".join(f"{told[name]} {words}" for name, words in REASONS.items() if told[name])
    line = f"{told['labelled']} of {told['faces']} faces have {kind}"
    helps = [
        f"with {one['setting']}: {one['value']} in params.yaml, {one['labelled']} faces would"
        for one in told["helps"]
    ]
    return [f"{line}; without one are {without}" if without else line, *helps]


def _counts(
    faces: pd.DataFrame, polled: Poll, is_first: bool, given: LabelsParams
) -> dict[str, int]:
    """Return how many faces have a label and, of those without one, how many for which reason."""
    params = given.among(polled.counts["voters"])
    one = round_one(faces[faces["status"] == "kept"], polled.ballots, params)
    table = consensus(faces, polled.ballots, params).set_index("face_id")
    label = one["initial"] if is_first else table["label"]
    lacking = label.isna()
    voted = table.index.to_series().isin(polled.ballots["face_id"])
    few = (table["status"] == "too_few") & voted
    reasons: dict[str, pd.Series[bool]] = {
        "unvoted": ~voted,
        "ties": one["tied"],
        "rejected": one["rejected"] | (table["status"] == "rejected"),
        "too_few": few,
        "contested": pd.Series(True, index=table.index),
    }
    counts: dict[str, int] = {}
    for reason, holds in reasons.items():
        counts[reason] = int((lacking & holds).sum())
        lacking &= ~holds
    return {
        "faces": len(table),
        "labelled": int(label.notna().sum()),
        **counts,
        "kept_unvoted": int((label.notna() & ~voted).sum()),
        "kept_few": 0 if is_first else int((label.notna() & few).sum()),
    }


def _changes(
    polled: Poll, is_first: bool, given: LabelsParams, settings: CountedLabels
) -> list[tuple[str, object]]:
    """Return the settings that may give more faces a label, each with another value."""
    changes: list[tuple[str, object]] = [("unvoted", "keep")]
    if is_first:
        return changes
    changes += [("rule", "majority"), ("too_few", "keep"), ("quorum", 1)]
    if not any(map(is_dealt, polled.ballots["voter"].unique())):
        changes.append(("rule", "dawid-skene"))
    if given.voters is not None and polled.counts["voters"] < settings.voters:
        changes.append(("voters", None))
    return changes
