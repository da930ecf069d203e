"""Figures of agreement are those that others published, or compute."""

import itertools

import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from mien.labels.agreement import agreement
from mien.labels.alpha import krippendorff_alpha, unanimous
from mien.labels.consensus import consensus
from mien.labels.dawid_skene import dawid_skene
from mien.labels.files import Agreement, Round, Voter

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]


def test_alpha_of_the_published_example_is_0_743():
    """Krippendorff (2011), section C: four observers, twelve units, missing data."""
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    votes = pd.DataFrame([[None if v == "." else v for v in row] for row in rows]).T
    assert krippendorff_alpha(votes) == pytest.approx(0.743, abs=0.0005)


@pytest.mark.parametrize("seed", range(20))
def test_alpha_is_that_of_the_krippendorff_package_with_holes(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 60)
    table = np.where(rng.random((60, 5)) < 0.6, truth[:, None], rng.integers(0, 4, (60, 5)))
    votes = pd.DataFrame(table).mask(rng.random((60, 5)) < 0.7 * rng.random()).astype("Int64")
    known = krippendorff.alpha(
        votes.T.to_numpy(float, na_value=np.nan), level_of_measurement="nominal"
    )
    assert krippendorff_alpha(votes) == pytest.approx(known, abs=1e-9)


def test_alpha_of_nothing_to_compare_is_none():
    assert krippendorff_alpha(pd.DataFrame()) is None
    assert (
        krippendorff_alpha(pd.DataFrame({"ada": ["happy", None], "ben": [None, "angry"]})) is None
    )
    assert krippendorff_alpha(pd.DataFrame({"ada": ["happy"] * 3, "ben": ["happy"] * 3})) is None


def test_faces_are_unanimous_by_those_with_two_votes_alone():
    votes = pd.DataFrame({"ada": ["a", "a", "b", None], "ben": ["a", "b", None, None]})
    assert unanimous(votes) == 0.5
    assert unanimous(votes.tail(2)) is None
    skewed = pd.DataFrame(
        {"ada": ["a"] * 95 + ["b"] * 5, "ben": ["a"] * 90 + ["b"] * 5 + ["a"] * 5}
    )
    assert unanimous(skewed) == 0.9
    assert -0.06 < krippendorff_alpha(skewed) < 0


def slow_dawid_skene(votes: pd.DataFrame, classes: list[str]) -> dict[str, dict[str, float]]:
    """EM by the paper's equations 2.3 to 2.5, in plain loops."""
    rows = list(votes.itertuples(index=False))
    faces, voters = list(dict.fromkeys(r[0] for r in rows)), sorted({r[1] for r in rows})
    cast = {f: [(v, a) for g, v, a in rows if g == f] for f in faces}
    t = {f: {c: sum(a == c for _, a in cast[f]) / len(cast[f]) for c in classes} for f in faces}
    for _ in range(300):
        prior = {c: sum(t[f][c] for f in faces) / len(faces) for c in classes}
        pi = {}
        for v, c in itertools.product(voters, classes):
            said = {a: sum(t[f][c] * cast[f].count((v, a)) for f in faces) for a in classes}
            total = sum(said.values())
            pi[v, c] = {a: said[a] / total if total else 0 for a in classes}
        for f in faces:
            p = {c: prior[c] * np.prod([pi[v, c][a] for v, a in cast[f]]) for c in classes}
            t[f] = {c: p[c] / sum(p.values()) for c in classes}
    return t


def simulated(rng, errors: dict[str, float], count: int, seen: float = 1.0):
    """Return the truth by face, and the votes of voters who err so often."""
    truth = pd.Series(rng.choice(EXPRESSIONS, count), index=[f"f{n:03}" for n in range(count)])
    rows = []
    for face, shown in truth.items():
        for voter, error in errors.items():
            if rng.random() < seen:
                others = [name for name in EXPRESSIONS if name != shown]
                rows.append((face, voter, rng.choice(others) if rng.random() < error else shown))
    return truth, pd.DataFrame(rows, columns=["face_id", "voter", "vote"])


