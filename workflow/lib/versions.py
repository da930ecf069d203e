"""Results that were made with other versions of packages than those installed now."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workflow.lib import codehash
from workflow.lib.ledger import Ledger

PACKAGES = {"PIL": "pillow", "cv2": "opencv-python", "sklearn": "scikit-learn"}
TALK = {"pydantic", "pydantic_core", "rich", "typer", "yaml"}  # they read settings and print


def versions_of(rules: Iterable[Any]) -> dict[str, dict[str, str]]:
    """Return, by rule, the installed version of each package that the rule's code imports."""
    installed.cache_clear()  # a package may be upgraded while jobs run
    found = {}
    for rule in rules:
        imported = codehash.packages.get(getattr(rule.params, "code", ""), [])
        names = (PACKAGES.get(name, name) for name in imported if name not in TALK)
        found[rule.name] = {name: installed(name) for name in names if installed(name)}
    return found


@cache
def installed(package: str) -> str:
    """Return the installed version of a package without its build tag; empty if it is not
    installed.

    torch 2.9.0+cpu and 2.9.0+cu128 count as one version: where a model runs decides nothing.
    """
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return ""


def other_versions(ledger: Ledger, rules: Collection[str]) -> str:
    """Return one line on the results that other versions made, empty where there are none."""
    others: dict[str, dict[str, str]] = {}
    for output, entry in ledger.entries.items():
        changed = changes(entry.get("versions", {})) if entry["record"]["rule"] in rules else {}
        if changed and ledger.contents.stat(output) and not ledger.doubt(output):
            others[output] = changed

    @cache
    def follows(output: str) -> bool:
        inputs = ledger.entries.get(output, {}).get("inputs", ())
        return any(path in others or follows(path) for path in inputs)

    if not others:
        return ""
    first = {ledger.entries[output]["record"]["rule"] for output in others if not follows(output)}
    made_by: dict[str, set[str]] = {}
    for package, made in (pair for changed in others.values() for pair in changed.items()):
        made_by.setdefault(package, set()).add(made)
    told = ", ".join(
        f"{package} {' and '.join(sorted(made))} (now {installed(package) or 'none'})"
        for package, made in sorted(made_by.items())
    )
    results = "1 result was" if len(others) == 1 else f"{len(others)} results were"
    return f"{results} made by {told}; to make them anew: `snakemake -R {' '.join(sorted(first))}`"


def changes(versions: Mapping[str, str]) -> dict[str, str]:
    """Return those of the versions that are not installed now."""
    return {name: made for name, made in versions.items() if installed(name) != made}
