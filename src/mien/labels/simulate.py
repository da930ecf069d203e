"""Simulated voters, who vote on drawn faces, whose truth is known, and sometimes err."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.boxes import BOX
from mien.labels import tables
from mien.labels.consensus import round_one
from mien.labels.pairing import pair_boxes
from mien.params import LabelsParams

MIN_IOU = 0.3
FIRST_BALLOT = datetime(2000, 1, 1, tzinfo=UTC)


def simulate(
    faces: pd.DataFrame,
    truth: Mapping[str, pd.DataFrame],
    voters: Sequence[str],
    params: LabelsParams,
) -> dict[str, pd.DataFrame]:
    """Return each voter's ballots on the kept faces of the sources in `truth`, for both rounds.

    An answer depends only on the seed, the voter, the round and the face, not on other faces. The
    times are made up: a ballot a second.
    """
    drawn = faces[(faces["status"] == "kept") & faces["source_id"].isin(list(truth))]
    drawn = drawn.reset_index(drop=True)
    right = true_answers(drawn, pd.concat(truth.values(), ignore_index=True), params.expressions)
    shown, tags = right["vote"], right["tags"]
    first = {voter: _label(drawn, shown, voter, params).assign(tags=tags) for voter in voters}
    votes = pd.concat(first.values(), ignore_index=True)
    initial = drawn["face_id"].map(round_one(drawn, votes, params)["initial"])
    second = {voter: _review(drawn, shown, initial, voter, params) for voter in voters}
    return {
        voter: _stamp(pd.concat([first[voter], second[voter]]), params.expressions)
        for voter in voters
    }


def true_answers(
    faces: pd.DataFrame, truth: pd.DataFrame, expressions: Sequence[str]
) -> pd.DataFrame:
    """Return the right `vote` on each face, which is the expression drawn there, and its `tags`.

    The vote is not_a_face if no face was drawn there, and unsure if its expression is no class.
    """
    found, drawn = pair_boxes(faces, truth, MIN_IOU)
    there = truth[["expression", "tags"]].astype("string").iloc[drawn].set_axis(found)
    shown = there.reindex(range(len(faces)))
    known = shown["expression"].isna() | shown["expression"].isin(expressions)
    votes = shown["expression"].where(known, "unsure").fillna("not_a_face")
    return pd.DataFrame({"vote": votes, "tags": shown["tags"]})


def _label(faces: pd.DataFrame, shown: pd.Series, voter: str, params: LabelsParams) -> pd.DataFrame:
    """Return a voter's first round: an expression for every face seen."""
    seen, wrong, which = _chances(faces["face_id"], voter, "label", params)
    others = [[name for name in params.expressions if name != vote] for vote in shown]
    mistaken = [names[int(pick * len(names))] for names, pick in zip(others, which, strict=True)]
    return _ballots(faces, voter, "label", shown.mask(wrong, pd.Series(mistaken)))[seen]


def _review(
    faces: pd.DataFrame, shown: pd.Series, initial: pd.Series, voter: str, params: LabelsParams
) -> pd.DataFrame:
    """Return a voter's second round: yes or no for every face seen that has a first label."""
    seen, wrong, _ = _chances(faces["face_id"], voter, "review", params)
    says_yes = (shown == initial).fillna(False).to_numpy(dtype=bool) != wrong
    answers = pd.Series(np.where(says_yes, "yes", "no"), dtype="string")
    ballots = _ballots(faces, voter, "review", answers).assign(asked=initial)
    return ballots[seen & initial.notna().to_numpy()]


def _chances(
    face_ids: pd.Series, voter: str, round_name: str, params: LabelsParams
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """Return for each face whether the voter sees it, whether they err, and a number in 0..1."""
    settings = params.simulated
    start = f"{settings.seed} {voter} {round_name} "
    digests = b"".join(hashlib.sha256(f"{start}{face}".encode()).digest() for face in face_ids)
    numbers = (np.frombuffer(digests, dtype=">u8").reshape(-1, 4) >> np.uint64(11)) / 2.0**53
    sees, errs, which = numbers[:, :3].T
    return sees >= settings.absent_rate, errs < settings.error_rate, which


def _ballots(faces: pd.DataFrame, voter: str, round_name: str, votes: pd.Series) -> pd.DataFrame:
    return faces[["face_id", "scene_id", *BOX]].assign(
        voter=voter, round=round_name, vote=votes, repeat=0
    )


def _stamp(ballots: pd.DataFrame, expressions: Sequence[str]) -> pd.DataFrame:
    """Return the ballots with made-up times, and with all columns of their table."""
    times = [(FIRST_BALLOT + timedelta(seconds=row)).isoformat() for row in range(len(ballots))]
    columns = list(tables.ballots(expressions).columns)
    return ballots.assign(cast_at=times).reset_index(drop=True).reindex(columns=columns)
