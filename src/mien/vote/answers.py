"""What a browser sends, and the checks of it."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mien.boxes import BOX
from mien.labels.tables import NO_EXPRESSION, SECOND_LOOK, TAKEN_BACK
from mien.labels.times import stamp
from mien.vote.order import Face

Text = Annotated[str, Field(max_length=64)]
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)  # how far a browser's clock may be ahead of ours


class Ballot(BaseModel):
    """One answer; `vote` is empty when it takes back an earlier answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    face_id: Text
    round: Literal["label", "review", "second_look"]
    asked: Text | None = None
    vote: Text | None
    also: Text | None = None
    tags: Annotated[list[Text], Field(max_length=9)] = []
    repeat: Literal[0, 1] = 0
    cast_at: AwareDatetime

    @property
    def word(self) -> str:
        """The vote as the table of ballots has it."""
        return TAKEN_BACK if self.vote is None else self.vote


class Ballots(BaseModel):
    """What is sent at once."""

    model_config = ConfigDict(extra="forbid")

    ballots: Annotated[list[Ballot], Field(min_length=1, max_length=200)]


def fault(
    ballot: Ballot, face: Face | None, expressions: Collection[str], tags: Collection[str]
) -> str | None:
    """Return why the ballot is not valid for this face; None when it is valid."""
    is_review = ballot.round == "review"
    votes = {*(["yes", "no"] if is_review else expressions), *NO_EXPRESSION, TAKEN_BACK}
    if face is None:
        return "there is no such face to vote on"
    if ballot.word not in votes:
        return f"the vote must be one of {', '.join(sorted(votes))}"
    if ballot.asked != (face.expression if is_review else None):
        return "the face was asked about otherwise"
    if ballot.also is not None and (
        is_review or ballot.also not in expressions or ballot.also == ballot.vote
    ):
        return "the second expression must be another one"
    if not set(ballot.tags) <= set(tags):
        return f"the tags must be among {', '.join(tags)}"
    if not FIRST < ballot.cast_at < datetime.now(UTC) + AHEAD:
        return "it was not cast by now; is the clock right?"
    return None


def row_of(ballot: Ballot, voter: str, face: Face) -> dict[str, object]:
    """Return the ballot as a row of the voter's file; that of a second look is one of labels."""
    return {
        **{name: getattr(face, name) for name in ("face_id", "scene_id", *BOX)},
        "voter": voter,
        "round": question(ballot.round),
        "asked": ballot.asked,
        "vote": ballot.word,
        "also": ballot.also,
        "tags": " ".join(ballot.tags),
        "cast_at": stamp(ballot.cast_at),
        "repeat": ballot.repeat,
    }


def question(round_name: str | None) -> str | None:
    """Return the round whose question is asked, which is the one that ballots name."""
    return "label" if round_name == SECOND_LOOK else round_name
