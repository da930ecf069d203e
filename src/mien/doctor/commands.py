"""The command that runs the checks and shows what they found."""

import sys
from collections.abc import Callable

import typer

from mien import layout
from mien.doctor.finding import Finding
from mien.errors import MienError
from mien.progress import printable


def doctor() -> None:
    """Say what is missing or wrong on this machine for this project, and how to mend it."""
    from mien.doctor import asked, installed, leftovers, machine, remote, storage

    if not (layout.PARAMS.is_file() or layout.SOURCES.is_file()):
        raise MienError(
            f"this folder is no project of mien: it has no {layout.PARAMS} and no "
            f"{layout.SOURCES}; run in one, or make one: `mien new FOLDER`"
        )
    checks: dict[str, Callable[[], Finding]] = {
        "Python": installed.python,
        "packages": installed.packages,
        "project": asked.project,
        "settings": asked.settings,
        "sources": asked.sources,
        "weights": asked.weights,
        "YouTube": asked.youtube,
        "Flickr": asked.flickr,
        "DVC": storage.repository,
        "remote": remote.remote,
        "cache type": storage.cache_type,
        "pulled": storage.pulled,
        "GPU": machine.gpu,
        "disk": machine.disk,
        "cache": machine.cache,
        "file locks": machine.file_locks,
        "Snakemake's lock": leftovers.snakemake_lock,
        "DVC's lock": leftovers.dvc_lock,
    }
    width = max(map(len, checks))
    levels = set()
    for subject, check in checks.items():
        finding = examine(check)
        show(finding, subject.ljust(width))
        levels.add(finding.level)
    if "wrong" in levels:
        raise typer.Exit(2)


def examine(check: Callable[[], Finding]) -> Finding:
    """Return what the check found; an error that a user can mend is a finding too."""
    try:
        return check()
    except MienError as error:
        return Finding("wrong", str(error))
    except ModuleNotFoundError as error:
        return Finding("note", f"not checked, since {error.name} is not installed")
    except OSError as error:
        return Finding("wrong", f"not checked: {error.filename}: {error.strerror}")


def show(finding: Finding, subject: str) -> None:
    """Print a finding: its level, in colour on a terminal, and below it the line that mends it."""
    level, rest = f"{finding.level:5}", f"  {subject}  {printable(finding.text)}"
    if finding.command:
        rest += f"\n{' ' * (len(level) + len(subject) + 4)}{finding.command}"
    if not sys.stdout.isatty():
        print(level + rest, flush=True)
        return
    from rich.console import Console
    from rich.text import Text

    colour = {"ok": "green", "note": "yellow", "wrong": "bold red"}[finding.level]
    Console().print(Text.assemble((level, colour), rest), soft_wrap=True)
