"""The test part: read, refused or opened. No other code shows it to a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from mien import layout
from mien.errors import TableError
from mien.evaluate.files import Metrics
from mien.evaluate.metrics import measure
from mien.evaluate.openings import FIGURES, hash_models
from mien.evaluate.predict import answers, prediction_table
from mien.evaluate.runs import Result
from mien.evaluate.scored import with_groups
from mien.evaluate.summary import summarise
from mien.faces.tables import FACES
from mien.labels.tables import labels as label_table
from mien.params import AnyVariant, EvaluateParams, Params
from mien.tables import read_csv
from mien.train.dataset import classes_of
from mien.train.families import model_of
from mien.train.split import TRUTH, leak
from mien.train.tables import SPLIT
from mien.train.trained import read_trained, refuse_other_tables
from mien.words import count, decimal, interval, listing, percent


@dataclass(frozen=True)
class HeldOut:
    """The faces of a test part with their truth, and the runs to ask."""

    name: str
    variant: AnyVariant
    classes: list[str]
    runs: list[Path]
    table: Path
    split: pd.DataFrame
    rows: pd.DataFrame
    index: pd.DataFrame
    params: Params

    def about(self, now: datetime) -> dict[str, Any]:
        """Return the line of the log for an opening at this time, still without its result."""
        faces = self.split["face_id"].isin(self.rows["face_id"])
        return {
            "opened_at": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "variant": self.name,
            "split": self.table.stem,
            "runs": len(self.runs),
            "model_sha256": hash_models([model_of(run, self.variant.family) for run in self.runs]),
            "faces": len(self.rows),
            "groups": int(self.split.loc[faces, "group_id"].nunique()),
        }

    def ask(self, threads: int) -> list[pd.DataFrame]:
        """Return the predictions of each run, with the group of each face."""
        faces, multi_label, said = list(self.rows["face_id"]), self.variant.multi_label, []
        for run in self.runs:
            chances = answers(self.params, run, self.index, faces, threads)
            predicted = prediction_table(self.rows, chances, self.classes, multi_label)
            said.append(with_groups(predicted, self.split, self.table))
        return said

    @property
    def leak(self) -> float:
        """The share of the faces whose group was trained on."""
        return leak(self.split[self.split["face_id"].isin(self.rows["face_id"])], self.split)


def read_held_out(params: Params, name: str) -> HeldOut:
    """Return the test part for a variant of the project in the working folder.

    Raises MienError where there is none, or where a run was not trained as it should be.
    """
    variant = params.variant(name)
    classes = classes_of(variant, params.labels.expressions)
    table = layout.SPLITS / variant.split
    split = read_csv(table, SPLIT)
    labels = read_csv(layout.LABELS, label_table(params.labels.expressions))
    rows = faces_to_open(split, labels, variant, classes, table)
    runs = [layout.MODELS / name / run for run in variant.runs(params.train.split.folds)]
    for run in runs:
        read_trained(run, params)
        refuse_other_tables(model_of(run, variant.family), (table, layout.LABELS))
    index = read_csv(layout.INDEX, FACES)
    return HeldOut(name, variant, classes, runs, table, split, rows, index, params)


def faces_to_open(
    split: pd.DataFrame,
    labels: pd.DataFrame,
    variant: AnyVariant,
    classes: Sequence[str],
    path: Path,
) -> pd.DataFrame:
    """Return face_id, split and actual of the test part; faces of other classes are left out.

    `path` is where the split was read. Raises TableError when it has no test part, or a face no
    label.
    """
    faces = split.loc[split["split"] == "test", ["face_id", "split"]]
    if faces.empty:
        raise TableError(
            f"{path} has no test part: only paper-20-4-1, and grouped with train.split.test_share "
            "above 0, keep one"
        )
    truth = labels.set_index("face_id")[TRUTH[variant.truth]]
    rows = faces.assign(actual=faces["face_id"].map(truth))
    if rows["actual"].isna().any():
        face_id = rows.loc[rows["actual"].isna(), "face_id"].iloc[0]
        raise TableError(f"{path}: the face {face_id} has no label: run `snakemake`")
    rows = rows[rows["actual"].isin(classes)]
    if rows.empty:
        raise TableError(f"{path}: its test part has no face of the variant's classes")
    return rows.reset_index(drop=True)


def measure_part(part: HeldOut, answers: Sequence[pd.DataFrame], params: EvaluateParams) -> Metrics:
    """Return the metrics of all runs together; accuracy and its interval as the summary has them.

    So the interval allows for other runs too, where there are several.
    """
    results = [Result(part.name, run, said, part.leak) for run, said in enumerate(answers)]
    (row,) = summarise(results, {part.name: part.variant}, params)
    together = measure(pd.concat(answers, ignore_index=True), params, part.leak)
    return replace(together, **{name: getattr(row, name) for name in FIGURES})


def warning(part: HeldOut, openings: pd.DataFrame) -> str:
    """Return what to know before the part is opened: its size, and who opened it before."""
    split = part.table.stem
    earlier = openings[openings["split"] == split]
    size = f"the test part of {split} has {count(len(part.rows), 'faces')} for {part.name}"
    if earlier.empty:
        return f"{size} and was never opened"
    by = listing([str(name) for name in earlier["variant"].unique()])
    return (
        f"{size} and was opened {count(len(earlier), 'times')} before, for {by}: the more often, "
        "the less it says"
    )


def result_lines(
    part: HeldOut, line: Mapping[str, Any], figures: Metrics, confidence: float
) -> list[str]:
    """Return what the test part says of a variant, line by line."""
    accuracy, f1 = (
        f"{percent(share)} ({interval(low, high, confidence)})"
        for share, low, high in (
            (figures.accuracy, figures.accuracy_low, figures.accuracy_high),
            (figures.macro_f1, figures.macro_f1_low, figures.macro_f1_high),
        )
    )
    words = [
        f"{part.name}, {count(line['runs'], 'runs')}, on the test part of {line['split']}, "
        f"{count(line['faces'], 'faces')} in {count(line['groups'], 'groups')}, "
        f"opening {line['opening']}:",
        f"accuracy {accuracy}",
        f"macro F1 {f1}",
        f"log loss {decimal(figures.log_loss)}",
    ]
    words += [
        f"{name}: precision {percent(scores.precision)}, recall {percent(scores.recall)}"
        for name, scores in figures.per_class.items()
    ]
    if not figures.reliable:
        words.append("The intervals are unreliable: they rest on under 20 groups.")
    if figures.leak:
        words.append(f"{percent(figures.leak)} of the faces are of groups that were trained on.")
    return words
