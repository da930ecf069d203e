"""Which faces a variant's page shows, and what the variant said of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mien.params import ReportParams
from mien.report.page.pictures import spread

MAX_CELL_FACES = 800  # with more, the page of twenty classes would not load
ANSWER = ["face_id", "actual", "predicted", "probability"]


@dataclass(frozen=True)
class Cell:
    """A cell of the confusion matrix: the number of different faces in it, and those shown."""

    faces: int
    shown: pd.DataFrame


@dataclass(frozen=True)
class Disagreement:
    """Faces that two variants answer differently: `shown` are some of `faces`.

    Its columns are those of an answer, and `other` and `other_probability`. `right` of the faces
    are right here, `other_right` there; `both` is how many faces were asked of both.
    """

    both: int
    faces: int
    right: int
    other_right: int
    shown: pd.DataFrame


@dataclass(frozen=True)
class Shown:
    """The faces that a variant's page shows; `cells` go by actual and predicted."""

    cells: dict[tuple[str, str], Cell]
    sample: pd.DataFrame
    errors: pd.DataFrame
    disagreements: dict[str, Disagreement]

    def face_ids(self) -> set[str]:
        frames = [self.sample, self.errors, *(cell.shown for cell in self.cells.values())]
        return set().union(*(frame["face_id"] for frame in frames))

    def sizes(self, of: Mapping[str, Collection[int]]) -> dict[str, set[int]]:
        """Return the sizes at which a face is shown that two variants answer differently.

        `of` has the sizes of this variant and another, by the other's name.
        """
        wanted: dict[str, set[int]] = {}
        for other, found in self.disagreements.items():
            for face in found.shown["face_id"]:
                wanted.setdefault(str(face), set()).update(of[other])
        return wanted


def show(
    runs: Sequence[pd.DataFrame], others: Mapping[str, Sequence[pd.DataFrame]], params: ReportParams
) -> Shown:
    """Return which faces of the predictions of runs a page shows; `others` are of other sizes."""
    mine = first_answers(runs)
    return Shown(
        cells=matrix_faces(runs, params.faces_per_cell),
        sample=spread(mine.sort_values("face_id"), params.faces_per_class),
        errors=worst_errors(runs, params.worst_errors),
        disagreements={
            name: disagreement(mine, first_answers(theirs), params.worst_errors)
            for name, theirs in others.items()
        },
    )


def answers(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return face, truth and predicted class of all rows, and the probability of that class."""
    rows = pd.concat(runs, ignore_index=True)
    named = [name for name in rows.columns if name.startswith("p_")]
    return rows.assign(probability=rows[named].max(axis=1))[ANSWER]


def first_answers(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return every face once, with the answer of the first run that was asked about it."""
    return answers(runs).drop_duplicates("face_id")


def matrix_faces(runs: Sequence[pd.DataFrame], limit: int) -> dict[tuple[str, str], Cell]:
    """Return the faces of every cell of the matrix of all runs that has any.

    At most `limit` of each are shown, and fewer where there are very many cells, spread evenly from
    the surest answer to the least sure. A face that several runs put into a cell stands there once,
    at its surest.
    """
    rows = _surest_first(answers(runs)).drop_duplicates(["face_id", "actual", "predicted"])
    cells = dict(list(rows.groupby(["actual", "predicted"])))
    most = min(limit, MAX_CELL_FACES // max(1, len(cells)))
    return {
        (str(actual), str(predicted)): Cell(len(faces), spread(faces, most))
        for (actual, predicted), faces in cells.items()
    }


def worst_errors(runs: Sequence[pd.DataFrame], limit: int) -> pd.DataFrame:
    """Return the faces taken for a wrong class with the highest probability, worst first.

    A face that several runs get wrong stands there once, at its worst.
    """
    rows = answers(runs)
    wrong = _surest_first(rows[rows["predicted"] != rows["actual"]])
    return wrong.drop_duplicates("face_id").head(limit).reset_index(drop=True)


def disagreement(mine: pd.DataFrame, theirs: pd.DataFrame, limit: int) -> Disagreement:
    """Return the faces that two variants answer differently, those that one has right first."""
    columns = {"predicted": "other", "probability": "other_probability"}
    both = mine.merge(
        theirs.drop(columns="actual").rename(columns=columns), on="face_id", validate="one_to_one"
    )
    faces = _surest_first(both[both["predicted"] != both["other"]])
    right, other_right = (
        (faces[name] == faces["actual"]).to_numpy(bool) for name in ("predicted", "other")
    )
    shown = faces.iloc[np.argsort(np.select([right, other_right], [0, 1], 2), kind="stable")]
    found = (len(both), len(faces), int(right.sum()), int(other_right.sum()))
    return Disagreement(*found, spread(shown, limit))


def _surest_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["probability", "face_id"], ascending=[False, True])
