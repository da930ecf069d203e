"""A table of faces, the settings, and ballots in a few words."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from mien.faces.tables import FACES
from mien.labels.tables import ballots as ballots_table
from mien.params import LabelsParams
from mien.tables import check

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
MakeParams = Callable[..., LabelsParams]
MakeFaces = Callable[..., pd.DataFrame]
Cast = Callable[..., pd.DataFrame]


@pytest.fixture
def make_params() -> MakeParams:
    """Settings as in params.yaml, but for what is named."""

    def make(**changes: object) -> LabelsParams:
        settings = {
            "expressions": EXPRESSIONS,
            "voters": 4,
            "quorum": 3,
            "rule": "strict",
            "too_few": "keep",
            "unvoted": "keep",
            "vote": {"repeat_share": 0.05, "tags": ["glasses", "covered"]},
            "simulated": {"error_rate": 0.05, "absent_rate": 0.05, "seed": 0},
        }
        return LabelsParams.model_validate(settings | changes)

    return make


@pytest.fixture
def make_faces() -> MakeFaces:
    """An index of faces named by their ids: one a scene, 100 px wide, hoped to be happy."""

    def make(*faces: str | dict[str, object]) -> pd.DataFrame:
        rows = []
        for number, face in enumerate(faces):
            given = {"face_id": face} if isinstance(face, str) else face
            row = {
                "source_id": "web",
                "scene_id": f"scene-{given['face_id']}",
                "x": 0,
                "y": 0,
                "width": 100,
                "height": 100,
                "position": number,
                "group_id": f"group-{number}",
                "expression": "happy",
                "status": "kept",
                "duplicate_of": pd.NA,
            }
            rows.append(row | given)
        frame = pd.DataFrame(rows, columns=list(FACES.columns))
        return check(frame, FACES, Path("faces.csv"))

    return make


@pytest.fixture
def cast() -> Cast:
    """Ballots from tuples (face, voter, vote): a review when the vote is a `expression: answer`.

    A fourth part names other columns.
    """

    def make(votes: Sequence[tuple[object, ...]]) -> pd.DataFrame:
        table = ballots_table(EXPRESSIONS)
        rows = []
        for number, (face, voter, vote, *others) in enumerate(votes):
            asked, _, answer = str(vote).rpartition(": ")
            row = {
                "face_id": face,
                "scene_id": f"scene-{face}",
                "x": 0,
                "y": 0,
                "width": 100,
                "height": 100,
                "voter": voter,
                "round": "review" if asked else "label",
                "asked": asked or pd.NA,
                "vote": answer,
                "also": pd.NA,
                "tags": pd.NA,
                "repeat": 0,
                "cast_at": f"2024-05-17T14:{number // 60:02}:{number % 60:02}",
            }
            rows.append(row | dict(*others))
        return check(pd.DataFrame(rows, columns=list(table.columns)), table, Path("b.csv"))

    return make
