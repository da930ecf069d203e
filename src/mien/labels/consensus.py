"""From the ballots on a face to its first label, its status and its label."""

from collections.abc import Sequence

import pandas as pd

from mien.labels.ballots import Poll
from mien.labels.files import BallotCounts
from mien.labels.mentions import mentioned, tally
from mien.labels.rules import Votes, decide
from mien.labels.tables import NO_EXPRESSION
from mien.params import CountedLabels, LabelsParams


def consensus(faces: pd.DataFrame, ballots: pd.DataFrame, params: CountedLabels) -> pd.DataFrame:
    """Return one row per kept face, in the index's order: its votes, status and label.

    `ballots` are a poll's; `labels.rule` decides whether a face keeps a label.
    """
    kept = faces[faces["status"] == "kept"]
    one = round_one(kept, ballots, params)
    reviews = counted_reviews(ballots, one["initial"])
    answers = tally(reviews["face_id"], reviews["vote"], one.index, ["yes", "no", *NO_EXPRESSION])
    two = pd.DataFrame({"yes": answers["yes"], "no": answers["no"], "cast": answers.sum(axis=1)})
    first = _round_one_votes(ballots, one.index, [*params.expressions, *NO_EXPRESSION])
    decided = decide(Votes(first, one, two, ballots), params)
    counted = pd.concat([ballots[ballots["round"] == "label"], reviews])
    columns = pd.concat(
        [
            one["initial"],
            first[params.expressions].add_prefix("votes_"),
            two[["yes", "no"]],
            decided,
            mentioned(counted, one.index, params.expressions),
        ],
        axis=1,
    )
    return columns.rename_axis("face_id").reset_index()


def round_one(kept: pd.DataFrame, ballots: pd.DataFrame, params: LabelsParams) -> pd.DataFrame:
    """Return per face its `initial` label, or whether it is `tied` or `rejected`, and `words` why.

    The most votes win. If nobody voted, the face gets its source's expression if `labels.unvoted`
    is keep.
    """
    ids = pd.Index(kept["face_id"])
    votes = _round_one_votes(ballots, ids, [*params.expressions, *NO_EXPRESSION])
    top, cast = votes.max(axis=1), votes.sum(axis=1)
    winner = votes.idxmax(axis=1).astype("string")
    tied = votes.eq(top, axis=0).sum(axis=1).gt(1) & cast.gt(0)
    rejected = winner.isin(NO_EXPRESSION) & cast.gt(0) & ~tied
    hoped = pd.Series(kept["expression"].to_numpy(), index=ids, dtype="string")
    initial = winner.mask(tied | rejected | (cast == 0))
    if params.unvoted == "keep":
        initial = initial.where(cast > 0, hoped)
    reasons = {face: _why_none(row) for face, row in votes[tied | rejected].iterrows()}
    words = pd.Series(reasons, dtype="string").reindex(ids)
    return pd.DataFrame(
        {"initial": initial, "tied": tied, "rejected": rejected, "words": words}, index=ids
    )


def _why_none(votes: pd.Series) -> str:
    """Return why the votes of round one give no label."""
    top = votes[votes == votes.max()]
    if len(top) > 1:
        return "tie in round one: " + ", ".join(f"{vote} {count}" for vote, count in top.items())
    return f"round one: {top.index[0]} has {top.iloc[0]} of {votes.sum()} votes"


def counted_reviews(ballots: pd.DataFrame, initial: pd.Series) -> pd.DataFrame:
    """Return the reviews of today's first labels; the rest are stale."""
    reviews = ballots[ballots["round"] == "review"]
    today = reviews["face_id"].map(initial)
    return reviews[(reviews["asked"] == today).fillna(False).to_numpy(dtype=bool)]


def count(
    polled: Poll, labels: pd.DataFrame, params: CountedLabels, torn_lines: int
) -> BallotCounts:
    """Return what became of every ballot."""
    initial = labels.set_index("face_id")["initial"]
    reviews = int((polled.ballots["round"] == "review").sum())
    counted = len(counted_reviews(polled.ballots, initial))
    return BallotCounts(
        **polled.counts,
        stale_reviews=reviews - counted,
        counted=len(polled.ballots) - (reviews - counted),
        torn_lines=torn_lines,
        absent=params.voters * int(initial.notna().sum()) - counted,
    )


def _round_one_votes(
    ballots: pd.DataFrame, ids: pd.Index, candidates: Sequence[str]
) -> pd.DataFrame:
    first = ballots[ballots["round"] == "label"]
    return tally(first["face_id"], first["vote"], ids, candidates)
