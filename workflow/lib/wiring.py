"""What happens around a run of Snakemake: the ledger before and after it, and DVC at its end."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mien.doctor.storage import is_versioned
from mien.errors import MienError
from mien.layout import DVC_LOCK as LOCK
from mien.layout import DVC_STAGES, LEFTOVERS, LOCKS
from workflow.lib.ledger import Ledger
from workflow.lib.lock import commit, is_current, named_and_here, unvouched
from workflow.lib.reading import difference, end_future, look
from workflow.lib.reconcile import reconcile
from workflow.lib.records import (
    allow_replacing,
    check_memory,
    is_whole,
    record_only_what_is_made,
    when_there_are_no_jobs,
)
from workflow.lib.snapshot import stop
from workflow.lib.stages import Stages, files_in
from workflow.lib.versions import other_versions, versions_of

CODE = ("Snakefile", "workflow", "src")
SHOWN = 5
UNLOCK = "wait for the other run; after a kill, `snakemake --unlock`"


class Run:
    """One call of Snakemake: told that its Snakefile was read, that jobs start, that it ended."""

    def __init__(self, workflow: Any) -> None:
        """Look at what is made by hand, before anything else reads it."""
        self.workflow = workflow
        with in_one_line():
            self.stages = Stages(Path(workflow.basedir, DVC_STAGES))
        self.beside_another = any(LOCKS.glob("*.lock"))
        self.in_stage = os.environ.get("DVC_STAGE")
        if workflow.is_main_process:
            end_future(self._by_hand())
            self.seen = look(self._by_hand())

    def before(self, commits: bool) -> None:
        """Tell Snakemake what is up to date by content, for a dry run too.

        Skipped while another run holds the lock, and in a job that is a process of its own.
        """
        if not self.workflow.is_main_process:
            return
        self.keeps = commits and not self.in_stage and Path(".dvc").is_dir()
        with in_one_line():
            self.commits = self.keeps and is_versioned()
        # where jobs run elsewhere, they get these too
        self.workflow.register_envvars("MIEN_PARAMS", "MIEN_CODE")
        allow_replacing()
        record_only_what_is_made()
        if self.beside_another:
            say("another run, or a killed one, holds this folder: what files hold is not compared")
            if self.in_stage:  # DVC would believe that nothing is to be done
                stop(UNLOCK)
            return
        when_there_are_no_jobs(self.workflow, partial(self.after, succeeded=True))
        with in_one_line():
            check_memory(self.workflow)
            self.ledger = Ledger(self.stages, versions_of(self.workflow.rules))
            self._check_lock()
            doubts = sorted(reconcile(self.ledger, self.workflow.rules).items())
        for output, reason in doubts[:SHOWN]:
            say(f"{output} is out of date: {reason}")
        if doubts[SHOWN:]:
            say(f"so are {len(doubts) - SHOWN} more files")
        if others := other_versions(self.ledger, {rule.name for rule in self.workflow.rules}):
            say(others)

    def before_jobs(self) -> None:
        """Refuse what would harm: a second run, a fetch that is not asked for."""
        if self.beside_another:
            stop(UNLOCK)
        for job in self.workflow.dag.needrun_jobs():
            for output in map(str, job.output):
                owner = self.stages.owner(output)
                if owner is None:
                    raise RuntimeError(f"{output}, of rule {job.rule}, has no stage in dvc.yaml")
                if self.in_stage and owner in self.stages.frozen and owner != self.in_stage:
                    stop(
                        f"{output} is not up to date, and an experiment does not run the stage "
                        f"{owner}: run `{self.stages.frozen[owner]}`, then "
                        f"`dvc commit --force {owner}`, and git commit"
                    )
                if job.resources.get("network") and not self.workflow.dag.reason(job).forced:
                    self._check_fetch(output, owner, job.rule.name)

    def after(self, succeeded: bool) -> None:
        """Enter what was made; after a whole run tidy up and write dvc.lock.

        A run without jobs counts too: an earlier one may have been partial or interrupted.
        """
        if self.workflow.touch:
            say("--touch makes nothing, so nothing counts as made by it")
            return
        with in_one_line():
            ledger = Ledger(self.stages, versions_of(self.workflow.rules))
            ledger.adopt()
            ledger.save()
            for folder in self.stages.folders:  # DVC asks for them all, be they empty
                Path(folder).mkdir(parents=True, exist_ok=True)
            if succeeded:
                self._finish(ledger)

    def _finish(self, ledger: Ledger) -> None:
        whole, jobs = is_whole(self.workflow), list(self.workflow.dag.jobs)
        outputs = {str(output) for job in jobs for output in job.output}
        if whole:
            self._move_leftovers(ledger, outputs)
        missing = [output for output in sorted(outputs) if not Path(output).exists()]
        doubt = next(unvouched(ledger, self.workflow), "") if whole or self.in_stage else ""
        if whole and missing:
            say(f"{LOCK} is as it was, since {missing[0]} is not here: `dvc pull` or make it")
        elif whole and not doubt:
            ledger.drop_missing()
            ledger.save()
            if self.commits and not self._edited():
                self._commit(ledger)
            elif self.keeps and not self.commits and len(self.workflow.dag):
                say(f"{LOCK} was not written: DVC needs a git repository, so type `git init`")
        as_it_was = f"so that {LOCK} is as it was"
        if doubt and (self.commits or self.in_stage):
            self._refuse(f"{doubt}, {as_it_was}: run `snakemake`")
        if edited := self._edited():
            self._refuse(f"{edited} changed while this ran, {as_it_was}: run it again")

    def _refuse(self, line: str) -> None:
        """Say it; within DVC, which would record it, fail."""
        (stop if self.in_stage else say)(line)

    def _check_lock(self) -> None:
        """Stop where nothing was pulled yet; say where dvc.lock names other results than these."""
        ledgers = named_and_here(self.stages, self.ledger.contents)
        for path, (named, here) in ledgers.items():
            if named and not here:
                raise MienError(
                    f"{LOCK} names {path} and more that is not here: run `dvc pull`, or delete "
                    f"{LOCK} to build everything anew"
                )
        is_built = LOCK.is_file() and all(here for _, here in ledgers.values())
        if self.commits and is_built and any(named != here for named, here in ledgers.values()):
            say(
                f"The results here differ from {LOCK}. Keep them: `dvc commit`. "
                "Restore the others: `dvc pull`"
            )

    def _check_fetch(self, output: str, owner: str, rule: str) -> None:
        """Stop before a fetch that deletes existing files, or that `dvc pull` makes needless."""
        is_here, is_known = Path(output).exists(), output in self.ledger.entries
        if is_here and not is_known:
            stop(
                f"{output} is here, and nothing says where it is from: delete it, or move it and "
                "name its `path` in params.yaml"
            )
        if is_known and not is_here and self.stages.committed():
            stop(
                f"{output} was fetched before and is not here: run `dvc pull`, or, to fetch it "
                f"anew, `{self.stages.frozen.get(owner, 'snakemake')} -R {rule}`"
            )

    def _edited(self) -> str | None:
        """Return a file made by hand, settings and code too, that changed since the start."""
        return difference(self.seen, look(self._by_hand()))

    def _by_hand(self) -> Iterator[str]:
        """Yield the hand-made files that results depend on; the code may lie in another folder."""
        yield from self.stages.inputs_by_hand()
        base = os.path.relpath(self.workflow.basedir)
        yield from files_in(os.path.normpath(os.path.join(base, name)) for name in CODE)

    def _move_leftovers(self, ledger: Ledger, made: set[str]) -> None:
        """Move outputs aside that nothing asks for any more, such as the runs of a removed variant.

        Outputs of frozen stages stay.
        """
        left = [
            output
            for output in sorted(ledger.entries.keys() - made)
            if self.stages.owner(output) not in self.stages.frozen and Path(output).exists()
        ]
        for path in map(Path, left):
            aside = LEFTOVERS / path
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, aside)
            for folder in path.parents:
                if str(folder) in self.stages.owners or any(folder.iterdir()):
                    break
                folder.rmdir()
        if left:
            more = f" and {len(left) - 1} more" if left[1:] else ""
            say(f"{left[0]}{more}: not asked for any more, moved into {LEFTOVERS}/")

    def _commit(self, ledger: Ledger) -> None:
        """Let dvc.lock name the outputs as they are, and say what is left to do."""
        if len(self.workflow.dag) or not is_current(self.stages, ledger.contents):
            commit(self.stages, self._edited)
            if not self._edited():
                say(f"{LOCK} names these results: `git add {LOCK} metrics` and commit to keep them")


@contextmanager
def in_one_line() -> Iterator[None]:
    """End with one line when something is wrong that the user can mend."""
    try:
        yield
    except MienError as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename or 'the folder'}: {error.strerror}: mend that, and run it again")


def say(line: str) -> None:
    """Print a line beside Snakemake's own."""
    print(f"mien: {line}", file=sys.stderr)
