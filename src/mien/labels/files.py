"""The JSON files of the labels: counts of ballots, and the agreement of voters."""

from dataclasses import dataclass

Figure = float | None  # None if there is nothing to compare


@dataclass(frozen=True)
class BallotCounts:
    """metrics/ballots.json.

    `ballots` is the sum of corrections, repeats, orphans, on_dropped_faces, stale_reviews and
    counted, which include the `moved` ones. `absent` counts the missing reviews: each voter of the
    settings could review each face with a first label.
    """

    voters: int
    ballots: int
    counted: int
    corrections: int
    repeats: int
    moved: int
    orphans: int
    on_dropped_faces: int
    stale_reviews: int
    torn_lines: int
    absent: int


@dataclass(frozen=True)
class Round:
    """Krippendorff's alpha of a round, the share of its faces whose votes are equal, its size."""

    alpha: Figure
    unanimous: Figure
    votes: int
    faces: int


@dataclass(frozen=True)
class Voter:
    """How a voter's votes compare.

    `consensus` is the share of votes that equal the label. `bias` is how often the voter names an
    expression, divided by how often it is the label. `itself` is the share of `repeats` answered as
    before, `accuracy` the expected share of the `judged` votes that are right.
    """

    name: str
    votes: int
    consensus: Figure
    bias: dict[str, Figure]
    repeats: int
    itself: Figure
    judged: int
    accuracy: Figure
    accuracy_low: Figure
    accuracy_high: Figure
    unreliable: bool


@dataclass(frozen=True)
class VoterPair:
    """Cohen's kappa of two voters on the faces that both voted on."""

    voters: list[str]
    faces: int
    kappa: Figure


@dataclass(frozen=True)
class Disputed:
    """A face whose votes in round one differ, and by how much (bits)."""

    face_id: str
    entropy: float
    votes: dict[str, int]


@dataclass(frozen=True)
class Agreement:
    """metrics/agreement.json: the rounds by name, voters, pairs of them, and disputed faces."""

    rounds: dict[str, Round]
    voters: list[Voter]
    pairs: list[VoterPair]
    disputed: list[Disputed]
