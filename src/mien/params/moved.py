"""Settings of earlier versions: they are refused with what to write instead."""

from pathlib import Path
from typing import Any

import yaml

from mien.errors import ParamsError

TO_EVALUATE = ("bootstrap_samples", "confidence", "answered_accuracy", "seed")  # from report


def refuse_moved(path: Path, content: Any) -> None:
    """Raise ParamsError, with what to type, when the file has a setting that moved or is gone."""
    sections = content if isinstance(content, dict) else {}
    report, acquire = (_of(sections.get(name)) for name in ("report", "acquire"))
    if moved := {name: report[name] for name in TO_EVALUATE if name in report}:
        *most, last = moved
        names = f"{', '.join(most)} and {last}" if most else last
        line = yaml.safe_dump(moved, default_flow_style=True, sort_keys=False, width=float("inf"))
        there = "evaluate" in sections
        add = "" if there else f" and add this line: evaluate: {line.strip()}"
        where = "the section evaluate" if there else "a section of their own"
        raise ParamsError(f"{path}: {names} moved from report to {where}: delete them there{add}")
    if "streaming" in acquire:
        raise ParamsError(
            f"{path}: acquire.streaming is gone, since films are fetched whole: delete the line"
        )
    if sections and "features" not in sections:
        raise ParamsError(f"{path}: features is missing: add this line: features: {{}}")


def _of(section: Any) -> dict[str, Any]:
    return section if isinstance(section, dict) else {}
