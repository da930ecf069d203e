"""What the best variant is good for, in a sentence, and what to do next.

The rules, in order; the first that holds decides. `docs/statistics.md` says why.

1. Only drawn faces: a demonstration, whatever the figures say.
2. Not usable yet, if any of these is true:
   - It was trained on people that it was checked on.
   - It was checked on fewer than 20 groups.
   - A class was checked on fewer than 20 faces or 5 groups.
   - It is not shown to beat a guess that always gives the commonest class.
   - It finds fewer than half of the faces of a class.
3. Usable with care, if its interval begins under 75 %, or if nobody voted on most faces.
4. Usable otherwise, on faces like these and for these classes.

While it is not usable, voting comes before new pictures, if faces wait for votes or if nobody has
voted on most: it costs less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mien import words
from mien.evaluate.files import Metrics, VariantRow
from mien.train.split import FEW_FACES, FEW_GROUPS

LEAST_RECALL = 0.5
AGAIN = "(mien vote), then run snakemake again"
VOTE = f"let people vote on the faces {AGAIN}"
CAREFUL = 0.75  # of four answers three are right, at the lower end of the interval


@dataclass(frozen=True)
class Evidence:
    """What is known of a class: its labelled faces, those checked, and its recall."""

    name: str
    faces: int
    groups: int
    checked: int
    checked_groups: int
    recall: float

    @property
    def is_scarce(self) -> bool:
        """Whether it was checked on too few faces or groups for its recall to mean much."""
        return self.checked < FEW_FACES or self.checked_groups < FEW_GROUPS


@dataclass(frozen=True)
class Judgement:
    """A verdict in two or three words, the sentences behind it, and what to do next."""

    verdict: str
    reasons: list[str]
    steps: list[str]


def evidence(
    faces: pd.DataFrame, checked: "pd.Series[bool]", classes: Sequence[str], runs: Sequence[Metrics]
) -> list[Evidence]:
    """Return what is known of every class.

    `faces` are the faces of the split with group_id and label. `checked` says which of them the
    variant was checked on. `runs` are the metrics of its runs; the recall is that of all runs
    together.
    """
    found = []
    for name in classes:
        mine = faces["label"] == name
        scores = [run.per_class[name] for run in runs if name in run.per_class]
        support = sum(score.support for score in scores)
        right = sum(score.recall * score.support for score in scores if score.recall is not None)
        found.append(
            Evidence(
                name=name,
                faces=int(mine.sum()),
                groups=faces.loc[mine, "group_id"].nunique(),
                checked=int((mine & checked).sum()),
                checked_groups=faces.loc[mine & checked, "group_id"].nunique(),
                recall=right / support if support else 0.0,
            )
        )
    return found


def judge(
    best: VariantRow,
    classes: Sequence[Evidence],
    commonest: tuple[str, float],
    *,
    waiting: int,
    is_drawn: bool,
    is_voted: bool,
    is_crossed: bool,
) -> Judgement:
    """Return what the best variant is good for, by the rules above.

    `commonest` is a class and its share of the faces checked. `waiting` is how many faces have no
    label for want of votes; 0, if they are too few to matter. `is_voted` is whether most labels are
    votes, `is_crossed` whether every fold checked it.
    """
    if is_drawn:
        return Judgement(
            "A demonstration",
            ["mien works on this computer. Nothing is known yet about photographs."],
            ["put your own pictures into data/sources.csv (README.md, “Your own pictures”)"],
        )  # fmt: skip
    faults = _faults(best, classes, commonest, is_crossed)
    if faults:
        after_leaks = int(best.leak > 0)
        faults[after_leaks:after_leaks] = _votes_lack(waiting, is_voted)
        steps = dict.fromkeys(step for _, step in faults)
        return Judgement("Not usable yet", [fault for fault, _ in faults], list(steps))
    return _usable(best, classes, is_voted)


def _votes_lack(waiting: int, is_voted: bool) -> list[tuple[str, str]]:
    """Return that votes are missing, with what to do about it, if they are."""
    if waiting:
        faces = words.count(waiting, "faces")
        have = "has" if waiting == 1 else "have"
        return [(f"{faces} {have} no label yet: too few people voted.", f"vote on {faces} {AGAIN}")]
    return [] if is_voted else [("Nobody voted on most of the labels.", VOTE)]


def _faults(
    best: VariantRow, classes: Sequence[Evidence], commonest: tuple[str, float], is_crossed: bool
) -> list[tuple[str, str]]:
    """Return why the variant is not usable yet, each with what to do about it."""
    faults, name, low = [], best.variant, best.accuracy_low
    every_fold = f", or check {name} on every fold (cross_validate: true in params.yaml)"
    check_more = "" if is_crossed else every_fold
    scarce = [one for one in classes if one.is_scarce]
    if best.leak > 0:
        faults.append((
            f"{words.percent(best.leak, 0)} of the faces it was checked on are of groups that "
            "it was trained on.",
            f"split {name} by groups (scheme: grouped in params.yaml)",
        ))  # fmt: skip
    if scarce:
        faults.append((
            f"It was checked on too few faces: {words.listing([_counted(one) for one in scarce])}.",
            f"add {words.listing([_wanted(one) for one in scarce])}{check_more}",
        ))  # fmt: skip
    if not best.reliable:
        groups = words.count(best.groups, "groups")
        faults.append((
            f"It was checked on faces of {groups} only (a group is one person, author or video).",
            f"add pictures of more people{check_more}",
        ))  # fmt: skip
    if low is None or low <= commonest[1]:
        faults.append((
            f"It is not shown to do better than always answering {commonest[0]}, which is "
            f"right for {words.percent(commonest[1])}.",
            "add faces of every class, and look at the labels in doubt below",
        ))  # fmt: skip
    return faults + [
        (
            f"It finds only {words.percent(one.recall)} of the {one.name} faces.",
            f"look at what {one.name} is taken for (the matrix of {name}), and add more of it",
        )
        for one in classes
        if not one.is_scarce and one.recall < LEAST_RECALL
    ]


def _usable(best: VariantRow, classes: Sequence[Evidence], is_voted: bool) -> Judgement:
    """Return how far a variant without a fault may be used."""
    ends = (best.accuracy_high or 0.0, best.accuracy_low or 0.0)
    low, high = (round(100 * (1 - end)) for end in ends)
    weakest = min(classes, key=lambda one: (one.recall, one.name))
    names = words.listing([one.name for one in classes])
    reasons = [
        f"It tells {names} apart on faces like these: of 100 answers expect {low} to {high} wrong.",
        f"Its weakest class is {weakest.name}, of which it finds {words.percent(weakest.recall)}.",
    ]
    steps = []
    if not is_voted:
        steps.append(VOTE)
    if ends[1] < CAREFUL:
        steps.append(f"add faces, {weakest.name} above all")
    verdict = "Usable with care" if steps else "Usable"
    steps.append(
        f"try it on pictures from elsewhere (mien export models/{best.variant}/…, then mien "
        "predict): on those it is often worse"
    )
    return Judgement(verdict, reasons, steps)


def _counted(one: Evidence) -> str:
    """Return how much of a scarce class was checked, as `6 of 27 angry faces (1 group)`."""
    faces = words.count(one.faces, f"{one.name} faces")
    return f"{words.count(one.checked)} of {faces} ({words.count(one.checked_groups, 'groups')})"


def _wanted(one: Evidence) -> str:
    """Return how many more faces the class needs for enough of them to be checked."""
    if 0 < one.checked < FEW_FACES:
        more = round((FEW_FACES - one.checked) * one.faces / one.checked)
        return f"about {words.count(more)} more {one.name} faces"
    return f"{one.name} faces of more people"
