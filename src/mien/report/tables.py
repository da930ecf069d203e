"""The table of attribution: who made every image, and what may be done with it."""

from mien.acquire.tables import KINDS
from mien.tables import Column, Table

ATTRIBUTION = Table(
    "the table of attribution",
    {
        "face_id": Column(empty=True),
        "scene_id": Column(),
        "source_id": Column(),
        "kind": Column(allowed=KINDS),
        "item_id": Column(),
        "title": Column(),
        "author": Column(),
        "time_s": Column("number", empty=True),
        "licence": Column(),
        "licence_url": Column(empty=True),
        "page_url": Column(),
        "fetched_at": Column(),
        "sha256": Column(),
        "tool": Column(),
        "may_be_passed_on": Column(allowed=("yes", "no")),
    },
    key=("source_id", "scene_id", "face_id"),
)
