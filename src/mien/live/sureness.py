"""A model's threshold, and the accuracy above it, in words."""

from mien.live.metadata import Answers


def sureness(threshold: float | None, answers: Answers | None, given: float | None = None) -> str:
    """Return from which probability on a model is sure; `given` replaces its own threshold."""
    if given is not None:
        since = f"sure from a probability of {percent(given)} on" if given else "always sure"
        return f"{since}, as --threshold asks"
    if threshold is None:
        worth = (
            "the file of the model names no threshold"
            if answers is None
            else f"at no threshold are {percent(answers.target)} of its answers right"
        )
        return f"sure of nothing, since {worth}; the likeliest expression is shown as a guess"
    since = f"sure from a probability of {percent(threshold)} on"
    if answers is None or answers.accuracy is None:
        return since
    return (
        f"{since}, which {answers.answered} of {answers.faces} validation faces reach "
        f"({percent(answers.answered / answers.faces)}); "
        f"{percent(answers.accuracy)} of those answers are right"
    )


def percent(share: float) -> str:
    """Return 0.832 as `83.2 %` and 0.9 as `90 %`."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
