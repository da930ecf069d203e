"""Files that appear whole or not at all, and JSON in them."""

import errno
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from mien.errors import DiskError, SourceError, TableError

Record = TypeVar("Record")

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

STEM_LETTERS = 40  # of a temporary file, whose name must not be longer than a disk allows


@contextmanager
def atomic(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """Give a temporary path beside `path`, renamed to it when the block ends well.

    Makes the parent folder. When the block raises, an older file at `path` stays as it was.
    Raises DiskError when the folder cannot be written to, or the disk is full.
    """
    if path.is_dir():
        raise SourceError(f"{path}: a folder is there; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{path.stem[:STEM_LETTERS]}-"
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
    except OSError as error:
        raise _refusal(path, error) from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(mode & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise _refusal(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _refusal(path: Path, error: OSError) -> DiskError:
    return DiskError(f"{path}: it cannot be written: {error.strerror}")


def write_json(path: Path, content: Any) -> None:
    """Write a record or mapping: keys sorted, numbers of 6 digits, null for NaN and infinity."""
    text = json.dumps(
        _rounded(content), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False
    )
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write the text as UTF-8, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in the file; raise TableError when it is missing or no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path}: the file is missing; run snakemake") from None
    except UnicodeDecodeError:
        raise TableError(f"{path}: not a text in UTF-8; delete it and run snakemake") from None
    except OSError as error:
        raise TableError(f"{path}: the file cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise TableError(f"{path}, line {error.lineno}: not JSON: {error.msg}") from None
    if not isinstance(content, dict):
        raise TableError(f"{path}: it holds no JSON object")
    return content


def read_record(path: Path, kind: type[Record]) -> Record:
    """Return the file as a dataclass of this kind.

    Raises TableError when the file is missing, damaged, or written by another version of mien.
    """
    content = json.dumps(read_json(path))  # as JSON, lists may be tuples
    try:
        return TypeAdapter(kind).validate_json(content, strict=True, extra="forbid")
    except ValidationError as error:
        fault = error.errors()[0]
        at = ".".join(map(str, fault["loc"]))
        raise TableError(
            f"{path}: {at}: {fault['msg'].lower()}; the file is damaged, or another version of "
            "mien wrote it: delete it and run snakemake"
        ) from None


def _rounded(value: Any) -> Any:
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, np.generic):
        return _rounded(value.item())
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _umask() -> int:
    """Return the process's file mode mask, which `mkstemp` does not follow."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
