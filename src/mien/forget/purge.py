"""What is still here of a withdrawal, and how it is deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import pandas as pd

from mien import layout
from mien.acquire.listing import memory_of
from mien.acquire.withdrawn import Withdrawn
from mien.forget import ledgers
from mien.forget.rewriting import Rewritten, rewrite
from mien.forget.survey import Survey, downloads, is_withdrawn


@dataclass(frozen=True)
class Held:
    """What is here although it was withdrawn."""

    here: Survey
    withdrawn: Withdrawn

    @cached_property
    def scenes(self) -> pd.DataFrame:
        """Return the scenes: source_id, scene_id, item_id, author."""
        scenes = self.here.scenes
        return scenes[self.withdrawn.among(scenes, self.here.sources)]

    @cached_property
    def items(self) -> pd.DataFrame:
        """Return source_id and item_id of all items, with scenes or without, each once."""
        items = self.here.items
        held = items[self.withdrawn.among(items, self.here.sources)]
        return held[["source_id", "item_id"]].drop_duplicates()

    @cached_property
    def faces(self) -> set[str]:
        """Return the faces of scenes that nothing else here shows."""
        others = self.here.scenes.drop(self.scenes.index)
        gone = set(self.scenes["scene_id"]) - set(others["scene_id"])
        faces = self.here.faces
        return set(faces.loc[faces["scene_id"].isin(gone), "face_id"])

    def of(self, source: str) -> tuple[set[str], set[str]]:
        """Return a source's items, and the scenes that none of its other items shows."""
        items = set(self.items.loc[self.items["source_id"] == source, "item_id"])
        scenes = self.here.scenes[self.here.scenes["source_id"] == source]
        is_held = scenes["item_id"].isin(items)
        shown = set(scenes.loc[is_held, "scene_id"]) - set(scenes.loc[~is_held, "scene_id"])
        return items, shown


@contextmanager
def rewriting(held: Held) -> Iterator[list[Rewritten]]:
    """Give all files that will change, written beside the old files, which stay.

    New files that did not take their place by the end are deleted. Raises MienError where the
    ledger of acquisition does not know a file: mien would acquire it anew.
    """
    kinds = dict(zip(held.here.sources["source_id"], held.here.sources["kind"], strict=True))
    rewritten: list[Rewritten] = []
    try:
        for source in held.items["source_id"].unique():
            rewritten += rewrite(source, kinds[source], *held.of(source))
        ledgers.refuse_unvouched(md5s(rewritten))
        yield rewritten
    finally:
        for file in rewritten:
            file.copy.unlink(missing_ok=True)


def replace(rewritten: list[Rewritten]) -> None:
    """Put the new files in place of the old ones; the ledgers know before."""
    ledgers.renew(md5s(rewritten))
    for file in rewritten:
        file.copy.replace(file.path)


def sweep(rewritten: list[Rewritten]) -> None:
    """Delete half-written files of killed commands, under hidden names: they may hold anything."""
    for folder in (
        layout.SCENES,
        layout.CROPS,
        *layout.FEATURES.glob("*/"),
        layout.SKIPPED,
        layout.TRUTH,
        *layout.DOWNLOADS.glob("*/"),
        *layout.VIDEOS.glob("*/"),
    ):
        for path in {*folder.glob(".*")} - {file.copy for file in rewritten}:
            path.unlink()


def md5s(rewritten: list[Rewritten]) -> ledgers.MD5s:
    """Return what each file held and will hold."""
    return {file.path.as_posix(): (file.before, file.after) for file in rewritten}


def purge_downloads(held: Held) -> int:
    """Delete what was downloaded, what servers answered of it, and logs; return how many files."""
    deleted = 0
    for source, state in downloads():
        items, _ = held.of(source)
        came = [one.file for one in state.outcomes() if one.item_id in items and one.file]
        videos = [
            path for file in came for path in (layout.VIDEOS / source).glob(f"{Path(file).stem}.*")
        ]
        for video in videos:
            video.unlink()
        deleted += len(videos) + sum(state.forget(item) for item in items)
        state.forget_answers(partial(is_withdrawn, held.withdrawn, items))
    for source in held.items["source_id"].unique():
        memory_of(source).unlink(missing_ok=True)  # of a folder's files, it has hashes
        for log in layout.LOGS.glob(f"*/{source}.log"):
            log.unlink()
    return deleted
