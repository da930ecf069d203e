"""From what people name, such as a face, to what is withdrawn: items and authors."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from mien.acquire.tables import UNKNOWN, WITHDRAWN
from mien.acquire.withdrawn import Withdrawn, hashed
from mien.errors import MienError, suggestion
from mien.forget.survey import Survey
from mien.tables import read_csv, write_csv


def scenes_of_faces(here: Survey, faces: Collection[str]) -> set[str]:
    """Return the scenes of the faces; raise MienError for a face that is not here."""
    _refuse_unknown("face", faces, here.faces["face_id"])
    return set(here.faces.loc[here.faces["face_id"].isin(list(faces)), "scene_id"])


def items_of_scenes(here: Survey, scenes: Collection[str], is_resumed: bool) -> set[str]:
    """Return the items that show the scenes, in any source.

    Raises MienError for a scene that is not here, unless the withdrawal is a resumed one, which may
    have deleted it.
    """
    if not is_resumed:
        _refuse_unknown("scene", scenes, here.scenes["scene_id"])
    items = here.items
    return set(items.loc[items["scene_id"].isin(list(scenes)), "name"])


def known_items(here: Survey, known: Withdrawn, names: Collection[str]) -> set[str]:
    """Return the items, and other files of their folder that hold the same picture.

    Raises MienError for an item that is neither here nor withdrawn already.
    """
    items = here.items
    new = [name for name in names if hashed(name) not in known.items]
    _refuse_unknown("item", new, items["name"])
    pictures = items.loc[items["name"].isin(new), ["source_id", "scene_id"]].dropna()
    return {*new, *items.merge(pictures, on=["source_id", "scene_id"])["name"]}


def known_authors(here: Survey, known: Withdrawn, names: Collection[str]) -> set[str]:
    """Return the authors; raise MienError for one who is neither here nor withdrawn already."""
    if UNKNOWN in names:
        raise MienError(f"the author {UNKNOWN!r} is nobody: name an item, a scene or a face")
    new = [name for name in names if hashed(name) not in known.authors]
    _refuse_unknown("author", new, here.items["author"])
    return set(new)


def add_rows(path: Path, items: Collection[str], authors: Collection[str], now: datetime) -> None:
    """Add the items and authors to the table at `path`, each once."""
    told = read_csv(path, WITHDRAWN)
    rows = [("item", hashed(name)) for name in items]
    rows += [("author", hashed(name)) for name in authors]
    time = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    new = pd.DataFrame(sorted(rows), columns=["what", "sha256"]).assign(withdrawn_at=time)
    table = pd.concat([told, new], ignore_index=True).drop_duplicates(["what", "sha256"])
    if len(table) > len(told):
        write_csv(path, table, WITHDRAWN)


def _refuse_unknown(noun: str, names: Collection[str], known: "pd.Series[str]") -> None:
    """Raise MienError for the first name that is not among the known."""
    for name in sorted(set(names) - set(known)):
        near = suggestion(name, list(known.unique()))
        way_out = near or "; what an interrupted withdrawal left, `mien forget` alone deletes"
        raise MienError(f"there is no {noun} {name!r} here{way_out}")
