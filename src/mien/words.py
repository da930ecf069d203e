"""Numbers and lists as people read them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

NONE = "–"
GAP = "\N{NARROW NO-BREAK SPACE}"


def percent(share: Any, digits: int = 1) -> str:
    """Return 0.832 as `83.2 %`; a dash for what is missing."""
    return NONE if pd.isna(share) else f"{100 * share:.{digits}f}{GAP}%"


def short_percent(share: float) -> str:
    """Return 0.9 as `90 %` and 0.925 as `92.5 %`."""
    return percent(share).replace(f".0{GAP}", GAP)


def decimal(value: Any, digits: int = 3) -> str:
    """Return the number with so many decimals; a dash if it is missing."""
    return NONE if pd.isna(value) else f"{value:.{digits}f}"


def count(number: int, noun: str = "") -> str:
    """Return `1,382`, or with a noun `1,382 faces` and `1 face`."""
    words = f"{number:,}"
    if not noun:
        return words
    return f"{words} {noun[:-1] if number == 1 and noun.endswith('s') else noun}"


def moment(seconds: float) -> str:
    """Return a moment of a video as `1:02.5`, or `1:02:03.5` from an hour on."""
    tenths = round(10 * float(seconds))
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{clock}:{rest / 10:04.1f}"


def listing(words: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def spaced(name: str) -> str:
    """Return `too_small` as `too small`."""
    return name.replace("_", " ")


def interval(low: Any, high: Any, confidence: float) -> str:
    """Return `95 % interval 77.0 to 88.4 %`, or say that there is none."""
    if pd.isna(low) or pd.isna(high):
        return "no interval: there are too few groups"
    return f"{percent(confidence, 0)} interval {100 * low:.1f} to {percent(high)}"


def signed(points: float) -> str:
    """Return the number with a real minus sign and one digit."""
    return f"{points:.1f}".replace("-", "−")


def points(share: Any) -> str:
    """Return 0.0312 as `+3.1`: percentage points with a real minus sign; a dash if missing."""
    if pd.isna(share):
        return NONE
    return ("+" if round(100 * share, 1) > 0 else "") + signed(100 * share)
