"""The ledger: for every output, what it holds and what made it, by content.

Snakemake's own memory goes by paths and times, and does not travel. The ledger does: it lies in
`provenance/<stage>.json`, an out of that stage in dvc.yaml, so that DVC keeps it together with the
outputs. An entry reads

    data/labels.csv:
        md5: what the file held when its job had made it
        inputs: {data/faces.csv: its MD5 when the job began, …}
        record: what Snakemake knew of the job, see records.py

`adopt` enters what Snakemake has made since the last look. `doubts` tells which outputs are still
what was made, from inputs that are still what they were. What follows from that is done in
reconcile.py.
"""

import json
from pathlib import Path
from typing import Any

from contents import Contents
from records import Records, kept
from stages import LEDGERS, Stages

from mien.files import atomic

STATE = Path(".snakemake/mien.json")  # what this machine remembers: hashes, and records seen
VERSION = 1
CHANGED = "changed while the job ran"
MISSING = "was missing"

Entries = dict[str, dict[str, Any]]


class Ledger:
    """The entries of all stages, beside the files and Snakemake's records that they speak of."""

    def __init__(self, stages: Stages) -> None:
        state = _read(STATE)
        self.stages = stages
        self.contents = Contents(state.get("contents", {}))
        self.records = Records(STATE.parent, state.get("records", {}))
        self.entries: Entries = {}
        for stage in stages.names:
            content = _read(_path(stage))
            self.entries |= content["outputs"] if content.get("version") == VERSION else {}

    def adopt(self) -> bool:
        """Enter the jobs that Snakemake finished since the last look; return if there were any.

        A job counts when its output is still what it left. An input that changed after the job
        began, be it with its old time put back, explains nothing.
        """
        adopted = False
        for output, record, record_file in self.records.new():
            status = self.contents.stat(output)
            if status is None or status.st_ctime_ns > record_file.st_mtime_ns:
                continue  # gone, or changed after Snakemake had recorded it
            self.entries[output] = {
                "md5": self.contents.md5(output),
                "inputs": {
                    path: self._held(path, record["starttime"]) for path in record["input"] or ()
                },
                "record": kept(record),
            }
            adopted = True
        return adopted

    def _held(self, path: str, job_start_s: float) -> str:
        """Return what an input held when its job began, as its MD5, or why that is not known."""
        status = self.contents.stat(path)
        if status is None:
            return MISSING
        return CHANGED if status.st_ctime > job_start_s else str(self.contents.md5(path))

    def doubts(self) -> dict[str, str]:
        """Return for every output, on disk or only entered, why it cannot be believed.

        The reason is empty for an output that is what its job made, from inputs that are what they
        were. An output that is not on this machine is as good as its entry: others may have been
        made from it.
        """
        reasons: dict[str, str] = {}
        for output in {*self.entries, *self.stages.files()}:
            self._doubt(output, reasons)
        return reasons

    def _doubt(self, output: str, reasons: dict[str, str]) -> str:
        """Return the reason to doubt an output; all reasons found on the way are kept."""
        if output not in reasons:
            entry, md5 = self.entries.get(output), self.contents.md5(output)
            if entry is None:
                reasons[output] = "nothing says what made it"
            elif md5 not in (None, entry["md5"]):
                reasons[output] = "it is not what its job made"
            else:
                changes = (
                    self._change(path, held, reasons) for path, held in entry["inputs"].items()
                )
                reasons[output] = next(filter(None, changes), "")
        return reasons[output]

    def _change(self, path: str, held: str, reasons: dict[str, str]) -> str:
        """Return what became of an input since its job began, empty when nothing did."""
        now = self.contents.md5(path)
        if now is None and path in self.entries and not self._doubt(path, reasons):
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
        """Write the ledger of every stage that changed, and what this machine remembers."""
        by_stage: dict[str, Entries] = {}
        for output, entry in self.entries.items():
            by_stage.setdefault(self.stages.owner(output), {})[output] = entry
        for stage, outputs in by_stage.items():
            content = {"version": VERSION, "outputs": outputs}
            if _read(_path(stage)) != content:
                _write(_path(stage), content, indent=1)
        self.save_state()

    def save_state(self) -> None:
        """Write what this machine remembers."""
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
        text = json.dumps(content, indent=indent, sort_keys=True)
        temporary.write_text(text + "\n", encoding="utf-8")
