"""The tables of faces: shards of crops and of features, and the index of them all."""

from mien.boxes import BOX
from mien.shards import schema
from mien.tables import Column, Table

LANDMARKS = tuple(f"{axis}{point}" for point in range(1, 6) for axis in "xy")

CROPS = schema(
    {
        "face_id": "string",
        "scene_id": "string",
        **dict.fromkeys(BOX, "integer"),
        "confidence": "number",
        **dict.fromkeys(LANDMARKS, "number"),
        "image": "image",
        "sharpness": "number",
        "phash": "string",
    },
    may_be_empty=LANDMARKS,
)

FEATURES = schema({"face_id": "string", "scene_id": "string", "features": "vector"})

STATUSES = ("kept", "duplicate", "too_small", "blurred", "withdrawn")

FACES = Table(
    "the index of faces",
    {
        "face_id": Column(),
        "source_id": Column(),
        "scene_id": Column(),
        **dict.fromkeys(BOX, Column("integer")),
        "position": Column("integer"),
        "group_id": Column(),
        "expression": Column(empty=True),
        "status": Column(allowed=STATUSES),
        "duplicate_of": Column(empty=True),
    },
    key=("face_id",),
)
