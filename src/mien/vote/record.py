"""Who answered what in one round."""

from dataclasses import dataclass

from mien.labels.tables import TAKEN_BACK

Key = tuple[str, int]  # face and repeat


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a voter; `cast_at` is as times.py writes it."""

    vote: str
    also: str | None
    tags: tuple[str, ...]
    cast_at: str


class Record:
    """The last answer of every voter to every face, in the order in which they were given."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[Key, Answer]] = {}
        self._latest: dict[tuple[str, Key], str] = {}
        self.votes: dict[str, dict[str, str]] = {}  # first votes, by face and voter

    def add(self, voter: str, face_id: str, repeat: int, answer: Answer) -> None:
        """Count the answer, unless a later one is known; taking an answer back leaves none."""
        key = (face_id, repeat)
        if answer.cast_at < self._latest.get((voter, key), ""):
            return
        self._latest[voter, key] = answer.cast_at
        answers = self._answers.setdefault(voter, {})
        answers.pop(key, None)
        first = self.votes.setdefault(face_id, {}) if repeat == 0 else {}
        first.pop(voter, None)
        if answer.vote != TAKEN_BACK:
            answers[key] = answer
            first[voter] = answer.vote

    def of(self, voter: str) -> dict[Key, Answer]:
        """Return the voter's answers, the latest last."""
        return self._answers.get(voter, {})

    def answered(self, voter: str) -> list[str]:
        """Return the faces the voter answered, the latest last, without repeats."""
        return [face for face, repeat in self.of(voter) if repeat == 0]

    def repeated(self, voter: str) -> set[str]:
        """Return the faces the voter answered more than once."""
        return {face for face, repeat in self.of(voter) if repeat > 0}

    def last_time(self, voter: str) -> str | None:
        """Return when the voter last answered."""
        return max((answer.cast_at for answer in self.of(voter).values()), default=None)
