"""Snakemake's memory: for every output, what made it.

The only module that knows Snakemake's private files. `.snakemake/metadata` holds a JSON file an
output, named by the output's path in base 64; Snakemake reruns a job whose rule text, parameters or
set of inputs are no longer those of the record.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord
from snakemake.persistence.file import FilePersistence

KNOWN_FORMAT = 6
KEPT = ("rule", "code", "params", "input")
DISTRUSTED = "not made by what is here: "


class Records:
    """The records of one folder's outputs.

    `known` is what an earlier look left behind: by output, when its record was last written and a
    hash of what it says, so that thousands of records need not be opened.
    """

    def __init__(self, folder: Path, known: dict[str, list]) -> None:
        if RECORD_FORMAT_VERSION != KNOWN_FORMAT:
            raise RuntimeError(
                f"Snakemake's records have format {RECORD_FORMAT_VERSION}, not {KNOWN_FORMAT}: "
                "install the version that pyproject.toml names, or adapt workflow/lib/records.py"
            )
        self.known = known
        self._store = FilePersistence(path=folder.absolute())
        self.incomplete = {output for output, _ in self._files("incomplete")}

    def new(self) -> Iterator[tuple[str, dict[str, Any], os.stat_result]]:
        """Yield what Snakemake has recorded since the last look: output, record, file status.

        Outputs whose job was started again and did not finish are left out.
        """
        for output, path in self._files("metadata"):
            status = os.stat(path)
            if output in self.incomplete or self._last_write(output) == status.st_mtime_ns:
                continue
            try:
                record = json.loads(Path(path).read_text())
            except ValueError:
                continue  # torn by a kill; Snakemake ignores it too
            if record.get("record_format_version") == KNOWN_FORMAT:
                self.known[output] = [status.st_mtime_ns, _hash(kept(record))]
                yield output, record, status

    def trust(self, output: str, record: dict[str, Any]) -> None:
        """Let Snakemake believe that the output was made, and whole, as the record says."""
        self._write(output, kept(record))
        if output in self.incomplete:
            self._store._unmark_incomplete(output)

    def distrust(self, output: str, reason: str) -> None:
        """Let Snakemake rerun what makes the output, by parameters that no rule has."""
        self._write(output, {"params": [repr(DISTRUSTED + reason)]})

    def _write(self, output: str, content: dict[str, Any]) -> None:
        path, hashed = self._path("metadata", output), _hash(content)
        on_disk = os.stat(path).st_mtime_ns if os.path.exists(path) else None
        if self.known.get(output) == [on_disk, hashed]:
            return
        record = MetadataRecord(
            **content,
            record_format_version=KNOWN_FORMAT,
            starttime=0.0,  # before any input: it can never pass for a record of Snakemake's own
            endtime=0.0,
            incomplete=False,
        )
        self._store._write_record(output, record)
        self.known[output] = [os.stat(path).st_mtime_ns, hashed]

    def _last_write(self, output: str) -> int | None:
        return self.known.get(output, [None])[0]

    def _files(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield every output that has a file of this kind, and the file's path."""
        root = str(self._store.path / kind)
        for folder, _, names in os.walk(root):
            start = folder[len(root) :].replace("/", "").replace("@", "")  # of a long path's name
            for name in names:
                output = base64.urlsafe_b64decode(start + name).decode()
                yield output, os.path.join(folder, name)

    def _path(self, kind: str, output: str) -> str:
        return self._store._record_path(str(self._store.path / kind), output)


def kept(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the ledger keeps of a record: what Snakemake compares, and the rule's name."""
    return {name: record[name] for name in KEPT}


def _hash(content: dict[str, Any]) -> str:
    return hashlib.md5(json.dumps(content, sort_keys=True).encode()).hexdigest()
