"""The ledger: for every output, what it holds and what made it, by content.

Snakemake's own memory goes by paths and times, and does not travel. The ledger does: it lies in
`provenance/<stage>.json`, an out of that stage in dvc.yaml, so that DVC versions it together with
the outputs. An entry says

    path: {md5, inputs: {path: md5}, record: what Snakemake knew of the job}

When the Snakefile is read, `reconcile` compares the entries with the files, and makes Snakemake's
records and the files' times say what the contents say: an output that its recorded inputs still
make is never rerun, any other always is. Snakemake alone decides the rest: what changed parameters,
rules and sets of inputs ask for.
"""

import json
import time
from pathlib import Path
from typing import Any

from contents import Contents
from records import Records, kept
from stages import LEDGERS, Stages

from mien.files import atomic

STATE = Path(".snakemake/mien.json")  # what this machine remembers: hashes and records seen
VERSION = 1
CHANGED = "changed while the job ran"
MISSING = "is missing"

Entries = dict[str, dict[str, Any]]


class Ledger:
    """The entries of all stages, beside the files and Snakemake's records that they speak of."""

    def __init__(self, stages: Stages) -> None:
        state = _read(STATE)
        self.stages = stages
        self.contents = Contents(state.get("contents", {}))
        self.records = Records(STATE.parent, state.get("records", {}))
        self.entries: Entries = {}
        for name in stages.names:
            content = _read(_path(name))
            self.entries |= content["outputs"] if content.get("version") == VERSION else {}

    def reconcile(self) -> dict[str, str]:
        """Make Snakemake see what the contents say.

        Return why each output on disk that its entry does not explain will be made anew.
        """
        if self.adopt():
            self.save()
        doubts = self.doubts()
        for output, reason in doubts.items():
            if reason:
                self.records.distrust(output, reason)
            else:
                self.records.trust(output, self.entries[output]["record"])
        self._settle_times([output for output, reason in doubts.items() if not reason])
        self._save_state()
        return {path: why for path, why in doubts.items() if why and self.contents.stat(path)}

    def adopt(self) -> bool:
        """Enter the jobs that Snakemake has finished since the last look; return if there were any.

        A job counts when its output is still what it left. An input that changed after the job
        began, be it with its old time, explains nothing.
        """
        adopted = False
        for output, record, written in self.records.new():
            status = self.contents.stat(output)
            if status is None or abs(status.st_mtime - (record["endtime"] or 0)) > 1e-6:
                continue
            if status.st_ctime_ns > written.st_mtime_ns:
                continue
            inputs = {path: self._input(path, record["starttime"]) for path in record["input"] or []}
            md5 = self.contents.md5(output)
            self.entries[output] = {"md5": md5, "inputs": inputs, "record": kept(record)}
            adopted = True
        return adopted

    def doubts(self) -> dict[str, str]:
        """Return for every output, on disk or only entered, why it is not to be believed.

        The reason is empty where the file is what was made, and would be made again: its recorded
        inputs are what they were. An input that is not on this machine is what its own entry says,
        if that holds.
        """
        reasons: dict[str, str] = {}
        unfinished = self.records.incomplete
        for output in {*self.entries, *self.stages.files()}:
            self._doubt(output, reasons)
        return {path: why for path, why in reasons.items() if not (why and path in unfinished)}

    def drop_missing(self) -> None:
        """Forget outputs that are no more, unless an output on disk was made from them."""
        wanted = [output for output in self.entries if self.contents.stat(output)]
        stay: Entries = {}
        while wanted:
            output = wanted.pop()
            if output in self.entries and output not in stay:
                stay[output] = self.entries[output]
                wanted += stay[output]["inputs"]
        self.entries = stay

    def save(self) -> None:
        """Write the ledger of each stage that has entries, where it says something new."""
        by_stage: dict[str, Entries] = {}
        for output in sorted(self.entries):
            by_stage.setdefault(self.stages.owner(output), {})[output] = self.entries[output]
        for stage, outputs in by_stage.items():
            content = {"version": VERSION, "outputs": outputs}
            if _read(_path(stage)) != content:
                _write(_path(stage), content, indent=1)
        self._save_state()

    def _input(self, path: str, started: float) -> str:
        status = self.contents.stat(path)
        if status is None:
            return MISSING
        return CHANGED if status.st_ctime > started else self.contents.md5(path) or MISSING

    def _doubt(self, output: str, reasons: dict[str, str]) -> str:
        if output not in reasons:
            reasons[output] = self._reason(output, reasons)
        return reasons[output]

    def _reason(self, output: str, reasons: dict[str, str]) -> str:
        entry, md5 = self.entries.get(output), self.contents.md5(output)
        if entry is None:
            return "nothing says what made it"
        if md5 not in (None, entry["md5"]):
            return "it is not what its job made"
        for path, recorded in entry["inputs"].items():
            now = self.contents.md5(path)
            if now is None and path in self.entries and not self._doubt(path, reasons):
                now = self.entries[path]["md5"]
            if now != recorded:
                return f"{path} {CHANGED if recorded == CHANGED else 'changed' if now else MISSING}"
        return ""

    def _settle_times(self, trusted: list[str]) -> None:
        """Let no time lie ahead, and no trusted output be older than what it was made from.

        Files that DVC linked to one object share their time, so that moving one moves another:
        it is done until nothing moves.
        """
        files = {*trusted, *(path for output in trusted for path in self.entries[output]["inputs"])}
        now = time.time_ns()
        for path in files:
            if self._mtime(path) > now:
                self.contents.set_mtime(path, now)
        here = [output for output in trusted if self.contents.stat(output)]
        while any([self._catch_up(output) for output in here]):  # all of them, not the first alone
            self.contents.look_again()

    def _catch_up(self, output: str) -> bool:
        """Make the output as new as its newest input; return whether that was needed."""
        newest = max(map(self._mtime, self.entries[output]["inputs"]), default=0)
        if self._mtime(output) >= newest:
            return False
        self.contents.set_mtime(output, newest)
        return True

    def _mtime(self, path: str) -> int:
        """Return a file's time in ns, of a missing one that of what it was made from."""
        status = self.contents.stat(path)
        if status is not None:
            return status.st_mtime_ns
        return max(map(self._mtime, self.entries.get(path, {}).get("inputs", ())), default=0)

    def _save_state(self) -> None:
        _write(STATE, {"contents": self.contents.known, "records": self.records.known})


def _path(stage: str) -> Path:
    return Path(LEDGERS, f"{stage}.json")


def _read(path: Path) -> dict[str, Any]:
    """Return the object in the file, empty where it is missing or torn."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _write(path: Path, content: dict[str, Any], indent: int | None = None) -> None:
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=indent, sort_keys=True) + "\n")
