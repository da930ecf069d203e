"""The ledgers of acquisition and detection, told that a withdrawal rewrote files they vouch for.

An entry holds the MD5 of an output and of its inputs, see mien/ledger.py. A shard of faces or of
their features without a scene's faces is what is made of the scenes without that one, so its entry
may name the new scenes or faces as its input. No other entry may: what else was made from them is
made anew.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mien import layout
from mien.errors import MienError
from mien.ledger import read_ledger, write_ledger

ACQUIRE, FACES = layout.ledger_of("acquire"), layout.ledger_of("faces")
MD5s = Mapping[str, tuple[str, str]]  # of a rewritten file, by path: before and after


def refuse_missing() -> None:
    """Raise MienError where shards of scenes that were acquired are not on this machine."""
    for output in read_ledger(ACQUIRE):
        if Path(output).parent == layout.SCENES and not Path(output).is_file():
            raise MienError(f"{output} is not here to be searched: run `dvc pull` first")


def refuse_unvouched(rewritten: MD5s) -> None:
    """Raise MienError for an acquired file that its ledger does not know as it is.

    mien would acquire it anew afterwards. A file may also be known as it will be: an interrupted
    withdrawal has told the ledger.
    """
    told = read_ledger(ACQUIRE)
    for path, hashes in rewritten.items():
        if not _follows_scenes(path) and told.get(path, {}).get("md5") not in hashes:
            raise MienError(
                f"{path} is not what {ACQUIRE} knows: run `snakemake --dry-run`, which enters what "
                "a killed run made; if that does not help, delete the file; then this again"
            )


def renew(rewritten: MD5s) -> None:
    """Enter the files into the ledgers as they will be."""
    for ledger in filter(Path.is_file, (ACQUIRE, FACES)):
        write_ledger(ledger, renewed(read_ledger(ledger), rewritten))


def renewed(outputs: Mapping[str, Any], rewritten: MD5s) -> dict[str, Any]:
    """Return the entries: outputs with their new MD5, and shards of faces with new inputs."""
    after: dict[str, Any] = {}
    for output, entry in outputs.items():
        inputs = dict(entry["inputs"])
        if _follows_scenes(output):
            inputs = {path: _after(path, held, rewritten) for path, held in inputs.items()}
        held = _after(output, entry["md5"], rewritten)
        after[output] = {**entry, "md5": held, "inputs": inputs}
    return after


def _follows_scenes(path: str) -> bool:
    """Return whether the file is a shard of faces or of features, row by row from scenes."""
    return Path(path).parent == layout.CROPS or Path(path).parent.parent == layout.FEATURES


def _after(path: str, held: str, rewritten: MD5s) -> str:
    """Return the new MD5 of a file that was known as it was before."""
    before, after = rewritten.get(path, (held, held))
    return after if held == before else held
