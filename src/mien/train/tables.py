"""The tables of training: which face is in which part, and how a run went."""

from mien.tables import Column, Table

SPLITS = ("train", "val", "test")

SPLIT = Table(
    "a table of splits",
    {
        "face_id": Column(),
        "group_id": Column(),
        "split": Column(allowed=SPLITS),
        "fold": Column("integer", empty=True, optional=True),
    },
    key=("face_id",),
)

HISTORY = Table(
    "the history of a run",
    {
        "epoch": Column("integer"),
        "train_loss": Column("number"),
        "train_accuracy": Column("number", empty=True, optional=True),
        "val_loss": Column("number"),
        "val_accuracy": Column("number"),
        "learning_rate": Column("number"),
    },
    key=("epoch",),
)
