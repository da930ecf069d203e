"""Warnings that belong beside the headline."""

from collections.abc import Sequence

import pandas as pd

from mien import words
from mien.evaluate.files import VariantRow

LARGE = 0.2  # of the faces: the part from which one group decides much of a figure
SOME = 0.1  # of the labels


def cautions(
    best: VariantRow,
    checkpoint: str | None,
    sources: pd.DataFrame,
    relabelled: int = 0,
    unvoted: float = 0.0,
    largest: tuple[str, float] = ("", 0.0),
    untaught: Sequence[str] = (),
) -> list[str]:
    """Return what must be known before the headline is believed, a sentence or two each.

    `relabelled` is how many labels changed in second looks, `unvoted` the share of the labels that
    nobody voted on, `largest` the group with the most of the faces it was checked on, empty where
    groups are not named, and its share of them, `untaught` the expressions it does not know.
    """
    group, share = largest
    name = f", {group}," if group else ""
    known = [
        (
            unvoted == 1,
            "Nobody has voted: each label is what its source was hoped to show. Where a source is "
            "a search, many of these labels are wrong, and the accuracy is measured against them.",
        ),
        (
            SOME < unvoted < 1,
            f"Nobody voted on {words.percent(unvoted, 0)} of the labels: these are what their "
            "sources were hoped to show.",
        ),
        (
            relabelled > 0,
            "A second look at labels that models doubted changed "
            f"{words.count(relabelled, 'labels')}. Wrong labels that they agree with were not "
            "looked at, so the accuracy flatters.",
        ),
        (
            not best.reliable,
            f"The interval is unreliable: it rests on {words.count(best.groups, 'groups')}, "
            "and from under 20 nobody can tell whether others are like them.",
        ),
        (
            share > LARGE,
            f"One group{name} is {words.percent(share, 0)} of the faces it was checked on: the "
            "accuracy says much about that group and less about others.",
        ),
        (
            best.leak > 0,
            f"The split leaks: {words.percent(best.leak)} of the faces it was checked on are "
            "of a group that it was trained on too, so the accuracy flatters it.",
        ),
        (
            checkpoint == "best",
            "The epoch it was kept from is the one that did best on these very faces, so the "
            "accuracy flatters it.",
        ),
        (
            len(untaught) > 0,
            f"It does not know {words.listing(untaught)}: it takes such a face for one of the "
            "expressions it knows.",
        ),
        (
            set(sources["kind"]) == {"drawn"},
            "Every face here is drawn by a program. The numbers show that the pipeline works, and "
            "say nothing about real faces.",
        ),
    ]
    return [sentence for holds, sentence in known if holds]
