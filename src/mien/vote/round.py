"""One round: the faces it asks about, who answered what, and what is asked next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from mien import layout
from mien.boxes import BOX
from mien.labels.ballots import (
    Poll,
    has_votes,
    latest,
    match_to_faces,
    poll,
    read_ballots,
    stand_ins,
)
from mien.labels.checks import moment
from mien.labels.consensus import round_one
from mien.labels.tables import SECOND_LOOK
from mien.labels.times import stamp
from mien.params import LabelsParams
from mien.vote.answers import Ballot, fault, question
from mien.vote.order import Face, draw, due_again, mixed, wanted
from mien.vote.record import Answer, Record

Cast = tuple[str, str, int, str]  # by whom, on which face, which repeat, when


@dataclass
class Round:
    """A round and its answers so far; without a name, all rounds are closed.

    A second look asks the question of the round `label` about doubted faces, the most doubtful
    first. `looked_at` says when each face was offered; earlier answers do not count.
    """

    name: str | None
    faces: Mapping[str, Face]  # by id
    looked_at: Mapping[str, str]
    params: LabelsParams
    record: Record = field(default_factory=Record)
    known: set[Cast] = field(default_factory=set)
    _drawn: dict[str, list[Face]] = field(default_factory=dict)

    def wanted(self, voter: str, voters: int) -> list[Face]:
        """Return the faces that the voter has not answered and that still need a vote, in order."""
        if voter not in self._drawn:
            faces = list(self.faces.values())
            is_drawn = self.name != SECOND_LOOK
            self._drawn[voter] = draw(faces, f"{voter} {self.name}") if is_drawn else faces
        more = self.name != "review"
        return wanted(self._drawn[voter], self.record.votes, voter, voters, more)

    def with_repeats(self, voter: str, new: Sequence[Face]) -> Iterator[tuple[str, int]]:
        """Yield the new faces and, now and then, one that the voter answered long ago."""
        share = self.params.vote.repeat_share
        answered, repeated = self.record.answered(voter), self.record.repeated(voter)
        again = due_again(answered, repeated, share, f"{voter} {self.name}")
        every = max(1, round(1 / share)) if share else 1
        keys = ((face.face_id, 0) for face in new)
        yield from mixed(keys, ((face, 1) for face in again), every)

    def refusal(self, voter: str, ballot: Ballot, voters: int) -> str | None:
        """Return why the ballot is not taken; nothing when it is."""
        cast = self.record.votes.get(ballot.face_id, {})
        is_new = ballot.vote is not None and voter not in cast
        if ballot.round == "review" and is_new and len(cast) >= voters:
            return "the face has all its votes"
        face = self.faces.get(ballot.face_id)
        if reason := fault(ballot, face, self.params.expressions, self.params.vote.tags):
            return reason
        is_early = stamp(ballot.cast_at) <= self.looked_at.get(ballot.face_id, "")
        return "it was cast too early; is the clock right?" if is_early else None

    def add(self, voter: str, ballot: Ballot) -> None:
        """Let the answer count."""
        cast = cast_of(voter, ballot)
        answer = Answer(ballot.word, ballot.also, tuple(ballot.tags), cast[-1])
        self.known.add(cast)
        self.record.add(voter, ballot.face_id, ballot.repeat, answer)


def cast_of(voter: str, ballot: Ballot) -> Cast:
    """Return what makes a ballot the one that it is, however often it is sent."""
    return voter, ballot.face_id, ballot.repeat, stamp(ballot.cast_at)


def read_round(
    name: str | None,
    looked_at: Mapping[str, str],
    index: pd.DataFrame,
    kept: Mapping[str, Face],
    ballots: Sequence[Path],
    params: LabelsParams,
) -> Round:
    """Return the round with the answers that people's files of ballots have already."""
    cast, _ = read_ballots(ballots, params.expressions)
    opened = Round(
        name, _faces_of(name, looked_at, index, kept, ballots, params), looked_at, params
    )
    here = cast[cast["round"] == question(name)]
    keys = here[["voter", "face_id", "repeat", "cast_at"]].itertuples(index=False, name=None)
    opened.known |= {(*key, stamp(moment(cast_at))) for *key, cast_at in keys}
    for row in _matched(here, index).to_dict("records"):
        face = opened.faces.get(row["face_id"])
        if face and (name != "review" or row["asked"] == face.expression):
            tags = () if pd.isna(row["tags"]) else tuple(row["tags"].split())
            also = None if pd.isna(row["also"]) else row["also"]
            answer = Answer(row["vote"], also, tags, stamp(moment(row["cast_at"])))
            if answer.cast_at > looked_at.get(face.face_id, ""):
                opened.record.add(row["voter"], row["face_id"], row["repeat"], answer)
    return opened


def poll_all(index: pd.DataFrame, ballots: Sequence[Path], params: LabelsParams) -> Poll:
    """Return the ballots that labels are made of, those of simulated voters too."""
    voted = sum(map(has_votes, ballots))
    simulated = [layout.SIMULATED / name for name in stand_ins(voted, params.voters)]
    there = [path for path in simulated if path.exists()]
    return poll(read_ballots([*ballots, *there], params.expressions)[0], index)


def _faces_of(
    name: str | None,
    looked_at: Mapping[str, str],
    index: pd.DataFrame,
    kept: Mapping[str, Face],
    ballots: Sequence[Path],
    params: LabelsParams,
) -> Mapping[str, Face]:
    """Return the faces that the round asks about, by their ids; a review asks for first labels."""
    if name is None:
        return {}
    if name == "label":
        return kept
    if name == SECOND_LOOK:
        return {face_id: kept[face_id] for face_id in looked_at if face_id in kept}
    rows = index[index["status"] == "kept"]
    first = round_one(rows, poll_all(index, ballots, params).ballots, params)["initial"]
    faces = kept_faces(index, index["face_id"].map(first))
    return {face.face_id: face for face in faces if face.expression is not None}


def kept_faces(index: pd.DataFrame, expressions: pd.Series) -> list[Face]:
    """Return the kept faces of the index, each with the expression it is to show."""
    rows = index.assign(expression=expressions)[index["status"] == "kept"]
    columns = ["face_id", "source_id", "scene_id", *BOX, "expression"]
    return [
        Face(
            str(face), str(source), str(scene), int(x), int(y), int(width), int(height),
            None if pd.isna(hoped) else str(hoped),
        )
        for face, source, scene, x, y, width, height, hoped in rows[columns].itertuples(
            index=False, name=None
        )
    ]  # fmt: skip


def _matched(cast: pd.DataFrame, index: pd.DataFrame) -> pd.DataFrame:
    """Return the ballots that stand, on today's faces, in the order of time."""
    current, _ = latest(cast)
    repeats = [rows for _, rows in current.groupby("repeat")]
    on_faces = [match_to_faces(rows, index).ballots for rows in repeats]
    matched = pd.concat([current.iloc[:0], *on_faces])
    return matched.iloc[matched["cast_at"].map(moment).argsort(kind="stable")]
