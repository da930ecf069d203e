"""The tables of ballots, labels and second looks."""

from collections.abc import Sequence

from mien.boxes import BOX
from mien.tables import Column, Table

NO_EXPRESSION = ("unsure", "not_a_face", "artificial")
TAKEN_BACK = "taken_back"  # a vote that undoes the voter's earlier one
ROUNDS = ("label", "review")
SECOND_LOOK = "second_look"  # its ballots are of round label
STATUSES = ("agreed", "contested", "too_few", "rejected")


LOOKED = Table(
    "the table of second looks",
    {
        "face_id": Column(),
        "label": Column(),
        "suggested": Column(),
        "quality": Column("number"),
        "offered_at": Column(),
    },
    key=("face_id", "offered_at"),
)


def ballots(expressions: Sequence[str]) -> Table:
    """Return the table of one voter's ballots about these expressions."""
    return Table(
        "a table of ballots",
        {
            "face_id": Column(),
            "scene_id": Column(),
            **dict.fromkeys(BOX, Column("integer")),
            "voter": Column(),
            "round": Column(allowed=ROUNDS),
            "asked": Column(empty=True, optional=True, allowed=tuple(expressions)),
            "vote": Column(allowed=(*expressions, "yes", "no", *NO_EXPRESSION, TAKEN_BACK)),
            "also": Column(empty=True, optional=True, allowed=tuple(expressions)),
            "tags": Column(empty=True, optional=True),
            "cast_at": Column(),
            "repeat": Column("integer"),  # last and not empty: a torn line is no whole ballot
        },
    )


def labels(expressions: Sequence[str]) -> Table:
    """Return the table of labels over these expressions."""
    return Table(
        "the table of labels",
        {
            "face_id": Column(),
            "initial": Column(empty=True, allowed=tuple(expressions)),
            **{f"votes_{name}": Column("integer") for name in expressions},
            "yes": Column("integer"),
            "no": Column("integer"),
            "status": Column(allowed=STATUSES),
            "reason": Column(empty=True),
            "label": Column(empty=True, allowed=tuple(expressions)),
            **{f"share_{name}": Column("number", empty=True) for name in expressions},
            **{f"named_{name}": Column("number", empty=True) for name in expressions},
            "tags": Column(empty=True),
        },
        key=("face_id",),
    )
