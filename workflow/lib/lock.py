"""dvc.lock: whether it speaks of what is here, and who may write it.

It names results that were made by the settings and files beside it. So it is written only when the
ledger vouches for every output: each is what a job made, by what its rule now asks for.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from mien.errors import MienError
from mien.files import atomic
from mien.layout import DVC_LOCK as LOCK
from mien.layout import ledger_of
from workflow.lib.contents import Contents
from workflow.lib.ledger import Ledger
from workflow.lib.records import is_asked
from workflow.lib.stages import Stages


def named_and_here(stages: Stages, contents: Contents) -> dict[str, tuple[str | None, str | None]]:
    """Return for each ledger the MD5 that dvc.lock names and that of the file, None for none."""
    named, ledgers = stages.committed(), [str(ledger_of(name)) for name in stages.names]
    return {path: (named.get(path), contents.md5(path)) for path in ledgers}


def is_current(stages: Stages, contents: Contents) -> bool:
    """Return whether dvc.lock names the results that are here, and the settings of this run."""
    settings = yaml.safe_load(Path(os.environ["MIEN_PARAMS"]).read_bytes())
    return stages.commits_settings(settings) and all(
        named == here for named, here in named_and_here(stages, contents).values()
    )


def unvouched(ledger: Ledger, workflow: Any) -> Iterator[str]:
    """Yield why an output is not known to be what its rule asks for.

    Snakemake passed over it, as with `--rerun-triggers mtime`, or made it and kept no record.
    """
    for job in workflow.dag.jobs:
        for output in map(str, job.output):
            if reason := ledger.doubt(output):
                yield f"{output} is out of date: {reason}"
            elif not is_asked(workflow, job, ledger.entries[output]["record"]):
                yield f"{output} was made by other settings, code or inputs"


def commit(stages: Stages, edited: Callable[[], str | None]) -> None:
    """Let dvc.lock name the outputs as they are.

    DVC reads the settings again: where something was edited meanwhile, dvc.lock stays as it was.
    Raises MienError when DVC fails.
    """
    command = ["dvc", "commit", "--force", *stages.names]
    before = LOCK.read_bytes() if LOCK.is_file() else None
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        failed = done.returncode and reason_in(done.stdout)
    except OSError as error:
        failed = f"dvc: {error.strerror}"
    if failed:
        raise MienError(
            f"`{' '.join(command)}` failed: {failed}. The results are whole, {LOCK} does not name "
            "them yet: mend that, then run `snakemake` again"
        )
    if not edited():
        return
    if before is None:
        LOCK.unlink(missing_ok=True)
    else:
        with atomic(LOCK) as temporary:
            temporary.write_bytes(before)


def reason_in(printed: str) -> str:
    """Return the line in which DVC says what went wrong."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    found = [line.removeprefix("ERROR: ") for line in lines if "ERROR" in line]
    return next(iter(found or lines[-1:]), "it said nothing").rstrip(".")
