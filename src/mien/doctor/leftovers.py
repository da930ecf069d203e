"""Locks that a killed run left behind."""

import json
from pathlib import Path
from typing import Any

from mien import layout
from mien.doctor.finding import Finding

LINK = Path(".dvc/tmp/lock")  # of two links while it is held, with core.hardlink_lock
PATHS = Path(".dvc/tmp/rwlock")  # which process works on which paths


def snakemake_lock() -> Finding:
    """Return whether Snakemake takes this folder for locked although nothing runs in it."""
    if not any(layout.LOCKS.glob("*.lock")):
        return Finding("ok", "no lock")
    here = [process for process, folder in _running("snakemake").items() if folder == Path.cwd()]
    if here:
        return Finding("note", f"Snakemake is at work here, as process {here[0]}")
    text = "a killed run left this folder locked; nothing runs in it on this machine"
    return Finding("wrong", text, "snakemake --unlock")


def dvc_lock() -> Finding:
    """Return whether a lock of DVC is left that DVC does not clear by itself.

    DVC clears what an ended process left in `rwlock`. It does not clear a truncated file, an entry
    whose process number belongs to another program now, or a lock made by links.
    """
    try:
        holders = _holders(json.loads(PATHS.read_text(encoding="utf-8")))
    except FileNotFoundError:
        holders = set()
    except (ValueError, AttributeError, KeyError, TypeError):
        return Finding("wrong", f"a killed DVC cut {PATHS} short", f"rm {PATHS}")
    is_linked = LINK.is_file() and LINK.stat().st_nlink > 1
    if not holders and not is_linked:
        return Finding("ok", "no lock")
    running = _running("dvc")
    here = [process for process, folder in running.items() if folder == Path.cwd()]
    if at_work := here or sorted(holders & running.keys()):
        return Finding("note", f"DVC is at work here, as process {at_work[0]}")
    if is_linked:
        return Finding("wrong", "a killed DVC left its lock", f"rm {LINK}")
    return _strangers(holders)


def _holders(lock: dict[str, Any]) -> set[int]:
    """Return the numbers of the processes that DVC's table of paths names."""
    readers = [reader for readers in lock.get("read", {}).values() for reader in readers]
    return {int(holder["pid"]) for holder in [*lock.get("write", {}).values(), *readers]}


def _strangers(holders: set[int]) -> Finding:
    """Return the entries of processes that are not DVC's any more."""
    import psutil

    living = [process for process in sorted(holders) if psutil.pid_exists(process)]
    if not living:
        return Finding("ok", "a killed DVC left its lock; the next one clears it")
    text = f"a killed DVC left its lock, and another program now has its number, {living[0]}"
    return Finding("wrong", text, f"rm {PATHS}")


def _running(tool: str) -> dict[int, Path | None]:
    """Return the processes of a tool on this machine, with the folder each works in."""
    import psutil

    return {
        process.pid: Path(process.info["cwd"]) if process.info["cwd"] else None
        for process in psutil.process_iter(["cmdline", "cwd"])
        if any(Path(word).name == tool for word in process.info["cmdline"] or ())
    }
