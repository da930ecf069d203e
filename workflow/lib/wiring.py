"""What happens around a run of Snakemake: the ledger before and after it, and DVC at its end."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

from ledger import STATE, Ledger
from reconcile import reconcile
from records import allow_replacing
from stages import LOCK, Stages, ledger_of

from mien.errors import MienError

LEFTOVERS = Path(".mien/leftovers")
GIVEN = Path(".snakemake/params.yaml")  # the settings as they were when the Snakefile was read
SHOWN = 5
UNLOCK = "wait for the other run; after a kill, `snakemake --unlock`"


class Run:
    """One call of Snakemake: told that its Snakefile was read, that jobs start, that it ended."""

    def __init__(self, workflow: Any, commits: bool) -> None:
        self.workflow = workflow
        self.commits = commits and "DVC_STAGE" not in os.environ and Path(".dvc").is_dir()
        self.stages = Stages(Path(workflow.basedir, "dvc.yaml"))
        self.beside_another = any(Path(".snakemake/locks").glob("*.lock"))
        self.in_stage = os.environ.get("DVC_STAGE")
        self.read_ns = 0  # when the settings and the code had been read

    def before(self) -> None:
        """Tell Snakemake what is up to date by content, for a dry run too.

        Not beside another run, whose files they are; and a job of this run reads nothing here.
        """
        if not self.workflow.is_main_process:
            return
        if self.beside_another:
            say("another run, or a killed one, holds this folder: what files hold is not compared")
            if self.in_stage:  # DVC would believe that nothing is to be done
                stop(UNLOCK)
            return
        allow_replacing()
        try:
            self.ledger = Ledger(self.stages)
            self._check_lock()
            doubts = sorted(reconcile(self.ledger, self.workflow.rules).items())
        except MienError as error:
            stop(str(error))
        for output, reason in doubts[:SHOWN]:
            say(f"{output} is out of date: {reason}")
        if doubts[SHOWN:]:
            say(f"so are {len(doubts) - SHOWN} more files")
        shutil.copyfile("params.yaml", GIVEN)
        os.environ["MIEN_PARAMS"] = str(GIVEN)  # an edit while jobs run does not reach them
        self.read_ns = STATE.stat().st_mtime_ns

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
                        f"{output} is not up to date, and an experiment acquires nothing: run "
                        "`snakemake acquired`, then `dvc commit --force acquire`, and git commit"
                    )
                if job.resources.get("network") and not self.workflow.dag.reason(job).forced:
                    self._check_fetch(output, job.rule.name)

    def after(self, succeeded: bool) -> None:
        """Enter what was made; after a whole run tidy up, and let dvc.lock say what there is."""
        ledger = Ledger(self.stages)
        ledger.adopt()
        ledger.save()
        for folder in self.stages.folders:  # DVC asks for them all, be they empty
            Path(folder).mkdir(parents=True, exist_ok=True)
        edited = self._edited()
        dag = self.workflow.dag
        if succeeded and dag.batch is None and any(job.rule.name == "all" for job in dag.jobs):
            made = {str(output) for job in dag.jobs for output in job.output}
            self._move_leftovers(ledger, made)
            missing = sorted(output for output in made if not Path(output).exists())
            if missing:
                say(f"{LOCK} is as it was, since {missing[0]} is not here: `dvc pull` or make it")
            else:
                ledger.drop_missing()
                ledger.save()
                if self.commits and not edited:
                    self._commit()
        if succeeded and edited:
            (stop if self.in_stage else say)(
                f"{edited} changed while this ran, so that dvc.lock is as it was: run it again"
            )

    def _check_lock(self) -> None:
        """Stop where nothing was pulled; say where dvc.lock names other results than these."""
        committed, ledgers = self.stages.committed(), map(ledger_of, self.stages.names)
        pairs = {path: (committed.get(path), self.ledger.contents.md5(path)) for path in ledgers}
        for path, (named, here) in pairs.items():
            if named and not here:
                raise MienError(
                    f"{LOCK} names {path} and more that is not here: run `dvc pull`, or delete "
                    f"{LOCK} to build everything anew"
                )
        is_built = all(here for _, here in pairs.values())
        if self.commits and is_built and any(named != here for named, here in pairs.values()):
            say(
                f"{LOCK} names other results than are here: a whole run or `dvc commit` keeps "
                "these, `dvc pull` brings those"
            )

    def _check_fetch(self, output: str, rule: str) -> None:
        """Stop where fetching would delete what is here, or what is merely not pulled."""
        is_here, is_known = Path(output).exists(), output in self.ledger.entries
        if is_here and not is_known:
            stop(
                f"{output} is here, and nothing says where it is from: delete it, or move it and "
                "name its `path` in params.yaml"
            )
        if is_known and not is_here and self.stages.committed():
            stop(
                f"{output} was fetched before and is not here: run `dvc pull`, or, to fetch it "
                f"anew, `snakemake -R {rule} acquired`"
            )

    def _edited(self) -> str | None:
        """Return a file made by hand, settings and code too, that changed since it was read."""
        for path in self.stages.inputs_by_hand():
            if Path(path).stat().st_ctime_ns > self.read_ns:
                return path
        return None

    def _move_leftovers(self, ledger: Ledger, made: set[str]) -> None:
        """Move aside what was made and is asked for no more, such as the runs of a removed variant.

        What frozen stages hold was acquired and stays.
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

    def _commit(self) -> None:
        """Let dvc.lock name the outputs as they are, and say what is left to do."""
        command = ["dvc", "commit", "--force", *self.stages.names]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            reason = [line for line in done.stdout.splitlines() if "ERROR" in line] or [done.stdout]
            say(f"`{' '.join(command)}` failed, so {LOCK} is as it was: {reason[0].strip()}")
        else:
            say(f"{LOCK} names these results: `git add {LOCK} metrics` and commit to keep them")


def say(line: str) -> None:
    """Print a line beside Snakemake's own."""
    print(f"mien: {line}", file=sys.stderr)


def stop(line: str) -> NoReturn:
    """End with a line that says what to do, and exit code 2."""
    say(line)
    sys.exit(2)
