"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "wrong"]
LEVELS: tuple[Level, ...] = ("ok", "note", "wrong")


@dataclass(frozen=True)
class Finding:
    """How bad it is, what was found, and the command that mends it, if there is one."""

    level: Level
    text: str
    command: str = ""


def worst(findings: Sequence[Finding]) -> Finding:
    """Return one finding for several: those of the worst level, with their texts and commands."""
    level = max((finding.level for finding in findings), key=LEVELS.index)
    chosen = [finding for finding in findings if finding.level == level]
    commands = dict.fromkeys(finding.command for finding in chosen if finding.command)
    return Finding(level, "; ".join(finding.text for finding in chosen), " && ".join(commands))
