"""The tables of the report: what each run predicted, and how the variants compare."""

from mien.acquire.tables import KINDS
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
