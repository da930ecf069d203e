"""The rules by which votes become a label; `labels.rule` chooses one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mien.labels.dawid_skene import dawid_skene
from mien.labels.tables import NO_EXPRESSION
from mien.params import CountedLabels


@dataclass(frozen=True)
class Votes:
    """The votes, a row a face in each table, and the ballots themselves.

    `first` counts each answer of round one. `one` has the `initial` label, whether the face is
    `tied` or `rejected`, and `words` why. `two` counts the review's `yes`, `no` and all `cast`.
    """

    first: pd.DataFrame
    one: pd.DataFrame
    two: pd.DataFrame
    ballots: pd.DataFrame


def decide(votes: Votes, params: CountedLabels) -> pd.DataFrame:
    """Return per face its `status`, its `label` if it keeps one, and the `reason` if not agreed."""
    rules = {"strict": strict, "majority": majority, "dawid-skene": most_probable}
    return rules[params.rule](votes, params)


def strict(votes: Votes, params: CountedLabels) -> pd.DataFrame:
    """Return the paper's decision: more than half of all voters must say yes.

    A tie removes the face; a missing vote does not count as yes.
    """
    two = votes.two
    agrees = two["yes"] * 2 > params.voters
    reason = two["yes"].astype("string") + f" yes of {params.voters} voters"
    return _decided(votes, agrees, two["cast"] >= params.quorum, reason, params)


def majority(votes: Votes, params: CountedLabels) -> pd.DataFrame:
    """Return the majority's decision: more than half of the votes cast, which must be a quorum.

    The review's votes count, or round one's if nobody has reviewed the face.
    """
    two, top, cast = votes.two, votes.first.max(axis=1), votes.first.sum(axis=1)
    reviewed = two["cast"] > 0
    won, of = two["yes"].where(reviewed, top), two["cast"].where(reviewed, cast)
    final = of >= params.quorum
    reason = won.astype("string") + " of " + of.astype("string") + " votes cast"
    return _decided(votes, final & (won * 2 > of), final, reason, params)


def most_probable(votes: Votes, params: CountedLabels) -> pd.DataFrame:
    """Return each face's most probable answer by Dawid and Skene, if more probable than not.

    A yes in a review is one more vote for the expression it asked about. If most reviewers deny a
    first label, it is contested whatever its probability. A face without a quorum of voters is
    too_few, and keeps its first label as long as nobody voted. If the most probable answer is no
    expression, the face is rejected.
    """
    answers = [*params.expressions, *NO_EXPRESSION]
    ballots = votes.ballots
    yes = ballots[(ballots["round"] == "review") & (ballots["vote"] == "yes")]
    first = ballots[ballots["round"] == "label"]
    cast = pd.concat([first, yes.assign(vote=yes["asked"])])[["face_id", "voter", "vote"]]
    chances = dawid_skene(cast, answers).posteriors.reindex(votes.one.index)
    counts = ballots.groupby("face_id")["voter"].nunique()
    voters = counts.reindex(votes.one.index, fill_value=0)
    best, chance = chances.fillna(0).idxmax(axis=1).astype("string"), chances.max(axis=1).fillna(0)
    voted = voters > 0
    best = best.where(chance > 0, votes.one["initial"])
    asked = (best == votes.one["initial"]).fillna(False)
    denied = (votes.two["no"] * 2 > votes.two["cast"]) & asked
    likely, refused = chance > 0.5, best.isin(NO_EXPRESSION)
    conditions = [voters < params.quorum, ~likely | denied, refused]
    status = pd.Series(
        np.select(conditions, ["too_few", "contested", "rejected"], "agreed"),
        index=votes.one.index,
        dtype="string",
    )
    label = best.mask(refused | (~likely & (chance > 0)))
    reason = best + " has probability " + chance.round(2).astype("string")
    no = votes.two["no"].astype("string") + " no of " + votes.two["cast"].astype("string")
    reason = reason.mask(denied, no + " reviews")
    few = voters.astype("string") + f" of {params.quorum} voters"
    reason = reason.mask(status == "too_few", few)
    return _kept(status, label, reason.mask(~voted, "no ballots"), voted, params)


def _decided(
    votes: Votes, agrees: pd.Series, final: pd.Series, reason: pd.Series, params: CountedLabels
) -> pd.DataFrame:
    """Return the decision on each face's first label; `agrees` says which faces keep it."""
    one, two = votes.one, votes.two
    conditions = [one["tied"], one["rejected"], agrees, final]
    words = ["contested", "rejected", "agreed", "contested"]
    status = pd.Series(np.select(conditions, words, "too_few"), index=one.index, dtype="string")
    voted = one.index.to_series().isin(votes.ballots["face_id"])
    few = two["cast"].astype("string") + f" of {params.quorum} review votes"
    few = few.mask(one["initial"].isna(), "no ballots in round one").mask(~voted, "no ballots")
    reason = few.mask(status == "contested", reason)
    reason = reason.mask(one["tied"] | one["rejected"], one["words"])
    return _kept(status, one["initial"], reason, voted, params)


def _kept(
    status: pd.Series, label: pd.Series, reason: pd.Series, voted: pd.Series, params: CountedLabels
) -> pd.DataFrame:
    """Return the three columns; `labels.too_few` decides on faces with too few votes."""
    keeps = (status == "agreed") | ((status == "too_few") & (~voted | (params.too_few == "keep")))
    reason = reason.mask(status == "agreed")
    return pd.DataFrame({"status": status, "reason": reason, "label": label.where(keeps)})
