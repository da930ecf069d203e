"""Whether Python and the packages fit mien; none of them is imported."""

import platform
import runpy
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from mien.doctor.finding import Finding

INSTALL = "pip install -c constraints.txt -e '.[pipeline]'"


def python() -> Finding:
    """Return whether this Python is one that mien supports."""
    from packaging.specifiers import SpecifierSet

    here, asked = platform.python_version(), metadata.metadata("mien")["Requires-Python"]
    if SpecifierSet(asked).contains(here, prereleases=True):
        return Finding("ok", here)
    command = "rm -r .venv && make .venv/.installed PYTHON=python3.12"
    return Finding("wrong", f"{here}; mien needs {asked}", command)


def packages() -> Finding:
    """Return whether every package of the pipeline is there, in a version that mien allows."""
    from packaging.requirements import Requirement

    faults, exact = [], []
    for requirement in map(Requirement, metadata.requires("mien") or ()):
        if requirement.marker and not requirement.marker.evaluate({"extra": "pipeline"}):
            continue
        name, allowed = requirement.name, requirement.specifier
        version = installed_version(name)
        if version is None:
            faults.append(f"{name} is not installed")
        elif not allowed.contains(version, prereleases=True):
            faults.append(f"{name} is {version}, and mien needs {allowed}")
        elif str(allowed).startswith("=="):
            exact.append(f"{name} {version}")
    if faults:
        return Finding("wrong", "; ".join(faults), INSTALL)
    return Finding("ok", ", ".join(["all there", *exact]))


def installed_version(name: str) -> str | None:
    """Return the version of an installed package, or None when it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def torch_cuda() -> str | None:
    """Return the version of CUDA that the installed torch was built with, or None without CUDA.

    Raises ModuleNotFoundError when torch is not installed.
    """
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="torch")
    version: str | None = runpy.run_path(str(Path(spec.origin).with_name("version.py")))["cuda"]
    return version
