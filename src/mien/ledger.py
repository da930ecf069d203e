"""The ledger of a stage, `provenance/<stage>.json`: what each output held, and what made it.

An entry reads

    data/labels.csv:
        md5: what the file held when its job had made it
        inputs: {data/faces.csv: its MD5 when the job began, …}
        record: what Snakemake compares of the job
        versions: {numpy: the version that the job's code imported, …}
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.files import write_text

VERSION = 1

Entry = dict[str, Any]
Entries = dict[str, Entry]  # by output


def md5(path: Path) -> str:
    """Return the MD5 of what the file holds."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def read_ledger(path: Path) -> Entries:
    """Return the entries of a ledger, none if there is no file.

    Raises MienError when the file is damaged, or another version of mien wrote it.
    """
    try:
        content = json.loads(path.read_bytes())
        if content["version"] != VERSION:
            raise MienError(f"{path}: another version of mien wrote it; use that one")
        return {str(output): {**entry} for output, entry in content["outputs"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise MienError(f"{path}: the file cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged(path) from None


def damaged(path: Path) -> MienError:
    """Return the error for a ledger that cannot be read, and the way out."""
    return MienError(f"{path} is damaged; `dvc checkout {path}` restores what was committed")


def write_ledger(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write the entries; equal entries give an equal file."""
    text = json.dumps({"version": VERSION, "outputs": entries}, indent=1, sort_keys=True)
    write_text(path, text + "\n")
