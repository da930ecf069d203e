"""The effect of each setting: pairs of variants that differ only in it, as template values."""

from collections.abc import Sequence

from mien import words
from mien.evaluate.files import Effect, Gain
from mien.report.page.sentences import value
from mien.report.page.templates import Row, mark


def effect_rows(effects: Sequence[Effect]) -> tuple[list[Row], list[Row]]:
    """Return the effects of settings, the greatest gain of each first, and those of the scheme.

    Each has its `mark` on an axis that all of its list share, in per cent from the left, 50 being
    no difference, and a `verdict`.
    """
    switches = [one for one in effects if one.setting != "scheme"]
    schemes = [one for one in effects if one.setting == "scheme"]
    return _marked(switches), _marked(schemes)


def verdict(gain: Gain) -> str:
    """Return whether the accuracy is shown to be higher or lower."""
    if gain.low is None or gain.high is None:
        return "cannot be said"
    if gain.low > 0:
        return "helps"
    return "harms" if gain.high < 0 else "no difference shown"


def _marked(effects: Sequence[Effect]) -> list[Row]:
    ends = [
        abs(end)
        for one in effects
        for end in (one.accuracy.difference, one.accuracy.low, one.accuracy.high)
        if end is not None
    ]
    reach = max([*ends, 0.01])
    rows = [
        vars(one)
        | {
            "name": words.spaced(one.setting.removeprefix("settings.")),
            "change": f"{value(one.value_a)} → {value(one.value_b)}",
            "verdict": verdict(one.accuracy),
            "reach": reach,
            "mark": mark(
                one.accuracy.difference, one.accuracy.low, one.accuracy.high, -reach, reach
            ),
        }
        for one in effects
    ]
    return sorted(rows, key=lambda row: (row["name"], -row["accuracy"].difference, row["b"]))
