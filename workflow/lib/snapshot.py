"""The code of a run: a copy of the `src` beside the Snakefile, as it was when that was read.

Jobs run the copy and `code_of` hashes it, whatever mien is installed, and whatever is edited while
they run. A copy is named by what it holds, so that a run beside another never changes its code.
This module decides which mien that is, so it imports nothing of mien.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import NoReturn

COPIES = Path(".snakemake/code")
GIVEN = "MIEN_CODE"  # names the copy to the processes that a run starts
KEPT_S = 3600  # a copy younger than this may be another run's that has no lock yet


def use_code_beside(snakefile: Path, is_main_process: bool) -> None:
    """Let this process and its jobs run the code beside the Snakefile; end with one line if not."""
    given = Path(os.environ.get(GIVEN, ""))
    try:
        copy = given if given.name and not is_main_process else copy_of(snakefile.parent / "src")
    except OSError as error:
        stop(f"the code cannot be copied into {COPIES}: {error}")
    if is_main_process:
        with contextlib.suppress(OSError):  # they may be somebody else's, in a shared folder
            drop_old_copies(copy)
    earlier = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    os.environ |= {GIVEN: str(copy), "PYTHONPATH": os.pathsep.join([str(copy), *earlier])}
    elsewhere = [path for path in sys.path if Path(path or ".").resolve() != Path.cwd()]
    sys.path[:] = [str(copy), *elsewhere]  # a numpy.py of the working folder is no module
    import mien

    if Path(str(mien.__file__)).parents[1] != copy:
        stop(f"Python has already imported {mien.__file__}; start snakemake in a fresh Python")


def refuse_edited(source: Path, is_main_process: bool) -> None:
    """End with one line when the code was edited since it was copied."""
    if not is_main_process:
        return
    try:
        now = name_of(read_files(source))
    except OSError:  # a file is gone since the folder was listed
        now = ""
    if now != Path(os.environ[GIVEN]).name:
        stop(f"{source} was edited while it was read; run snakemake again")


def copy_of(source: Path) -> Path:
    """Return the folder with a copy of the code, made unless there is a whole one."""
    if not (source / "mien" / "__init__.py").is_file():
        stop(f"{source / 'mien'} is missing: a Snakefile runs the code beside it; put it back")
    files = read_files(source)
    copy = COPIES.absolute() / name_of(files)
    if copy.is_dir() and read_files(copy) == files:
        return copy
    shutil.rmtree(copy, ignore_errors=True)
    half = copy.with_name(f".half-{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    for name, content in files.items():
        path = half / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)  # a copy is not the place to edit
    try:
        half.rename(copy)
    except OSError:
        shutil.rmtree(half)
        if read_files(copy) != files:
            raise  # else another run has made the same
    return copy


def read_files(folder: Path) -> dict[str, bytes]:
    """Return what the files below the folder hold; compiled and hidden ones are left out."""
    files: dict[str, bytes] = {}
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [n for n in folders if n != "__pycache__" and not n.endswith(".egg-info")]
        paths = [Path(place, name) for name in names if name[0] != "."]
        files |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return files


def name_of(files: dict[str, bytes]) -> str:
    """Return a hash of names and contents."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()[:16]


def drop_old_copies(used: Path) -> None:
    """Delete the copies of earlier runs, unless a run may be at work."""
    os.utime(used)
    if any(Path(".snakemake/locks").glob("*.lock")):
        return
    for copy in COPIES.iterdir():
        if copy.name != used.name and time.time() - copy.stat().st_mtime > KEPT_S:
            shutil.rmtree(copy, ignore_errors=True)


def stop(line: str) -> NoReturn:
    """End with a line that says what to do, and exit code 2."""
    print(f"mien: {line}", file=sys.stderr)
    sys.exit(2)
