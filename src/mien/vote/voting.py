"""What is voted on, and what each voter is told of it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from threading import RLock
from typing import Any

import pandas as pd

from mien import layout
from mien.boxes import BOX
from mien.labels.alpha import krippendorff_alpha, unanimous
from mien.labels.ballots import latest, match_to_faces, poll, read_ballots, stand_ins
from mien.labels.checks import moment
from mien.labels.consensus import round_one
from mien.labels.second_look import offered
from mien.labels.tables import NO_EXPRESSION, SECOND_LOOK
from mien.labels.times import stamp
from mien.params import LabelsParams
from mien.vote.answers import Ballot, fault
from mien.vote.ballot_box import BallotBox
from mien.vote.order import Face, draw, due_again, is_tied, mixed, wanted
from mien.vote.outcome import outcome
from mien.vote.present import faces_present, stamps
from mien.vote.record import Answer, Key, Record
from mien.vote.rounds import close_round, closed_rounds, open_round

Json = dict[str, Any]
REMEMBERED = 50  # answers a voter can go back to after a reload


class ClosedRoundError(Exception):
    """The ballots are for a round that is not open; the one argument is the one that is."""


class Voting:
    """One open round: its faces, the answers so far, and the box that keeps them.

    It follows `data/rounds.csv`: when a round is closed, by whomever, the next one is open; and
    the tables of faces: one that was withdrawn is asked about no more, nor shown. A second look
    asks what round label asks, about the doubted faces alone and in the order of doubt, and nothing
    tells a voter so; what was answered before it was offered is asked anew.
    """

    def __init__(
        self,
        params: LabelsParams,
        box: BallotBox,
        invited: Callable[[], Collection[str]],
    ) -> None:
        self._params, self._box, self._invited = params, box, invited
        self._lock = RLock()
        self._seen_faces: object = None
        self._seen_rounds: object = None
        self._gone: set[str] = set()
        self.kept: dict[str, Face] = {}
        self.refresh()

    @property
    def voters(self) -> list[str]:
        """Who has a file of ballots."""
        return self._box.voters

    def refresh(self) -> None:
        """Take the faces anew if they have changed; begin the next round if one was closed."""
        with self._lock:
            faces = stamps(layout.INDEX, layout.WITHDRAWN)
            rounds = stamps(layout.ROUNDS, layout.SECOND_LOOK)
            if faces != self._seen_faces:
                self._take_faces()
            elif rounds == self._seen_rounds:
                return
            closed = closed_rounds(layout.ROUNDS)
            looked_at = offered(layout.SECOND_LOOK, closed.get(SECOND_LOOK))
            self._begin(open_round(closed, looked_at), looked_at)
            self._seen_faces, self._seen_rounds = faces, rounds  # last: what failed is tried again
            self.closed = closed

    def face(self, face_id: str) -> Face:
        """Return the face; raise KeyError when it is none to vote on."""
        return self.kept[face_id]

    def is_gone(self, face_id: str) -> bool:
        """Return whether the face was there to vote on once, and is not any more."""
        return face_id in self._gone

    def close(self, round_name: str) -> str | None:
        """Close the round and return the one that is open then; raise ParamsError if it is not."""
        return close_round(layout.ROUNDS, layout.SECOND_LOOK, round_name, datetime.now(UTC))

    def session(self, voter: str) -> Json:
        """Return what a voter is told at first: the round, its words, and how far they are."""
        with self._lock:
            left, done = self._wanted(voter), len(self._record.answered(voter))
            hoped = Counter(face.expression or "" for face in left)
            progress = {"faces": done + len(left), "done": done, "left": dict(hoped)}
            return {"name": voter, "organiser": False, **self.words(), **progress}

    def words(self) -> Json:
        """Return the open round and the words that answers are made of."""
        return {
            "round": self.round,
            "expressions": list(self._params.expressions),
            "answers": list(NO_EXPRESSION),
            "tags": list(self._params.vote.tags),
            "edition": self._edition,
            "now": stamp(datetime.now(UTC)),
        }

    def faces(self, voter: str, limit: int, expression: str | None) -> Json:
        """Return the voter's last answers, and the faces to answer next."""
        with self._lock:
            answers = list(self._record.of(voter).items())[-REMEMBERED:]
            new = self._wanted(voter)
            if expression is None:
                upcoming = list(islice(self._with_repeats(voter, new), limit))
            else:
                alike = (face for face in new if (face.expression or "") == expression)
                upcoming = [(face.face_id, 0) for face in islice(alike, limit)]
            return {
                "done": [self._item(key, answer) for key, answer in answers],
                "next": [self._item(key, None) for key in upcoming],
            }

    def cast(self, voter: str, ballots: Sequence[Ballot]) -> Json:
        """Return how many of the ballots were saved, after they are, and which were refused.

        One that was saved before counts as saved and is not written again. Raises
        ClosedRoundError, and DiskError when the disk takes none.
        """
        with self._lock:
            self.refresh()
            if any(ballot.round != self.round for ballot in ballots):
                raise ClosedRoundError(self.round)
            refused, accepted = [], {}
            for ballot in ballots:
                if reason := self._refusal(voter, ballot):
                    place = {"face_id": ballot.face_id, "repeat": ballot.repeat}
                    refused.append({**place, "reason": reason})
                else:
                    accepted[_identity(voter, ballot)] = ballot
            fresh = {key: ballot for key, ballot in accepted.items() if key not in self._known}
            if fresh:
                self._box.append(voter, [self._row(voter, ballot) for ballot in fresh.values()])
            for key, ballot in fresh.items():
                self._known.add(key)
                answer = Answer(ballot.word, ballot.also, tuple(ballot.tags), key[-1])
                self._record.add(voter, ballot.face_id, ballot.repeat, answer)
            return {"saved": len(ballots) - len(refused), "refused": refused}

    def progress(self, voters: Sequence[str]) -> Json:
        """Return how far the voters are and how far they agree, without who said what."""
        with self._lock:
            votes = [cast for cast in self._record.votes.values() if cast]
            full = [cast for cast in votes if len(cast) >= self._voters]
            shared = [cast for cast in votes if len(cast) > 1]
            compared = pd.DataFrame.from_records(shared)
            tied = [cast for cast in shared if self.round != "review" and is_tied(cast.values())]
            return {
                "round": self.round,
                "faces": len(self._by_id),
                "complete": len(full),
                "ties": len(tied),
                "ties_complete": sum(len(cast) >= self._voters for cast in tied),
                "alpha": krippendorff_alpha(compared),
                "unanimous": unanimous(compared),
                "needed": self._voters,
                "needed_is_set": self._params.voters is not None,
                "voters": [self.progress_of(name) for name in voters],
                "closed": self.closed,
            }

    def outcome(self) -> Json:
        """Return what closing the open round does, or has done when all are closed."""
        with self._lock:
            polled = poll(self._cast(), self._index)
            return outcome(self._index, polled, self.round, self._params)

    def progress_of(self, name: str) -> Json:
        """Return how far a voter is."""
        with self._lock:
            done, last = len(self._record.answered(name)), self._record.last_time(name)
            faces = done + len(self._wanted(name))
            has_voted = name in self.voters  # in whatever round
            return {"name": name, "done": done, "faces": faces, "last": last, "voted": has_voted}

    @property
    def _voters(self) -> int:
        """How many people are to vote on a face: those invited, and others with a file."""
        return self._params.voters or max(1, len({*self._invited(), *self.voters}))

    def _take_faces(self) -> None:
        index, self._sizes = faces_present()
        kept = {face.face_id: face for face in _faces(index, index["expression"])}
        self._gone = (self._gone | self.kept.keys()) - kept.keys()
        self._index, self.kept = index, kept
        self._edition = sha256(" ".join(kept).encode()).hexdigest()[:12]

    def _begin(self, round_name: str | None, looked_at: dict[str, str]) -> None:
        """Take the round's faces, and the answers that are there already.

        `looked_at` says when each face of a second look was offered; earlier answers are none.
        """
        cast, _ = read_ballots(self._box.paths, self._params.expressions)
        by_id = self._faces_of(round_name, looked_at)
        here = cast[cast["round"] == _question(round_name)]
        keys = here[["voter", "face_id", "repeat", "cast_at"]].itertuples(index=False, name=None)
        known = {(*key, stamp(moment(cast_at))) for *key, cast_at in keys}
        record = Record()
        for row in self._matched(here).to_dict("records"):
            face = by_id.get(row["face_id"])
            if face and (round_name != "review" or row["asked"] == face.expression):
                tags = () if pd.isna(row["tags"]) else tuple(row["tags"].split())
                also = None if pd.isna(row["also"]) else row["also"]
                answer = Answer(row["vote"], also, tags, stamp(moment(row["cast_at"])))
                if answer.cast_at > looked_at.get(face.face_id, ""):
                    record.add(row["voter"], row["face_id"], row["repeat"], answer)
        self.round, self._by_id, self._record, self._known = round_name, by_id, record, known
        self._looked_at = looked_at
        self._drawn: dict[str, list[Face]] = {}

    def _faces_of(self, round_name: str | None, looked_at: dict[str, str]) -> dict[str, Face]:
        """Return the faces that the round asks about, by their ids."""
        if round_name is None:
            return {}
        if round_name == "review":
            first = _faces(self._index, self._index["face_id"].map(self._initial()))
            return {face.face_id: face for face in first if face.expression is not None}
        if round_name == "label":
            return self.kept
        return {face_id: self.kept[face_id] for face_id in looked_at if face_id in self.kept}

    def _cast(self) -> pd.DataFrame:
        """Return all ballots that labels are made of, those of simulated voters too."""
        names = stand_ins(len(self._box.voted), self._params.voters)
        simulated = [layout.SIMULATED / name for name in names]
        there = [path for path in simulated if path.exists()]
        return read_ballots([*self._box.paths, *there], self._params.expressions)[0]

    def _initial(self) -> pd.Series:
        """Return the first label of every face, by its id, from the ballots of all voters."""
        polled = poll(self._cast(), self._index)
        kept = self._index[self._index["status"] == "kept"]
        return round_one(kept, polled.ballots, self._params)["initial"]

    def _matched(self, cast: pd.DataFrame) -> pd.DataFrame:
        """Return the ballots that stand, on today's faces, in the order of time."""
        current, _ = latest(cast)
        repeats = [rows for _, rows in current.groupby("repeat")]
        on_faces = [match_to_faces(rows, self._index).ballots for rows in repeats]
        matched = pd.concat([current.iloc[:0], *on_faces])
        return matched.iloc[matched["cast_at"].map(moment).argsort(kind="stable")]

    def _wanted(self, voter: str) -> list[Face]:
        if voter not in self._drawn:
            faces = list(self._by_id.values())
            is_drawn = self.round != SECOND_LOOK  # which has the most doubtful first
            self._drawn[voter] = draw(faces, f"{voter} {self.round}") if is_drawn else faces
        more = self.round != "review"
        return wanted(self._drawn[voter], self._record.votes, voter, self._voters, more)

    def _with_repeats(self, voter: str, new: Sequence[Face]) -> Iterator[tuple[str, int]]:
        """Yield the new faces and, now and then, one that the voter answered long ago."""
        share = self._params.vote.repeat_share
        answered, repeated = self._record.answered(voter), self._record.repeated(voter)
        again = due_again(answered, repeated, share, f"{voter} {self.round}")
        every = max(1, round(1 / share)) if share else 1
        keys = ((face.face_id, 0) for face in new)
        yield from mixed(keys, ((face, 1) for face in again), every)

    def _refusal(self, voter: str, ballot: Ballot) -> str | None:
        """Return why the ballot is not taken; nothing when it is."""
        face = self._by_id.get(ballot.face_id)
        cast = self._record.votes.get(ballot.face_id, {})
        is_new = ballot.vote is not None and voter not in cast
        if self.is_gone(ballot.face_id):
            return "the face is gone: it was withdrawn, or the faces were made anew"
        if ballot.round == "review" and is_new and len(cast) >= self._voters:
            return "the face has all its votes"
        if reason := fault(ballot, face, self._params.expressions, self._params.vote.tags):
            return reason
        is_early = stamp(ballot.cast_at) <= self._looked_at.get(ballot.face_id, "")
        return "it was cast too early; is the clock right?" if is_early else None

    def _row(self, voter: str, ballot: Ballot) -> Json:
        """Return the ballot as a row of the voter's file."""
        face = self._by_id[ballot.face_id]
        return {
            **{name: getattr(face, name) for name in ("face_id", "scene_id", *BOX)},
            "voter": voter,
            "round": _question(ballot.round),
            "asked": ballot.asked,
            "vote": ballot.word,
            "also": ballot.also,
            "tags": " ".join(ballot.tags),
            "cast_at": stamp(ballot.cast_at),
            "repeat": ballot.repeat,
        }

    def _item(self, key: Key, answer: Answer | None) -> Json:
        """Return a face as the page knows it, with the voter's answer if there is one."""
        face_id, repeat = key
        face = self._by_id[face_id]
        width, height = self._sizes[face.scene_id]
        return {
            "face_id": face_id,
            "repeat": repeat,
            "expression": face.expression,
            "box": [face.x / width, face.y / height, face.width / width, face.height / height],
            "vote": answer.vote if answer else None,
            "also": answer.also if answer else None,
            "tags": list(answer.tags) if answer else [],
        }


def _faces(index: pd.DataFrame, expressions: pd.Series) -> list[Face]:
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


def _question(round_name: str | None) -> str | None:
    """Return the round whose question is asked, which is the one that ballots name."""
    return "label" if round_name == SECOND_LOOK else round_name


def _identity(voter: str, ballot: Ballot) -> tuple[str, str, int, str]:
    return voter, ballot.face_id, ballot.repeat, stamp(ballot.cast_at)
