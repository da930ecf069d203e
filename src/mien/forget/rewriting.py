"""Files of one source, written anew without what was withdrawn, beside the old files first."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien import layout
from mien.acquire.tables import SKIPPED, TRUTH
from mien.acquire.withdrawn import skip_withdrawn
from mien.ledger import md5
from mien.shards import copy_shard
from mien.tables import read_csv, write_csv


@dataclass(frozen=True)
class Rewritten:
    """A file as it is, and what will take its place; both by MD5 too."""

    path: Path
    copy: Path
    before: str
    after: str


def rewrite(
    source: str, kind: str, items: Collection[str], scenes: Collection[str]
) -> list[Rewritten]:
    """Return the files of a source that change without the items, in the order to replace them.

    `items` are withdrawn; `scenes` are those that only they show in this source. The shard of
    scenes comes last: while it is unchanged, an unfinished withdrawal can be recognised.
    """
    files: dict[Path, Callable[[Path, Path], object]] = {
        layout.crops_of(source): lambda old, new: copy_shard(old, new, "scene_id", scenes),
        **{
            path: lambda old, new: copy_shard(old, new, "scene_id", scenes)
            for path in layout.FEATURES.glob(f"*/{source}.parquet")
        },
        layout.TRUTH / f"{source}.csv": lambda old, new: _copy_truth(old, new, scenes),
        layout.skipped_of(source): lambda old, new: _copy_skipped(old, new, source, kind, items),
        layout.scenes_of(source): lambda old, new: copy_shard(old, new, "item_id", items),
    }
    rewritten = []
    for path, copied in files.items():
        if path.is_file():
            copy = path.with_name(f".forgetting-{path.name}")  # hidden: no command takes it
            if copied(path, copy):
                rewritten.append(Rewritten(path, copy, md5(path), md5(copy)))
            else:
                copy.unlink()
    return rewritten


def _copy_truth(path: Path, copy: Path, scenes: Collection[str]) -> bool:
    """Write the table of drawn faces without those of the scenes; return if there were any."""
    table = read_csv(path, TRUTH)
    shown = table["scene_id"].isin(list(scenes))
    write_csv(copy, table[~shown], TRUTH)
    return bool(shown.any())


def _copy_skipped(path: Path, copy: Path, source: str, kind: str, items: Collection[str]) -> bool:
    """Write the table of skipped items with the items under hashes; return if it is another.

    So they count, and the table names none.
    """
    table = read_csv(path, SKIPPED)
    rows = [skip_withdrawn(source, kind, item) for item in sorted(items)]
    told = pd.DataFrame(rows, columns=list(SKIPPED.columns))
    named = table["item_id"].isin(list(items))
    new = told[~told["item_id"].isin(table["item_id"])]
    write_csv(copy, pd.concat([table[~named], new], ignore_index=True), SKIPPED)
    return bool(named.any()) or not new.empty