@pytest.mark.parametrize("seed", range(3))
def test_dawid_skene_is_what_the_papers_equations_give(seed):
    rng = np.random.default_rng(seed)
    _, votes = simulated(rng, {"ada": 0.1, "ben": 0.2, "cy": 0.5}, 40, seen=0.9)
    slow = pd.DataFrame(slow_dawid_skene(votes, EXPRESSIONS)).T
    quick = dawid_skene(votes, EXPRESSIONS).posteriors
    assert np.abs(quick - slow.loc[quick.index]).to_numpy().max() < 0.001


def test_dawid_skene_finds_the_truth_more_often_than_the_majority():
    errors = {"ada": 0.05, "ben": 0.1, "cy": 0.45, "dee": 0.6, "eve": 0.6}
    gains = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        truth, votes = simulated(rng, errors, 300)
        best = dawid_skene(votes, EXPRESSIONS).posteriors.idxmax(axis=1)
        counts = pd.crosstab(votes["face_id"], votes["vote"])
        majority = counts.idxmax(axis=1)
        gains.append(
            (best == truth[best.index]).mean() - (majority == truth[majority.index]).mean()
        )
    assert min(gains) > 0
    assert np.mean(gains) > 0.05


def test_dawid_skene_gains_on_a_majority_of_four_voters_over_many_seeds():
    """Four voters as they are; of equal votes the majority takes the first in the alphabet."""
    gains = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        truth, votes = simulated(rng, {"ada": 0.05, "ben": 0.1, "cy": 0.3, "dee": 0.45}, 300)
        best = dawid_skene(votes, EXPRESSIONS).posteriors.idxmax(axis=1)
        majority = pd.crosstab(votes["face_id"], votes["vote"]).idxmax(axis=1)
        gains.append(
            (best == truth[best.index]).mean() - (majority == truth[majority.index]).mean()
        )
    assert np.mean(gains) > 0.01


def figures_of(votes: pd.DataFrame, make_faces, make_params, cast, more=()):
    rows = [tuple(row) for row in votes.itertuples(index=False)]
    faces = make_faces(*votes["face_id"].unique())
    ballots = cast([*rows, *more])
    labels = consensus(faces, ballots, make_params(rule="dawid-skene", quorum=1))
    return agreement(ballots, faces, labels, EXPRESSIONS)


def figures_of_voter(figures: Agreement, voter: str) -> Voter:
    """Return the figures of one voter."""
    return next(row for row in figures.voters if row.name == voter)


def test_the_unreliable_voter_is_named_and_only_that_one(make_faces, make_params, cast):
    rng = np.random.default_rng(1)
    _, votes = simulated(rng, {"ada": 0.05, "ben": 0.1, "cy": 0.1, "dee": 0.45}, 200)
    figures = figures_of(votes, make_faces, make_params, cast)
    unreliable = [voter.name for voter in figures.voters if voter.unreliable]
    assert unreliable == ["dee"]
    dee = figures_of_voter(figures, "dee")
    assert dee.accuracy_low < 0.55 < dee.accuracy_high


@pytest.mark.parametrize("seed", range(4))
def test_equal_voters_are_all_reliable(seed, make_faces, make_params, cast):
    rng = np.random.default_rng(seed)
    _, votes = simulated(rng, dict.fromkeys(("ada", "ben", "cy", "dee"), 0.2), 100)
    figures = figures_of(votes, make_faces, make_params, cast)
    assert not any(voter.unreliable for voter in figures.voters)


@pytest.mark.parametrize(("count", "expected"), [(19, False), (20, True)])
def test_nobody_is_unreliable_for_fewer_than_twenty_votes(
    count, expected, make_faces, make_params, cast
):
    faces = [f"f{number:02}" for number in range(60)]
    shown = dict(zip(faces, EXPRESSIONS * 15, strict=True))
    rows = [(face, voter, shown[face]) for face in faces for voter in ("ada", "ben", "cy")]
    rows += [(face, "dee", "unsure") for face in faces[:count]]
    votes = pd.DataFrame(rows, columns=["face_id", "voter", "vote"])
    dee = figures_of_voter(figures_of(votes, make_faces, make_params, cast), "dee")
    assert (dee.judged, dee.unreliable) == (count, expected)


def test_of_two_voters_nobody_knows_who_errs(make_faces, make_params, cast):
    _, votes = simulated(np.random.default_rng(0), {"ada": 0, "ben": 0.9}, 100)
    figures = figures_of(votes, make_faces, make_params, cast)
    assert not any(voter.unreliable for voter in figures.voters)


