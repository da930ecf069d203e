"""What the machine has: a GPU, room on its disks, a place for caches, a filesystem with locks."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from mien.doctor.finding import Finding, worst
from mien.doctor.installed import torch_cuda
from mien.doctor.storage import cache_folder, read_config

GPU = Path("/dev/nvidia0")
ENOUGH_GB = 10


def gpu() -> Finding:
    """Return whether models are trained on a GPU; without one the CPU trains them."""
    if not GPU.exists() and shutil.which("nvidia-smi") is None:
        return Finding("note", "no NVIDIA GPU: training runs on the processor")
    cuda = torch_cuda()
    if cuda is None:
        return Finding(
            "note",
            "an NVIDIA GPU, but torch was installed without CUDA: training runs on the processor",
            "pip install --force-reinstall -c constraints.txt torch torchvision",
        )
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        text = f"an NVIDIA GPU, hidden by CUDA_VISIBLE_DEVICES={hidden}: training does not use it"
        return Finding("note", text, "unset CUDA_VISIBLE_DEVICES")
    return Finding("ok", f"an NVIDIA GPU; torch uses it with CUDA {cuda}")


def disk() -> Finding:
    """Return how much room there is for the project, for DVC's cache and for temporary files."""
    # what no commit names is all that goes: experiments and builds that were never committed
    collect = "dvc gc --all-commits"
    elsewhere = "export TMPDIR=<a folder on a larger disk>"
    places = [
        (Path(), "in this folder", collect),
        (cache_folder(), "in DVC's cache", collect),
        (Path(tempfile.gettempdir()), "for temporary files", elsewhere),
    ]
    return worst([_room(folder, place, command) for folder, place, command in places])


def _room(folder: Path, place: str, command: str) -> Finding:
    """Return how much room the disk of a folder has, whether or not the folder exists yet."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    text = f"{free_gb:.0f} GB free {place}"
    if free_gb >= ENOUGH_GB:
        return Finding("ok", text)
    return Finding("note", f"{text}, less than {ENOUGH_GB}", command)


def cache() -> Finding:
    """Return whether Snakemake can write its cache: else it stops before it reads the Snakefile."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return Finding("ok", f"Snakemake's cache can be written to {folder}")
    text = f"Snakemake's cache cannot be written to {folder}: it would stop with a traceback"
    return Finding("wrong", text, 'export XDG_CACHE_HOME="$PWD/.snakemake/cache"')


def file_locks() -> Finding:
    """Return whether files in this folder can be locked: DVC asks flock, SQLite lockf."""
    can_flock, can_lockf = _locks(fcntl.flock), _locks(fcntl.lockf)
    if can_flock and can_lockf:
        return Finding("ok", "files in this folder can be locked")
    if can_lockf and read_config().get("core", {}).get("hardlink_lock") == "true":
        return Finding("ok", "this filesystem has no flock; DVC locks by links")
    if can_lockf:
        text = "this filesystem has no flock, which DVC waits for"
        return Finding("wrong", text, "dvc config --local core.hardlink_lock true")
    text = "this filesystem locks no files: work on a local disk, or mount it with locks"
    return Finding("wrong", text, "git clone . <a folder on a local disk>")


def _locks(lock: Callable[[IO[bytes], int], None]) -> bool:
    """Return whether a file in this folder can be locked in this way."""
    with tempfile.TemporaryFile(dir=Path()) as file:
        try:
            lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
