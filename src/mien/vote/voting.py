"""What is voted on, and what each voter is told of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from threading import RLock

import pandas as pd

from mien import layout
from mien.labels.alpha import krippendorff_alpha, unanimous
from mien.labels.second_look import offered
from mien.labels.tables import NO_EXPRESSION, SECOND_LOOK
from mien.labels.times import stamp
from mien.params import LabelsParams
from mien.vote.answers import Ballot, row_of
from mien.vote.ballot_box import BallotBox
from mien.vote.order import Face, is_tied
from mien.vote.outcome import Outcome, outcome
from mien.vote.present import faces_present, stamps
from mien.vote.record import Answer, Key
from mien.vote.round import Round, cast_of, kept_faces, poll_all, read_round
from mien.vote.rounds import close_round, closed_rounds, open_round

Told = Mapping[str, object]  # what a browser gets, as JSON
REMEMBERED = 50  # answers a voter can go back to after a reload
GONE = "the face is gone: it was withdrawn, or the faces were made anew"


class ClosedRoundError(Exception):
    """The ballots are for a round that is not open; the one argument is the one that is."""


class Voting:
    """The open round, the box that keeps its ballots, and what voters are told of both.

    It follows `data/rounds.csv`: when anybody closes a round, the next one is open. It follows the
    tables of faces too: a face that was withdrawn is no longer shown or asked about. Nothing tells
    a voter that a round is a second look.
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
        self._round: Round
        self.kept: dict[str, Face] = {}
        self.refresh()

    @property
    def round(self) -> str | None:
        """The name of the open round; None when all are closed."""
        return self._round.name

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
            name = open_round(closed, looked_at)
            self._round = read_round(
                name, looked_at, self._index, self.kept, self._box.paths, self._params
            )
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

    def session(self, voter: str) -> Told:
        """Return what a voter is told at first: the round, its words, and how far they are."""
        with self._lock:
            left, done = self._wanted(voter), len(self._round.record.answered(voter))
            hoped = Counter(face.expression or "" for face in left)
            progress = {"faces": done + len(left), "done": done, "left": dict(hoped)}
            return {"name": voter, "organiser": False, **self.words(), **progress}

    def words(self) -> Told:
        """Return the open round and the words that answers are made of."""
        return {
            "round": self.round,
            "expressions": list(self._params.expressions),
            "answers": list(NO_EXPRESSION),
            "tags": list(self._params.vote.tags),
            "edition": self._edition,
            "now": stamp(datetime.now(UTC)),
        }

    def faces(self, voter: str, limit: int, expression: str | None) -> Told:
        """Return the voter's last answers, and the faces to answer next."""
        with self._lock:
            answers = list(self._round.record.of(voter).items())[-REMEMBERED:]
            new = self._wanted(voter)
            if expression is None:
                upcoming = list(islice(self._round.with_repeats(voter, new), limit))
            else:
                alike = (face for face in new if (face.expression or "") == expression)
                upcoming = [(face.face_id, 0) for face in islice(alike, limit)]
            return {
                "done": [self._item(key, answer) for key, answer in answers],
                "next": [self._item(key, None) for key in upcoming],
            }

    def cast(self, voter: str, ballots: Sequence[Ballot]) -> Told:
        """Return how many of the ballots were saved, after they are, and which were refused.

        One that was saved before counts as saved and is not written again. Raises
        ClosedRoundError, and DiskError when the disk takes none.
        """
        with self._lock:
            self.refresh()
            if any(ballot.round != self.round for ballot in ballots):
                raise ClosedRoundError(self.round)
            now, voters, refused, accepted = self._round, self._voters, [], {}
            for ballot in ballots:
                if self.is_gone(ballot.face_id):
                    reason: str | None = GONE
                else:
                    reason = now.refusal(voter, ballot, voters)
                if reason:
                    place = {"face_id": ballot.face_id, "repeat": ballot.repeat}
                    refused.append({**place, "reason": reason})
                else:
                    accepted[cast_of(voter, ballot)] = ballot
            fresh = [ballot for key, ballot in accepted.items() if key not in now.known]
            if fresh:
                rows = [row_of(ballot, voter, now.faces[ballot.face_id]) for ballot in fresh]
                self._box.append(voter, rows)
            for ballot in fresh:
                now.add(voter, ballot)
            return {"saved": len(ballots) - len(refused), "refused": refused}

    def progress(self, links: Mapping[str, str]) -> Told:
        """Return how far the round is and how far its voters agree, without who said what.

        `links` has the token of each voter, by name.
        """
        with self._lock:
            needed = self._voters
            votes = [cast for cast in self._round.record.votes.values() if cast]
            full = [cast for cast in votes if len(cast) >= needed]
            shared = [cast for cast in votes if len(cast) > 1]
            compared = pd.DataFrame.from_records(shared)
            tied = [cast for cast in shared if self.round != "review" and is_tied(cast.values())]
            return {
                "round": self.round,
                "faces": len(self._round.faces),
                "complete": len(full),
                "ties": len(tied),
                "ties_complete": sum(len(cast) >= needed for cast in tied),
                "alpha": krippendorff_alpha(compared),
                "unanimous": unanimous(compared),
                "needed": needed,
                "needed_is_set": self._params.voters is not None,
                "closed": self.closed,
                "voters": [self.progress_of(name, token) for name, token in links.items()],
            }

    def progress_of(self, name: str, token: str) -> Told:
        """Return how far a voter is, and their token."""
        with self._lock:
            record = self._round.record
            done, last = len(record.answered(name)), record.last_time(name)
            faces = done + len(self._wanted(name))
            voted = name in self.voters  # in whatever round
            far = {"name": name, "done": done, "faces": faces, "last": last, "voted": voted}
            return {**far, "token": token}

    def outcome(self) -> Outcome:
        """Return what closing the open round does, or has done when all are closed."""
        with self._lock:
            polled = poll_all(self._index, self._box.paths, self._params)
            return outcome(self._index, polled, self.round, self._params)

    @property
    def _voters(self) -> int:
        """How many people are to vote on a face: those invited, and others with a file."""
        return self._params.voters or max(1, len({*self._invited(), *self.voters}))

    def _wanted(self, voter: str) -> list[Face]:
        return self._round.wanted(voter, self._voters)

    def _take_faces(self) -> None:
        index, self._sizes = faces_present()
        kept = {face.face_id: face for face in kept_faces(index, index["expression"])}
        self._gone = (self._gone | self.kept.keys()) - kept.keys()
        self._index, self.kept = index, kept
        self._edition = sha256(" ".join(kept).encode()).hexdigest()[:12]

    def _item(self, key: Key, answer: Answer | None) -> Told:
        """Return a face as the page knows it, with the voter's answer if there is one."""
        face_id, repeat = key
        face = self._round.faces[face_id]
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
