"""The tables of acquisition: sources, scenes, skipped and withdrawn items."""

from mien.boxes import BOX
from mien.shards import schema
from mien.tables import Column, Table

UNKNOWN = "unknown"  # where a source does not say author, page or licence
KINDS = ("flickr", "video", "folder", "drawn")

SOURCES = Table(
    "the table of sources",
    {
        "source_id": Column(),
        "kind": Column(allowed=KINDS),
        "target": Column(),
        "limit": Column("integer"),
        "expression": Column(empty=True, optional=True),
        "group": Column(empty=True, optional=True),
    },
    key=("source_id",),
)

SCENES = schema(
    {
        "scene_id": "string",
        "source_id": "string",
        "position": "integer",
        "image": "image",
        "width": "integer",
        "height": "integer",
        "item_id": "string",
        "title": "string",
        "author": "string",
        "time_s": "number",
        "page_url": "string",
        "licence": "string",
        "fetched_at": "string",
        "sha256": "string",
        "tool": "string",
    },
    may_be_empty=("time_s",),
)

# why there is no scene: removed; not fetched; no usable picture; equal to another scene; of a
# licence that is not in acquire.licences; withdrawn
STATES = ("gone", "failed", "unusable", "repeated", "licence", "withdrawn")

SKIPPED = Table(
    "the table of skipped items",
    {
        "source_id": Column(),
        "item_id": Column(),
        "state": Column(allowed=STATES),
        "reason": Column(),
    },
    key=("source_id", "item_id"),
)

WITHDRAWN = Table(
    "the table of what was withdrawn",
    {
        "what": Column(allowed=("item", "author")),
        "sha256": Column(),  # of the name: see withdrawn.py
        "withdrawn_at": Column(),
    },
    key=("what", "sha256"),
)

TRUTH = Table(
    "the table of drawn faces",
    {
        "scene_id": Column(),
        **dict.fromkeys(BOX, Column("integer")),
        "expression": Column(),
        "strength": Column("number"),
        "person": Column(),
        "tags": Column(empty=True, optional=True),
    },
    key=("scene_id", *BOX),
)

ACQUIRED = Table(
    "the table of what was acquired",
    {
        "source_id": Column(),
        "kind": Column(allowed=KINDS),
        "limit": Column("integer"),
        "scenes": Column("integer"),
        **dict.fromkeys(STATES, Column("integer")),
    },
    key=("source_id",),
)
