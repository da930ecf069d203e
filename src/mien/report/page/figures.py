"""Drawings of the report page: curves as SVG that follows the page's colours."""

import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

INK, ACCENT, FAINT = "#010203", "#040506", "#070809"
PAGE_COLOURS = {INK: "currentColor", ACCENT: "var(--accent)", FAINT: "var(--line)"}
SIZE_IN = (4.6, 2.5)
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mien",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}
TRAINING: dict[str, Any] = {
    "color": INK,
    "linewidth": 1.2,
    "linestyle": (0, (4, 2.5)),
    "alpha": 0.7,
}
VALIDATION: dict[str, Any] = {"color": ACCENT, "linewidth": 1.8}


def curve(histories: Sequence[pd.DataFrame], measure: str, prefix: str) -> str:
    """Return an SVG of `loss` or `accuracy` by epoch: one solid and one dashed line a run.

    Solid is validation, dashed training. `prefix` keeps the ids inside apart from those of every
    other drawing on the page.
    """
    with rc_context(STYLE):
        figure, axes = _axes()
        for history in histories:
            solid, dashed = dict(VALIDATION), dict(TRAINING)
            if len(history) == 1:
                solid["marker"] = dashed["marker"] = "o"
            for part, style in (("train", dashed), ("val", solid)):
                values = history[f"{part}_{measure}"].astype("float64")
                axes.plot(history["epoch"].astype("int64"), values, **style)
        last = max(int(history["epoch"].max()) for history in histories)
        axes.set_xlim(1 - 0.02 * last, 1.02 * last)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        if measure == "accuracy":
            axes.set_ylim(0, 1.02)
            _in_percent(axes.yaxis)
        else:
            axes.set_ylim(bottom=0)
        return _svg(figure, prefix)


def reliability(bins: pd.DataFrame, scaled: pd.DataFrame, prefix: str) -> str:
    """Return an SVG of how often the model is right (`accuracy`) by how sure it was (`confidence`).

    Full dots are its own bins, rings those after temperature scaling. Their area goes with the
    faces in the bin (`faces`); on the dashed line it would be as often right as it claims.
    """
    with rc_context(STYLE):
        figure, axes = _axes()
        axes.plot([0, 1], [0, 1], **TRAINING)
        for one, face, edge in ((bins, ACCENT, ACCENT), (scaled, "none", INK)):
            area = 14 + 180 * one["faces"] / one["faces"].max()
            places = one["confidence"], one["accuracy"]
            axes.scatter(*places, s=area, facecolors=face, edgecolors=edge, zorder=3)
        axes.set_xlim(0, 1.03)
        axes.set_xticks([0.25, 0.5, 0.75, 1])
        axes.set_ylim(-0.05, 1.05)
        axes.set_xlabel("probability it gave")
        _in_percent(axes.xaxis, axes.yaxis)
        return _svg(figure, prefix)


def coverage(curves: Sequence[pd.DataFrame], target: float, prefix: str) -> str:
    """Return an SVG of the accuracy of the surest answers (`accuracy`) by their share (`coverage`).

    There is one line a run; the dashed one is the accuracy that is asked for.
    """
    with rc_context(STYLE):
        figure, axes = _axes()
        axes.axhline(target, **TRAINING)
        for points in curves:
            axes.plot(points["coverage"], points["accuracy"], marker=".", **VALIDATION)
        lowest = min(float(points["accuracy"].min()) for points in curves)
        axes.set_xlim(0, 1.03)
        axes.set_ylim(max(0.0, min(lowest, target) - 0.05), 1.02)
        axes.set_xlabel("share of faces answered")
        _in_percent(axes.xaxis, axes.yaxis)
        return _svg(figure, prefix)


def _axes() -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE_IN, layout="constrained")
    return figure, figure.add_subplot()


def _in_percent(*lines: Any) -> None:
    for axis in lines:
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))


def _svg(figure: Figure, prefix: str) -> str:
    """Return the figure as an SVG element: no header, no metadata, no fixed size, its own ids."""
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    text = re.sub(
        r"<(metadata|style)\b.*?</\1>", "", text[text.index("<svg") :], flags=re.DOTALL
    )  # a style here would hold for the whole page
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    text = re.sub(r' (?:xmlns|xmlns:xlink|version)="[^"]*"', "", text)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", text)
    for sentinel, colour in PAGE_COLOURS.items():
        text = text.replace(sentinel, colour)
    return text.strip()
