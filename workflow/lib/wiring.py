"""What happens around a run of Snakemake: the ledger before and after it, and DVC at its end."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import yaml
from ledger import Ledger
from reconcile import reconcile
from snakemake.io import _IOFile
from stages import LEDGERS, Stages

LEFTOVERS = Path(".mien/leftovers")
LOCK = Path("dvc.lock")
SHOWN = 5


def before_run(workflow: Any) -> None:
    """Tell Snakemake what is up to date by content; stop where nothing was pulled yet.

    It happens when the Snakefile is read, for a dry run too, but not beside another run.
    """
    if not workflow.is_main_process or any(Path(".snakemake/locks").glob("*.lock")):
        return
    _IOFile.protected = _never
    stages = _stages(workflow)
    for ledger in map(Path, _unpulled()):
        stop(
            f"dvc.lock names {ledger} and more that is not here: run `dvc pull`, or delete "
            "dvc.lock to build everything anew"
        )
    doubts = sorted(reconcile(Ledger(stages)).items())
    for output, reason in doubts[:SHOWN]:
        say(f"{output} is out of date: {reason}")
    if doubts[SHOWN:]:
        say(f"so are {len(doubts) - SHOWN} more files")


def before_jobs(workflow: Any) -> None:
    """Refuse to fetch what is merely not pulled, and to fetch anything within an experiment."""
    stages = _stages(workflow)
    entries = Ledger(stages).entries
    for job in workflow.dag.needrun_jobs():
        if not job.resources.get("network"):
            continue
        for output in map(str, job.output):
            if output in entries and not Path(output).exists():
                stop(f"{output} was fetched before and is not here: run `dvc pull`")
            if os.environ.get("DVC_STAGE", stages.owner(output)) != stages.owner(output):
                stop(
                    f"{output} is not here, and an experiment fetches nothing: run `snakemake "
                    "--cores all acquired`, then `dvc commit acquire` and commit dvc.lock"
                )


def after_run(workflow: Any, succeeded: bool, commits: bool) -> None:
    """Enter what was made; after a whole run tidy up, and let dvc.lock say what there is."""
    stages = _stages(workflow)
    ledger = Ledger(stages)
    ledger.adopt()
    is_whole = succeeded and any(job.rule.name == "all" for job in workflow.dag.jobs)
    if is_whole:
        made = {str(output) for job in workflow.dag.jobs for output in job.output}
        _move_leftovers(stages, made)
        ledger.drop_missing()
    ledger.save()
    for folder in stages.folders:  # DVC asks for them all, be they empty
        Path(folder).mkdir(parents=True, exist_ok=True)
    if is_whole and commits and "DVC_STAGE" not in os.environ and Path(".dvc").is_dir():
        _commit()


def say(line: str) -> None:
    """Print a line beside Snakemake's own."""
    print(f"mien: {line}", file=sys.stderr)


def stop(line: str) -> NoReturn:
    """End with a line that says what to do, and exit code 2."""
    say(line)
    sys.exit(2)


def _stages(workflow: Any) -> Stages:
    return Stages(Path(workflow.basedir, "dvc.yaml"))


async def _never(_: _IOFile) -> bool:
    """Say of any output that it may be replaced.

    DVC makes the files that it links read-only, which Snakemake takes for a wish of the user's. A
    job never writes into an old output: Snakemake deletes it, and a new file takes its place.
    """
    return False


def _unpulled() -> list[str]:
    """Return the ledgers that dvc.lock names and that are not here."""
    if not LOCK.is_file():
        return []
    locked = yaml.safe_load(LOCK.read_text(encoding="utf-8")).get("stages", {})
    outs = [out["path"] for stage in locked.values() for out in stage.get("outs", [])]
    return [out for out in outs if out.startswith(LEDGERS) and not Path(out).exists()]


def _move_leftovers(stages: Stages, made: set[str]) -> None:
    """Move aside what no rule makes any more, such as the runs of a removed variant.

    What frozen stages hold was acquired and stays.
    """
    left = sorted(set(stages.files(frozen=False)) - made)
    for path in map(Path, left):
        aside = LEFTOVERS / path
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.replace(aside)
        for folder in path.parents:
            if str(folder) in stages.owners or any(folder.iterdir()):
                break
            folder.rmdir()
    if left:
        more = f" and {len(left) - 1} more" if left[1:] else ""
        say(f"{left[0]}{more} belong to nothing any more: moved into {LEFTOVERS}/")


def _commit() -> None:
    """Let dvc.lock name the outputs as they are, and say what is left to do."""
    done = subprocess.run(
        ["dvc", "commit", "--force", "--quiet"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        say(f"dvc commit failed, so dvc.lock is as it was: {done.stderr.strip() or done.stdout}")
    else:
        say("dvc.lock names these results; `git add dvc.lock metrics` and commit to keep them")
