"""What dvc.yaml and dvc.lock say: which stage owns which output, and what was committed."""

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from mien.errors import MienError
from mien.layout import DVC_LOCK as LOCK
from mien.layout import DVC_STAGES, LEDGERS, PARAMS, ledger_of


class Stages:
    """mien's stages of DVC, those with a ledger: not what a user's own dvc.yaml has beside them.

    Their outs are files, or folders where the name has no ending.
    """

    def __init__(self, path: Path) -> None:
        try:
            stages = yaml.safe_load(path.read_bytes())["stages"]
            outs = {name: _outs(stage) for name, stage in stages.items()}
        except (OSError, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError):
            raise MienError(f"{path} cannot be read; `git checkout {path}` restores it") from None
        self.names = [name for name in stages if str(ledger_of(name)) in outs[name]]
        if not self.names:
            raise MienError(f"{path} has none of mien's stages: add those of mien's own dvc.yaml")
        frozen = (name for name in self.names if stages[name].get("frozen"))
        self.frozen = {name: stages[name]["cmd"] for name in frozen}  # and how each is run
        self.owners = {out: name for name in self.names for out in outs[name]}
        self.sections = {name for stage in self.names for name in stages[stage].get("params", [])}
        depended = {dep for name in self.names for dep in stages[name]["deps"]}
        self.hand_made = [str(DVC_STAGES), str(PARAMS), *sorted(depended - self.owners.keys())]

    @property
    def folders(self) -> list[str]:
        """Return the outs that are folders."""
        return [out for out in self.owners if not PurePosixPath(out).suffix]

    def owner(self, output: str) -> str | None:
        """Return the stage of an output, or None when no stage has it."""
        places = (output, *map(str, PurePosixPath(output).parents))
        return next((self.owners[place] for place in places if place in self.owners), None)

    def outputs(self) -> Iterator[str]:
        """Yield every file in the outs, except the ledgers."""
        return files_in(out for out in self.owners if not out.startswith(f"{LEDGERS}/"))

    def inputs_by_hand(self) -> Iterator[str]:
        """Yield every file that a stage depends on and no rule makes: settings, tables, code."""
        return files_in(self.hand_made)

    def committed(self) -> dict[str, str]:
        """Return the MD5 of every out of these stages that dvc.lock names, empty without one."""
        outs = (stage["outs"] for stage in self._locked())
        return {out["path"]: out["md5"] for out in chain.from_iterable(outs)}

    def commits_settings(self, settings: dict[str, Any]) -> bool:
        """Return whether the settings that dvc.lock names are these."""
        named: dict[str, Any] = {}
        for stage in self._locked():
            named |= stage.get("params", {}).get(str(PARAMS), {})
        return named == {section: settings[section] for section in self.sections}

    def _locked(self) -> list[dict[str, Any]]:
        """Return these stages as dvc.lock has them, none without one.

        Raises MienError when it cannot be read.
        """
        if not LOCK.is_file():
            return []
        try:
            stages = (yaml.safe_load(LOCK.read_text(encoding="utf-8")) or {}).get("stages", {})
            found = [{"outs": [], **stages[name]} for name in self.names if name in stages]
            _ = [(out["path"], out["md5"]) for stage in found for out in stage["outs"]]
        except (yaml.YAMLError, ValueError, AttributeError, KeyError, TypeError):
            raise MienError(
                f"{LOCK} cannot be read; resolve its conflict, or `git checkout {LOCK}`"
            ) from None
        return found


def files_in(places: Iterable[str]) -> Iterator[str]:
    """Yield the files at and below the places, hidden ones and compiled code left out."""
    for place in places:
        if os.path.isfile(place):
            yield place
        for folder, folders, names in os.walk(place):
            folders[:] = [name for name in folders if name != "__pycache__"]
            yield from (os.path.join(folder, name) for name in names if name[0] != ".")


def _outs(stage: dict[str, Any]) -> list[str]:
    listed = (out for kind in ("outs", "metrics", "plots") for out in stage.get(kind, []))
    return [out if isinstance(out, str) else next(iter(out)) for out in listed]
