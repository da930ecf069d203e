"""The ledger: for every output, what it held and what made it, by content.

Snakemake's own memory goes by paths and times, and does not travel. The ledger does: it lies in
`provenance/<stage>.json`, an out of that stage in dvc.yaml, so that DVC keeps it together with the
outputs. An entry reads

    data/labels.csv:
        md5: what the file held when its job had made it
        inputs: {data/faces.csv: its MD5 when the job began, …}
        record: what Snakemake compares of the job, see records.py
        versions: {numpy: the version that the job's code imported, …}

`adopt` enters what Snakemake has made since the last look. `doubt` tells whether an output is still
what was made, from inputs that are still what they were. What follows from that is done in
reconcile.py.
"""

import json
from pathlib import Path
from typing import Any

from contents import Contents, Hashed
from records import Records, compared
from stages import Stages, ledger_of

from mien.errors import MienError
from mien.files import atomic

STATE = Path(".snakemake/mien.json")  # a cache: hashes of files, and records written
VERSION = 1
CHANGED = "changed while the job ran"
MISSING = "was missing"
ANEW = "delete the file, and what it speaks of is made anew"

Entries = dict[str, dict[str, Any]]
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
            self.entries |= _entries(Path(ledger_of(stage)), stages)
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
            path, content = Path(ledger_of(stage)), {"version": VERSION, "outputs": outputs}
            if _read(path) != content:
                _write(path, content, indent=1)
        for output in self._adopted:
            if output in self.entries:
                self.records.trust(output, self.entries[output]["record"])
        self.save_state()

    def save_state(self) -> None:
        """Write the cache."""
        known = {"contents": self.contents.known, "records": self.records.known}
        _write(STATE, known | {"versions": self.versions})


def _read_state() -> tuple[dict[str, list], dict[str, list], Versions]:
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

    Raises MienError when it is damaged, or another version of mien wrote it.
    """
    if (content := _read(path)) is None:
        return {}
    try:
        if content["version"] != VERSION:
            raise MienError(f"{path} is of another version of mien: use that one, or {ANEW}")
        entries = {out: entry for out, entry in content["outputs"].items() if stages.owner(out)}
        _ = [
            (entry["md5"], {**entry["inputs"]}, compared(entry["record"]))
            for entry in entries.values()
        ]
    except (KeyError, TypeError, AttributeError):
        raise MienError(_damaged(path)) from None
    return entries


def _read(path: Path) -> Any:
    """Return what the file says, None where there is none; raise MienError when it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise MienError(_damaged(path)) from None


def _damaged(path: Path) -> str:
    return f"{path} is damaged: `dvc checkout {path}` restores what was committed; or {ANEW}"


def _write(path: Path, content: dict[str, Any], indent: int | None = None) -> None:
    with atomic(path) as temporary:
        text = json.dumps(content, indent=indent, sort_keys=True)
        temporary.write_text(text + "\n", encoding="utf-8")
