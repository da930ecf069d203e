"""The best variant, by validation alone, and which others may be as good."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mien.evaluate.files import Best, NoPair, Pair, Summary, VariantRow


def best(rows: Sequence[VariantRow], pairs: Sequence[Pair | NoPair], confidence: float) -> Best:
    """Return the variant with the highest accuracy, its rivals, the candidates and why these.

    Candidates do not leak, have the most classes, and share the truth that most of them have. If
    all variants leak, all are candidates. A rival is a candidate that is not shown to be worse; its
    p-value is adjusted for the number of pairs.
    """
    clean = [row for row in rows if row.leak == 0]
    among = clean or list(rows)
    classes = _commonest([frozenset(row.classes) for row in among], size=len)
    among = [row for row in among if frozenset(row.classes) == classes]
    truth = _commonest([row.truth for row in among])
    among = [row for row in among if row.truth == truth]
    first = max(among, key=lambda row: (row.accuracy, -row.log_loss, row.variant)).variant
    names = [row.variant for row in among]
    beaten = {loser for pair in pairs if (loser := _beaten_by(first, pair, confidence))}
    leaking = "none leaks" if clean else "all leak, so that every accuracy flatters"
    return Best(
        variant=first,
        rivals=[name for name in names if name not in {first, *beaten}],
        candidates=names,
        why=f"the highest validation accuracy of {len(names)} of {len(rows)} variants: "
        f"{leaking}, {len(classes)} classes, truth {truth}",
    )


def sentences(summary: Summary) -> list[str]:
    """Return what a summary says of the best variant, a line each."""
    chosen = summary.best
    row = summary.row(chosen.variant)
    low, high, ends = row.accuracy_low, row.accuracy_high, "no interval"
    if low is not None and high is not None:
        ends = f"interval {100 * low:.1f} to {100 * high:.1f} %"
    few = "" if row.reliable else ", too few to rely on"
    rivals = ", ".join(chosen.rivals)
    return [
        f"{row.variant}: accuracy {100 * row.accuracy:.1f} % ({ends}) on {row.faces} validation "
        f"faces of {row.groups} groups{few}",
        f"Chosen as {chosen.why}.",
        f"Not shown to be better than {rivals}." if rivals else _alone(chosen.candidates),
        f"Its models are in models/{row.variant}/ ({row.runs} of them).",
    ]


def _alone(candidates: Sequence[str]) -> str:
    if len(candidates) == 1:
        return "There is no other candidate."
    return "Shown to be better than every other candidate."


def _commonest(values: Sequence[Any], size: Any = lambda _: 0) -> Any:
    """Return the largest value; among equal ones, the first that most items have."""
    counts = Counter(values)
    return max(counts, key=lambda value: (size(value), counts[value]))


def _beaten_by(name: str, pair: Pair | NoPair, confidence: float) -> str | None:
    """Return the worse variant of a pair, if the pair shows this variant to be better."""
    if isinstance(pair, NoPair) or pair.p_adjusted > 1 - confidence:
        return None
    better, worse = (pair.a, pair.b) if pair.difference > 0 else (pair.b, pair.a)
    return worse if better == name else None
