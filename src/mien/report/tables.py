"""The tables of the report: what each run predicted, and how the variants compare."""

from mien.tables import Column, Table
from mien.train.tables import HISTORY, SPLITS

PREDICTIONS = Table(
    "a table of predictions",
    {
        "face_id": Column(),
        "split": Column(allowed=SPLITS),
        "fold": Column("integer", empty=True, optional=True),
        "actual": Column(),
        "initial": Column(empty=True),
        "consensus": Column(empty=True),
        "p_*": Column("number"),
        "predicted": Column(),
    },
    key=("face_id",),
)

SUMMARY = Table(
    "the table of variants",
    {
        "variant": Column(),
        "family": Column(),
        "labels": Column(),
        "scheme": Column(),
        "image_size_px": Column("integer"),
        "epochs": Column("integer"),
        "runs": Column("integer"),
        "faces": Column("integer"),
        "groups": Column("integer"),
        "leak": Column("number"),
        "accuracy": Column("number"),
        "accuracy_low": Column("number", empty=True),
        "accuracy_high": Column("number", empty=True),
        "reliable": Column(allowed=("yes", "no")),
        "macro_f1": Column("number"),
        "log_loss": Column("number"),
        "calibration_error": Column("number"),
    },
    key=("variant",),
)

CONFUSION = Table(
    "the table of confusion matrices",
    {
        "variant": Column(),
        "run": Column(),
        "actual": Column(),
        "predicted": Column(),
        "faces": Column("integer"),
    },
    key=("variant", "run", "actual", "predicted"),
)

LEARNING = Table(
    "the table of learning curves",
    {"variant": Column(), "run": Column(), **HISTORY.columns},
    key=("variant", "run", "epoch"),
)
