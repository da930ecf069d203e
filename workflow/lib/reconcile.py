"""Make Snakemake's records and the files' times say what the ledger says.

An output that its recorded inputs still make must not be rerun, any other must. Snakemake alone
decides the rest: what changed parameters, rules and sets of inputs ask for.
"""

import time
from collections.abc import Iterable
from typing import Any

from workflow.lib.ledger import Ledger


def reconcile(ledger: Ledger, rules: Iterable[Any]) -> dict[str, str]:
    """Let Snakemake trust what the contents confirm and distrust what they do not.

    Return why outputs on disk that a rule makes are not to be believed.
    """
    if ledger.adopt():
        ledger.save()
    rules = list(rules)
    unknown = {path for path in ledger.stages.outputs() if path not in ledger.entries}
    outputs = [*ledger.entries, *(path for path in unknown if can_be_made(rules, path))]
    doubts = {output: ledger.doubt(output) for output in outputs}
    for output, reason in doubts.items():
        if not reason:
            ledger.records.trust(output, ledger.entries[output]["record"])
        else:
            ledger.records.distrust(output, reason)
    for output in unmade_siblings(ledger, rules):
        ledger.records.distrust(output, "nothing says what made it")
    settle_times(ledger, [output for output, reason in doubts.items() if not reason])
    ledger.save_state()
    return {path: why for path, why in doubts.items() if why and ledger.contents.stat(path)}


def can_be_made(rules: Iterable[Any], path: str) -> bool:
    """Return whether the file is an output of a rule."""
    return any(made.match(path) for rule in rules for made in rule.output)


def unmade_siblings(ledger: Ledger, rules: Iterable[Any]) -> set[str]:
    """Return outputs without an entry whose rule also makes entered outputs.

    Snakemake looks for changes of a job only when all its outputs have a record. An output that was
    added to a rule would hide them.
    """
    entered: dict[str, list[str]] = {}
    for output, entry in ledger.entries.items():
        entered.setdefault(entry["record"]["rule"], []).append(output)
    unmade: set[str] = set()
    for rule in rules:
        found = [map(made.match, entered.get(rule.name, ())) for made in rule.output]
        jobs = [{frozenset(m.groupdict().items()) for m in matches if m} for matches in found]
        for made, done in zip(rule.output, jobs, strict=True):
            lacking = set().union(*jobs) - done
            unmade |= {str(made.apply_wildcards(dict(wildcards))) for wildcards in lacking}
    return unmade - ledger.entries.keys()


def settle_times(ledger: Ledger, trusted: list[str]) -> None:
    """Move times so that none lies ahead and no trusted output is older than its inputs.

    Files that DVC linked to one object share their time, so moving one moves another. This is
    repeated until nothing moves.
    """
    inputs = (path for entry in ledger.entries.values() for path in entry["inputs"])
    now_ns = time.time_ns()
    for path in {*trusted, *inputs}:
        status = ledger.contents.stat(path)
        if status and max(status.st_mtime_ns, status.st_ctime_ns) > now_ns:
            ledger.contents.set_mtime(path, min(status.st_mtime_ns, now_ns))
    present = [output for output in trusted if ledger.contents.stat(output)]
    while sum(catch_up(ledger, output) for output in present):
        ledger.contents.look_again()


def catch_up(ledger: Ledger, output: str) -> bool:
    """Make the output as new as its newest input; return whether it was moved."""
    inputs = ledger.entries[output]["inputs"]
    newest_ns = max((mtime_ns(ledger, path) for path in inputs), default=0)
    if mtime_ns(ledger, output) >= newest_ns:
        return False
    ledger.contents.set_mtime(output, newest_ns)
    return mtime_ns(ledger, output) >= newest_ns


def mtime_ns(ledger: Ledger, path: str) -> int:
    """Return a file's modification time; of a missing one that of what it was made from."""
    status = ledger.contents.stat(path)
    if status is not None:
        return status.st_mtime_ns
    inputs = ledger.entries.get(path, {}).get("inputs", ())
    return max((mtime_ns(ledger, source) for source in inputs), default=0)
