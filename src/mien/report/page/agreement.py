"""How far the voters agree, as values for the report's template."""

from collections.abc import Mapping, Sequence

from mien import words
from mien.labels.files import BallotCounts, Round, Voter, VoterPair
from mien.report.page.gallery import Choice
from mien.report.page.inputs import Inputs
from mien.report.page.templates import Row

ROUNDS = {"label": "Round one", "review": "Round two"}
RELIABLE = 0.8  # both from Krippendorff 2004, "Content Analysis", page 241
TENTATIVE = 0.667
LEANING = 0.1  # less is seen in a voter of few faces by chance
MOST = 2 / 3  # of the faces: where so many are unanimous, a low alpha needs a word
BY_CHANCE = 0.6  # of the faces: two classes of one size agree on half of them by chance
NO_PAIR = VoterPair(voters=[], faces=0, kappa=None)


def agreement_section(inputs: Inputs, choice: Choice) -> Row:
    """Return alpha of each round, each voter, every two voters, and the most disputed faces."""
    agreement = inputs.agreement
    voters = agreement.voters
    return {
        "rounds": [
            {"name": name, "meaning": round_meaning(agreement.rounds[key])}
            | vars(agreement.rounds[key])
            for key, name in ROUNDS.items()
        ],
        "voters": [vars(voter) | {"leaning": leaning(voter.bias)} for voter in voters],
        "least_leaning": LEANING,
        "unreliable": [unreliable_sentence(voter) for voter in voters if voter.unreliable],
        "matrix": kappa_matrix([voter.name for voter in voters], agreement.pairs),
        "moved": moved_sentence(inputs.ballots),
        "disputed": [vars(face) | {"votes": vote_counts(face.votes)} for face in choice.disputed],
    }


def round_meaning(figures: Round) -> str:
    """Return what the alpha of a round says, and why it is low where most faces are unanimous."""
    alpha, unanimous = figures.alpha, figures.unanimous
    meaning = alpha_meaning(alpha)
    if alpha is None or unanimous is None or alpha >= TENTATIVE or unanimous < MOST:
        return meaning
    by_chance = 1 - (1 - unanimous) / (1 - alpha)  # of three voters or more: at least so many
    if by_chance < BY_CHANCE:
        return meaning
    return (
        f"{meaning} Yet on {words.percent(unanimous, 0)} of the faces all votes are equal: alpha "
        "corrects for chance. Where nearly all votes are one expression, people would agree almost "
        "as often by chance, so that a few differences bring it down. Then the share of unanimous "
        "faces says more."
    )


def alpha_meaning(alpha: float | None) -> str:
    """Return what the alpha of a round says of its votes, in a sentence."""
    if alpha is None:
        return "There is no alpha: no face has two votes, or all votes are the same."
    if alpha >= RELIABLE:
        return "The voters agree well enough for their votes to be relied on."
    if alpha >= TENTATIVE:
        return "The voters agree well enough for tentative conclusions only."
    if alpha >= 0:
        return "The voters agree too little for conclusions to be drawn from their votes."
    return "The voters agree less than chance would have it."


def unreliable_sentence(voter: Voter) -> str:
    """Return that the voter is unreliable, and how often they seem to be right."""
    verdict = f"{voter.name} is unreliable"
    if voter.accuracy is None:
        return f"{verdict}."
    return f"{verdict}: only about {words.percent(voter.accuracy, 0)} of their answers seem right."


def leaning(bias: Mapping[str, float | None]) -> str:
    """Return what a voter says more or less often than the labels, the most striking first.

    `bias` is how often the voter says an expression, divided by how often it is the label of the
    same faces. A dash where nothing can be compared.
    """
    excess = {name: round(ratio - 1, 2) for name, ratio in bias.items() if ratio is not None}
    striking = [name for name in excess if abs(excess[name]) >= LEANING]
    striking.sort(key=lambda name: -abs(excess[name]))
    spoken = [f"{name}\N{NO-BREAK SPACE}{signed_percent(excess[name])}" for name in striking]
    return ", ".join(spoken) or ("nothing" if excess else words.NONE)


def signed_percent(share: float) -> str:
    """Return 0.3 as `+30 %`, with a real minus sign where it is below 0."""
    return ("−" if share < 0 else "+") + words.percent(abs(share), 0)


def kappa_matrix(names: Sequence[str], pairs: Sequence[VoterPair]) -> list[Row]:
    """Return a row for each voter, with its pair with every voter; None with itself."""
    found = {frozenset(pair.voters): pair for pair in pairs}
    return [
        {
            "name": name,
            "pairs": [
                None if other == name else found.get(frozenset((name, other)), NO_PAIR)
                for other in names
            ],
        }
        for name in names
        if pairs
    ]


def moved_sentence(ballots: BallotCounts) -> str:
    """Return how many ballots moved to another face, and how many lost theirs."""
    moved, orphans = map(words.count, (ballots.moved, ballots.orphans))
    return (
        f"Of {words.count(ballots.ballots, 'ballots')}, {moved} moved to another face, found "
        f"anew where theirs had been, and {orphans} lost theirs for good (orphans)."
    )


def vote_counts(votes: Mapping[str, int]) -> list[str]:
    """Return `2 happy` and `1 neutral`, the most votes first."""
    ordered = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    return [f"{number} {words.spaced(name)}" for name, number in ordered]
