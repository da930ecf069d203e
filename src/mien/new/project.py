"""What a new project consists of, and how it gets into its folder."""

import math
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import yaml
from pydantic import ValidationError

from mien import layout
from mien.errors import MienError, ParamsError
from mien.files import atomic
from mien.ids import NAME
from mien.params import Params, load
from mien.settings_file import sentence

START = Path(__file__).parent / "project"  # what is the project's own from the start
CLONE = Path(__file__).parents[3]  # the clone of mien that this command runs from
CODE = (  # the Snakefile last: a folder that has it has all of the code
    "src",
    "workflow",
    "profiles",
    ".dvc/plots",
    ".dvc/.gitignore",
    ".dvcignore",
    ".gitignore",
    "LICENSE",
    "Makefile",
    "constraints.txt",
    "pyproject.toml",
    "dvc.yaml",
    "Snakefile",
)
RUN = ("src/mien", "workflow", "dvc.yaml")  # what the Snakefile needs beside it
NOT_COPIED = ("__pycache__", "*.egg-info", "*.pyc")
MOST = 100_000  # pictures of one folder


def settings(expressions: Sequence[str]) -> str:
    """Return the text of params.yaml for these classes, or for mien's own four without any.

    Raises ParamsError when they cannot be classes.
    """
    text = (START / layout.PARAMS).read_text(encoding="utf-8")
    if expressions:
        line = yaml.safe_dump(list(expressions), default_flow_style=True, width=math.inf).strip()
        text = re.sub(r"(?m)^  expressions: .*$", lambda _: f"  expressions: {line}", text)
    try:
        Params.model_validate(yaml.safe_load(text))
    except ValidationError as invalid:
        given = ",".join(expressions)
        raise ParamsError(f"--expressions {given}: {sentence(invalid)}") from None
    return text


def source_rows(pictures: Sequence[Path], expressions: Sequence[str]) -> list[str]:
    """Return the lines of sources.csv for folders of pictures.

    A folder with folders named after expressions gives one line for each of those: what was
    sorted before is a first label. Raises MienError for a folder that is not there.
    """
    rows: dict[str, str] = {}
    for folder in pictures:
        if not folder.is_dir():
            what = "a file; name its folder" if folder.exists() else "there is no such folder"
            raise MienError(f"--pictures {folder}: {what}")
        sorted_by = [folder / name for name in expressions if (folder / name).is_dir()]
        for place in sorted_by or [folder]:
            name = _source_id(place, rows)
            target = str(place.resolve())
            if target.encode(errors="ignore").decode() != target:
                raise MienError(f"--pictures {target!a}: the name is not UTF-8; rename it")
            if not any(place.iterdir()):
                raise MienError(f"--pictures {place}: the folder is empty")
            quoted = '"' + target.replace('"', '""') + '"' if set(target) & set(',"\n') else target
            rows[name] = f"{name},folder,{quoted},{MOST},{place.name if sorted_by else ''},"
    return list(rows.values())


def unlabelled(folder: Path, expressions: Sequence[str]) -> str:
    """Return which folders in a folder of pictures give no first label, and which class has none.

    Nothing when each folder is named after an expression and each expression has its folder, or
    when there are no folders at all.
    """
    below = {place.name for place in folder.iterdir() if place.is_dir() and place.name[0] != "."}
    others, without = sorted(below - {*expressions}), [e for e in expressions if e not in below]
    if not others and (not without or not below):
        return ""
    few = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if others[4:] else "")
    classes = ", ".join(expressions)
    if len(without) == len(expressions):
        return f"no folder in it ({few}) is named after an expression ({classes}): no first labels"
    said = [f"left out, as no expression is called so: {few}"] if others else []
    full = [
        folder / name for name in others if name.isprintable() and any((folder / name).iterdir())
    ]
    if full:
        said.append(
            f"to take {full[0].name}, add to {layout.SOURCES}: {source_rows(full[:1], [])[0]}"
        )
    return "; ".join([*said, *([f"no folder for {', '.join(without)}"] if without else [])])


def sources(rows: Sequence[str]) -> str:
    """Return the text of sources.csv with these lines."""
    return "\n".join([(START / layout.SOURCES).read_text(encoding="utf-8").strip(), *rows, ""])


def classes(folder: Path, settings: str) -> list[str]:
    """Return the expressions of the folder's settings, or of these where it has none."""
    there = folder / layout.PARAMS
    params = load(there) if there.exists() else Params.model_validate(yaml.safe_load(settings))
    return params.labels.expressions


def missing(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield what the folder lacks to be a project: where each file comes from, and its path there.

    Raises MienError when this mien was installed without the rest of its clone, or the folder has
    a Snakefile without the code that mien's runs.
    """
    if not (CLONE / "Snakefile").is_file():
        raise MienError("`mien new` copies the code of a clone of mien: run the one of a clone")
    places = [(START, path) for path in _files_below(START)]
    if (folder / "Snakefile").exists():
        gone = [name for name in RUN if not (folder / name).exists()]
        if gone:
            raise MienError(
                f"{folder} has a Snakefile, and lacks {', '.join(gone)}: if it is mien's, "
                "`git checkout` restores them; else name another folder"
            )
    else:
        code = [path for place in CODE for path in _files_below(CLONE / place)]
        places = [(CLONE, path) for path in code] + places
    for root, path in places:
        relative = path.relative_to(root)
        if not (folder / relative).exists():
            yield path, relative


def add(source: Path, target: Path, text: str | None = None) -> None:
    """Copy a file whole or not at all; with `text` write that in place of what it holds."""
    with atomic(target) as temporary:
        if text is None:
            shutil.copyfile(source, temporary)
        else:
            temporary.write_text(text, encoding="utf-8")


def begin_git(folder: Path) -> bool:
    """Make the folder a git repository, which DVC needs; return whether it was not one before.

    A folder whose files a repository around it keeps stays part of that repository.
    """
    if (folder / ".git").exists() or not has_git():
        return False
    tracked = subprocess.run(["git", "-C", folder, "ls-files"], capture_output=True, check=False)
    if tracked.stdout:
        return False
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return True


def has_git() -> bool:
    """Return whether git is installed."""
    return shutil.which("git") is not None


def _files_below(place: Path) -> list[Path]:
    """Return the file, or the files below the folder, without Python's compiled files."""
    if place.is_file():
        return [place]
    return [
        path
        for path in sorted(place.rglob("*"))
        if path.is_file()
        and not any(fnmatch(part, name) for part in path.parts for name in NOT_COPIED)
    ]


def _source_id(folder: Path, taken: dict[str, str]) -> str:
    """Return a name for a folder's source that is not taken."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    name = words if re.fullmatch(NAME, words) else "pictures"
    numbered = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)
