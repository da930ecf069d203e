"""The ledger: for every output, what it held and what made it, by content.

Snakemake's own memory goes by paths and times, and does not travel. The ledger does: its file (see
src/mien/ledger.py) is an out of its stage in dvc.yaml, so that DVC keeps it with the outputs.

`adopt` enters what Snakemake has made since the last look. `doubt` tells whether an output is still
what was made, from inputs that are still what they were. What follows from that is done in
reconcile.py.
"""

import json
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.files import atomic
from mien.layout import ledger_of
from mien.ledger import Entries, damaged, read_ledger, write_ledger
from workflow.lib.contents import Contents, Hashed
from workflow.lib.records import Records, compared
from workflow.lib.stages import Stages

STATE = Path(".snakemake/mien.json")  # a cache: hashes of files, and records written
CHANGED = "changed while the job ran"
MISSING = "was missing"
ANEW = "; or delete the file, and what it describes is made anew"

Versions = dict[str, dict[str, str]]  # by rule, of the packages that its code imports


class Ledger:
    """The entries of all stages, beside the files and Snakemake's records that they speak of."""

    def __init__(self, stages: Stages, versions: Versions) -> None:
        contents, records, self.versions_before = _read_state()
        self.versions = versions  # now, by rule
        self.stages = stages
        self.contents = Contents(contents)
        self.records = Records(STATE.parent, records)
        self.entries: Entries = {}
        for stage in stages.names:
            self.entries |= _entries(ledger_of(stage), stages)
        self._adopted: list[str] = []
        self._doubts: dict[str, str] = {}

    def adopt(self) -> bool:
        """Enter the jobs that Snakemake finished since the last look; return if there were any.

        A job counts when its output is still what it left. An input that changed after the job
        began counts as changed, even if its old modification time was restored.
        """
        for output, record, record_file in self.records.new():
            status = self.contents.stat(output)
            if status is None or status.st_ctime_ns > record_file.st_mtime_ns:
                continue  # gone, or changed after Snakemake had recorded it
            start_s, inputs = record["starttime"], record["input"] or ()
            self.entries[output] = {
                "md5": self.contents.md5(output),
                "inputs": {path: self._at_start(path, start_s) for path in inputs},
                "record": compared(record),
            }
            if versions := self._versions(record["rule"]):
                self.entries[output]["versions"] = versions
            self._adopted.append(output)
        return bool(self._adopted)

    def _at_start(self, path: str, start_s: float) -> str:
        """Return what an input held when its job began, as its MD5, or why that is not known."""
        status = self.contents.stat(path)
        if status is None:
            return MISSING
        return CHANGED if status.st_ctime > start_s else str(self.contents.md5(path))

    def _versions(self, rule: str) -> dict[str, str]:
        """Return the versions by which jobs of the last run ran: at its start, or those of now."""
        now = self.versions.get(rule, {})
        before = self.versions_before.get(rule, {})
        return {
            name: made if now.get(name, made) == made else f"{made} or {now[name]}"
            for name, made in before.items()
        }

    def doubt(self, output: str) -> str:
        """Return why an output is not to be believed, empty when it is.

        It is when it is what its job made, from inputs that are what they were. An output that is
        not on this machine is as good as its entry: others may have been made from it.
        """
        if output not in self._doubts:
            self._doubts[output] = self._find_doubt(output)
        return self._doubts[output]

    def _find_doubt(self, output: str) -> str:
        if output not in self.entries:
            return "nothing says what made it"
        entry = self.entries[output]
        if self.contents.md5(output) not in (None, entry["md5"]):
            return "it is not what its job made"
        changes = (self._change(path, held) for path, held in entry["inputs"].items())
        return next(filter(None, changes), "")

    def _change(self, path: str, held: str) -> str:
        """Return what became of an input since its job began, empty when nothing did."""
        now = self.contents.md5(path)
        if now is None and path in self.entries and not self.doubt(path):
            now = self.entries[path]["md5"]
        if now == held:
            return ""
        if now is None:
            return f"{path} is missing"
        return f"{path} {held if held in (CHANGED, MISSING) else 'changed'}"

    def drop_missing(self) -> None:
        """Forget outputs that are no more, unless an output on disk was made from them."""
        self.contents.look_again()
        wanted = [output for output in self.entries if self.contents.stat(output)]
        stay: Entries = {}
        while wanted:
            output = wanted.pop()
            if output in self.entries and output not in stay:
                stay[output] = self.entries[output]
                wanted += stay[output]["inputs"]
        self.entries = stay

    def save(self) -> None:
        """Write the ledger of every stage that changed; only then are the new records old ones."""
        by_stage: dict[str, Entries] = {}
        for output, entry in self.entries.items():
            by_stage.setdefault(str(self.stages.owner(output)), {})[output] = entry
        for stage, outputs in by_stage.items():
            path = ledger_of(stage)
            if read_ledger(path) != outputs:
                write_ledger(path, outputs)
        for output in self._adopted:
            if output in self.entries:
                self.records.trust(output, self.entries[output]["record"])
        self.save_state()

    def save_state(self) -> None:
        """Write the cache."""
        known = {"contents": self.contents.known, "records": self.records.known}
        text = json.dumps(known | {"versions": self.versions}, sort_keys=True)
        with atomic(STATE) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")


def _read_state() -> tuple[dict[str, list[Any]], dict[str, list[Any]], Versions]:
    """Return the cache: contents, records and the last run's versions, all empty where damaged."""
    try:
        state = json.loads(STATE.read_bytes())
        contents, records = state["contents"], state["records"]
        versions = {rule: {**made} for rule, made in state.get("versions", {}).items()}
        kinds = (*Hashed.__annotations__.values(),)
        sound = all(tuple(map(type, hashed)) == kinds for hashed in contents.values())
        sound = sound and all(isinstance(written, list) for written in records.values())
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return {}, {}, {}
    return (contents, records, versions) if sound else ({}, {}, {})


def _entries(path: Path, stages: Stages) -> Entries:
    """Return the entries of a ledger whose outputs a stage still owns.

    Raises MienError with one way out more than `read_ledger`: no entry means a new build here.
    """
    try:
        entries = {out: entry for out, entry in read_ledger(path).items() if stages.owner(out)}
        for entry in entries.values():
            _ = entry["md5"], {**entry["inputs"]}, compared(entry["record"])
    except (KeyError, TypeError):
        raise MienError(f"{damaged(path)}{ANEW}") from None
    except MienError as fault:
        raise MienError(f"{fault}{ANEW}") from None
    return entries
