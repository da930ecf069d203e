"""The best variant, by validation alone, and which others may be as good."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mien.errors import TableError

Row = Mapping[str, Any]


def best(rows: Sequence[Row], pairs: Sequence[Row], confidence: float) -> dict[str, Any]:
    """Return the variant with the highest accuracy, its rivals, the candidates and why these.

    Candidates do not leak, tell the most classes apart and have the truth that most of these have;
    if all leak, leaking ones. A rival is a candidate that is not shown to be worse, its p-value
    adjusted for how many pairs there are.
    """
    clean = [row for row in rows if row["leak"] == 0]
    among = clean or list(rows)
    classes = _commonest([frozenset(row["classes"]) for row in among], size=len)
    among = [row for row in among if frozenset(row["classes"]) == classes]
    truth = _commonest([row["truth"] for row in among])
    among = [row for row in among if row["truth"] == truth]
    first = max(among, key=lambda row: (row["accuracy"], -row["log_loss"], row["variant"]))
    names = [row["variant"] for row in among]
    others = [name for name in names if name != first["variant"]]
    beaten = {_loser(pair) for pair in pairs if _told_apart(pair, first["variant"], confidence)}
    leaking = "none leaks" if clean else "all leak, so that every accuracy flatters"
    return {
        "variant": first["variant"],
        "rivals": [name for name in others if name not in beaten],
        "candidates": names,
        "why": f"the highest validation accuracy of {len(names)} of {len(rows)} variants: "
        f"{leaking}, {len(classes)} classes, truth {truth}",
    }


def sentences(summary: Row, place: str) -> list[str]:
    """Return what a summary says of the best variant, a line each; `place` is where it was read.

    Raises TableError for a summary that names none.
    """
    chosen = summary.get("best")
    row = {one["variant"]: one for one in summary.get("variants", [])}.get(
        chosen["variant"] if chosen else None
    )
    if chosen is None or row is None:
        raise TableError(f"{place}: it names no best variant; run snakemake")
    name, low, high = row["variant"], row["accuracy_low"], row["accuracy_high"]
    ends = "no interval" if low is None else f"interval {100 * low:.1f} to {100 * high:.1f} %"
    few = "" if row["reliable"] else ", too few to rely on"
    rivals = ", ".join(chosen["rivals"])
    return [
        f"{name}: accuracy {100 * row['accuracy']:.1f} % ({ends}) on {row['faces']} validation "
        f"faces of {row['groups']} groups{few}",
        f"Chosen as {chosen['why']}.",
        f"Not shown to be better than {rivals}." if rivals else _alone(chosen["candidates"]),
        f"Its models are in models/{name}/ ({row['runs']} of them).",
    ]


def _alone(candidates: Sequence[str]) -> str:
    if len(candidates) == 1:
        return "There is no other candidate."
    return "Shown to be better than every other candidate."


def _commonest(values: Sequence[Any], size: Any = lambda _: 0) -> Any:
    """Return the largest value; of equal ones that which most have, and of these the first."""
    counts = Counter(values)
    return max(counts, key=lambda value: (size(value), counts[value]))


def _told_apart(pair: Row, name: str, confidence: float) -> bool:
    """Return whether a pair shows that this variant is the better one."""
    if "reason" in pair or name not in (pair["a"], pair["b"]):
        return False
    return _loser(pair) != name and pair["p_adjusted"] <= 1 - confidence


def _loser(pair: Row) -> str:
    return str(pair["b"] if pair["difference"] > 0 else pair["a"])