def test_a_voter_leans_to_what_they_say_more_often_than_the_labels(make_faces, make_params, cast):
    rows = [(f"f{n}", voter, "angry") for n in range(4) for voter in ("ada", "ben", "cy")]
    rows += [(f"g{n}", voter, "happy") for n in range(4) for voter in ("ada", "ben", "cy")]
    rows += [(f"f{n}", "dee", ["angry", "happy"][n % 2]) for n in range(4)]
    rows += [(f"g{n}", "dee", "happy") for n in range(4)]
    votes = pd.DataFrame(rows, columns=["face_id", "voter", "vote"])
    dee = figures_of_voter(figures_of(votes, make_faces, make_params, cast), "dee")
    assert dee.consensus == 6 / 8
    assert dee.bias == {"angry": 0.5, "happy": 1.5, "neutral": None, "surprised": None}


def test_pairs_bias_repeats_and_disputes_are_counted(make_faces, make_params, cast):
    rng = np.random.default_rng(2)
    _, votes = simulated(rng, {"ada": 0.05, "ben": 0.2, "cy": 0.05}, 60)
    faces = sorted(votes["face_id"].unique())
    first = votes[votes["voter"] == "ada"].set_index("face_id")["vote"]
    again = [(face, "ada", first[face], {"repeat": 1}) for face in faces[:3]]
    again.append((faces[3], "ada", "unsure", {"repeat": 1}))
    figures = figures_of(votes, make_faces, make_params, cast, again)
    wide = votes.pivot(index="face_id", columns="voter", values="vote")
    expected = cohen_kappa_score(wide["ada"], wide["ben"])
    pair = next(pair for pair in figures.pairs if pair.voters == ["ada", "ben"])
    assert (pair.kappa, pair.faces) == (pytest.approx(expected), 60)
    ada = figures_of_voter(figures, "ada")
    assert (ada.repeats, ada.itself) == (4, 0.75)
    worst = figures.disputed[0]
    assert sorted(worst.votes.values()) == sorted(wide.loc[worst.face_id].value_counts())
    assert worst.entropy >= figures.disputed[-1].entropy > 0
    assert figures.rounds["label"].votes == 180


def test_reviews_about_another_expression_are_no_disagreement(make_faces, make_params, cast):
    voters, faces = ["ada", "ben", "cy", "dee"], make_faces("f1", "f2")
    ballots = cast(
        [
            *((face, voter, "happy") for face in ("f1", "f2") for voter in voters),
            ("f1", "ada", "happy: yes"),
            ("f1", "ben", "happy: yes"),
            ("f1", "cy", "angry: no"),  # asked when another first label stood
            ("f1", "ada", "angry: no", {"repeat": 1}),
            ("f2", "ada", "happy: no"),
            ("f2", "ben", "happy: no"),
            ("f2", "ben", "happy: no", {"repeat": 1}),
        ]
    )
    figures = agreement(ballots, faces, consensus(faces, ballots, make_params()), EXPRESSIONS)
    assert figures.rounds["review"] == Round(alpha=1, votes=4, faces=2, unanimous=1)
    ada, ben = (figures_of_voter(figures, name) for name in ("ada", "ben"))
    assert (ada.repeats, ada.itself) == (0, None)
    assert (ben.repeats, ben.itself) == (1, 1)


def test_a_voter_who_is_alone_on_every_face_has_no_accuracy(make_faces, make_params, cast):
    faces, ballots = make_faces("f1", "f2"), cast([("f1", "ada", "happy"), ("f2", "ben", "angry")])
    figures = agreement(ballots, faces, consensus(faces, ballots, make_params()), EXPRESSIONS)
    assert [voter.accuracy for voter in figures.voters] == [None, None]


def test_no_ballots_give_figures_of_nothing(make_faces, make_params, cast):
    faces, none = make_faces("f1"), cast([])
    figures = agreement(none, faces, consensus(faces, none, make_params()), EXPRESSIONS)
    assert figures.voters == []
    assert (figures.pairs, figures.disputed) == ([], [])
    assert figures.rounds["label"] == Round(alpha=None, votes=0, faces=0, unanimous=None)
