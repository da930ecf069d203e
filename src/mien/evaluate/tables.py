"""The tables of evaluation: what each run predicted, and how the variants compare."""

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
        "named_*": Column("number", optional=True),
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
        "image_size_px": Column("integer", empty=True),
        "epochs": Column("integer", empty=True),
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

SUSPECTED = Table(
    "the table of suspected labels",
    {
        "face_id": Column(),
        "label": Column(),
        "suggested": Column(),
        "quality": Column("number"),
        "p_label": Column("number"),
        "p_suggested": Column("number"),
        "variants": Column(),  # their names, with ";" between them
    },
    key=("face_id",),
)

# a line without figures is an opening that was interrupted; it counts
OPENINGS = Table(
    "the table of openings",
    {
        "opened_at": Column(),
        "variant": Column(),
        "split": Column(),
        "runs": Column("integer"),
        "model_sha256": Column(),  # one hash over the runs' models
        "faces": Column("integer"),
        "groups": Column("integer"),
        "accuracy": Column("number", empty=True),
        "accuracy_low": Column("number", empty=True),
        "accuracy_high": Column("number", empty=True),
        "macro_f1": Column("number", empty=True),
        "log_loss": Column("number", empty=True),
        "opening": Column("integer"),  # 1 for the first of this split's test part
    },
)

SLICES = Table(
    "the table of slices",
    {
        "variant": Column(),
        "slice": Column(allowed=("size", "sharpness", "source", "tag", "expression", "group")),
        "value": Column(),
        "faces": Column("integer"),
        "groups": Column("integer"),
        "errors": Column("number"),  # the mean of the variant's seeds
        "error_rate": Column("number"),
        "low": Column("number", empty=True),
        "high": Column("number", empty=True),
    },
    key=("variant", "slice", "value"),
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
