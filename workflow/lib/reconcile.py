"""Make Snakemake's records and the files' times say what the ledger says.

An output that its recorded inputs still make must not be rerun, any other must. Snakemake alone
decides the rest: what changed parameters, rules and sets of inputs ask for.
"""

import time

from ledger import Ledger


def reconcile(ledger: Ledger) -> dict[str, str]:
    """Let Snakemake trust what the contents confirm and distrust what they do not.

    Return why each output on disk that cannot be believed will be made anew.
    """
    if ledger.adopt():
        ledger.save()
    doubts = ledger.doubts()
    for output, reason in doubts.items():
        if not reason:
            ledger.records.trust(output, ledger.entries[output]["record"])
        elif output not in ledger.records.incomplete:  # of those Snakemake knows by itself
            ledger.records.distrust(output, reason)
    settle_times(ledger, [output for output, reason in doubts.items() if not reason])
    ledger.save_state()
    return {path: why for path, why in doubts.items() if why and ledger.contents.stat(path)}


def settle_times(ledger: Ledger, trusted: list[str]) -> None:
    """Let no time lie ahead, and no trusted output be older than what it was made from.

    Files that DVC linked to one object share their time, so that moving one moves another: it is
    done until nothing moves.
    """
    inputs = (path for output in trusted for path in ledger.entries[output]["inputs"])
    now_ns = time.time_ns()
    for path in {*trusted, *inputs}:
        if mtime_ns(ledger, path) > now_ns:
            ledger.contents.set_mtime(path, now_ns)
    present = [output for output in trusted if ledger.contents.stat(output)]
    while sum(catch_up(ledger, output) for output in present):
        ledger.contents.look_again()


def catch_up(ledger: Ledger, output: str) -> bool:
    """Make the output as new as its newest input; return whether it was older."""
    inputs = ledger.entries[output]["inputs"]
    newest_ns = max((mtime_ns(ledger, path) for path in inputs), default=0)
    if mtime_ns(ledger, output) >= newest_ns:
        return False
    ledger.contents.set_mtime(output, newest_ns)
    return True


def mtime_ns(ledger: Ledger, path: str) -> int:
    """Return a file's modification time; of a missing one that of what it was made from."""
    status = ledger.contents.stat(path)
    if status is not None:
        return status.st_mtime_ns
    inputs = ledger.entries.get(path, {}).get("inputs", ())
    return max((mtime_ns(ledger, source) for source in inputs), default=0)
