"""Snakemake's memory: for every output, what made it.

The only module that knows Snakemake's private parts. `.snakemake/metadata` holds a JSON file an
output, named by the output's path in base 64; Snakemake reruns a job whose rule text, parameters or
set of inputs are no longer those of the record.
"""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from snakemake.io import _IOFile
from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord
from snakemake.persistence.file import FilePersistence
from snakemake.settings.enums import PersistenceBackend

from mien.errors import MienError

KNOWN_FORMAT = 6
COMPARED = ("rule", "code", "params", "input")  # the rule by name, for people
OURS = 0.0  # the start of a job in records that are written here: no job of Snakemake's has it


class Records:
    """The records of one folder's outputs.

    `known` is a cache of what was last written here: by output, when, and a hash of what it says,
    so that thousands of records need not be opened.
    """

    def __init__(self, folder: Path, known: dict[str, list[Any]]) -> None:
        if RECORD_FORMAT_VERSION != KNOWN_FORMAT:
            raise RuntimeError(
                f"Snakemake's records have format {RECORD_FORMAT_VERSION}, not {KNOWN_FORMAT}: "
                "install the version that pyproject.toml names, or adapt workflow/lib/records.py"
            )
        self.known = known
        self._store = FilePersistence(path=folder.absolute())
        self.incomplete = {output for output, _ in self._files("incomplete")}

    def new(self) -> Iterator[tuple[str, dict[str, Any], os.stat_result]]:
        """Yield what Snakemake itself has recorded: output, record, status of the record's file.

        Outputs whose job was started again and did not finish are left out.
        """
        for output, path in self._files("metadata"):
            status = os.stat(path)
            if output in self.incomplete or self.known.get(output, [0])[0] == status.st_mtime_ns:
                continue
            try:
                record = dict(MetadataRecord.model_validate_json(Path(path).read_bytes()))
            except ValueError:  # torn by a kill; on some damage Snakemake would stop
                os.unlink(path)
                continue
            if record["starttime"] != OURS and record["record_format_version"] == KNOWN_FORMAT:
                yield output, record, status

    def trust(self, output: str, record: dict[str, Any]) -> None:
        """Let Snakemake believe that the output was made, and whole, as the record says."""
        self._write(output, compared(record))
        if output in self.incomplete:
            self._store._unmark_incomplete(output)

    def distrust(self, output: str, reason: str) -> None:
        """Make Snakemake rerun the job of the output: give it a record that matches no rule."""
        self._write(output, {"params": [repr(f"not made by what is here: {reason}")]})

    def _write(self, output: str, content: dict[str, Any]) -> None:
        path = self._store._record_path(str(self._store.path / "metadata"), output)
        hashed = hashlib.md5(json.dumps(content, sort_keys=True).encode()).hexdigest()
        written_ns = os.stat(path).st_mtime_ns if os.path.exists(path) else None
        if self.known.get(output) == [written_ns, hashed]:
            return
        record = MetadataRecord(
            **content,
            record_format_version=KNOWN_FORMAT,
            starttime=OURS,
            endtime=OURS,
            incomplete=False,
        )
        self._store._write_record(output, record)
        self.known[output] = [os.stat(path).st_mtime_ns, hashed]

    def _files(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield every output that has a file of this kind, and the file's path."""
        root = str(self._store.path / kind)
        for folder, _, names in os.walk(root):
            start = folder[len(root) :].replace("/", "").replace("@", "")  # of a long path's name
            for name in names:
                try:
                    output = base64.urlsafe_b64decode(start + name).decode()
                except ValueError:
                    continue  # no file of Snakemake's, such as what a network file system leaves
                yield output, os.path.join(folder, name)


def compared(record: dict[str, Any]) -> dict[str, Any]:
    """Return what Snakemake compares of a record."""
    return {name: record[name] for name in COMPARED}


def check_memory(workflow: Any) -> None:
    """Raise MienError where Snakemake keeps its memory elsewhere than in the files read here."""
    if workflow.workflow_settings.persistence_backend != PersistenceBackend.FILE:
        raise MienError("--persistence-backend db is not supported: leave the option out")


def is_asked(workflow: Any, job: Any, record: dict[str, Any]) -> bool:
    """Return whether the record says what Snakemake would record of the job now."""
    store = workflow.persistence
    made, asked = set(record["params"] or ()), set(store._params(job))
    return (
        made == asked
        and record["code"] == store._code(job.rule)
        and record["input"] == [str(path) for path in store._input(job)]
    )


def is_whole(workflow: Any) -> bool:
    """Return whether the run is of everything, as the default target asks for it."""
    asked = workflow.dag_settings
    part = asked.batch or asked.until or asked.omit_from or asked.allowed_rules
    return not part and any(job.rule.name == workflow.default_target for job in workflow.dag.jobs)


def when_there_are_no_jobs(workflow: Any, call: Callable[[], None]) -> None:
    """Call a function at the end of a run without jobs, for which Snakemake has no hook."""
    execute = workflow.execute

    def execute_and_call(**arguments: Any) -> None:
        execute(**arguments)
        has_hooks = not (workflow.dryrun or workflow.execution_settings.no_hooks)
        if has_hooks and not len(workflow.dag):
            os.makedirs(workflow.persistence._lockdir, exist_ok=True)  # unlocking removed it
            with workflow.persistence.lock():
                call()

    workflow.execute = execute_and_call


def record_only_what_is_made() -> None:
    """Let `--touch` leave no record: it makes nothing, so it cannot say what made a file."""
    started, finished = FilePersistence.started, FilePersistence.finished

    def start(store: Any, job: Any, external_jobid: str | None = None) -> None:
        if not store.dag.workflow.touch:
            started(store, job, external_jobid)

    async def finish(store: Any, job: Any) -> None:
        if not store.dag.workflow.touch:
            await finished(store, job)

    FilePersistence.started, FilePersistence.finished = start, finish


def allow_replacing() -> None:
    """Let Snakemake replace read-only outputs, which DVC makes when it links files.

    Snakemake takes a read-only file for a wish of the user. But no job writes into an old output:
    Snakemake deletes it, and a new file takes its place.
    """

    async def never(_: _IOFile) -> bool:
        return False

    _IOFile.protected = never
