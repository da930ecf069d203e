"""Dawid and Skene's estimates are those they published, and those of another implementation."""

import numpy as np
import pandas as pd
import pytest

from mien.labels.dawid_skene import dawid_skene

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]
# Dawid and Skene (1979), table 1: of each of 45 patients the three assessments of the first
# anaesthetist, and one of each of the four others.
PATIENTS = [
    "1111111",
    "3334334",
    "1122122",
    "2223121",
    "2223222",
    "2223322",
    "1222111",
    "3333433",
    "2222223",
    "2322223",
    "4444444",
    "2223343",
    "1111111",
    "2223212",
    "1211111",
    "1112111",
    "1111111",
    "1111111",
    "2222221",
    "2221322",
    "2222222",
    "2222221",
    "2223222",
    "2212222",
    "1111111",
    "1111111",
    "2322222",
    "1111111",
    "1111111",
    "1121121",
    "1111111",
    "3333233",
    "1111111",
    "2222222",
    "2223232",
    "4334343",
    "2212232",
    "2323233",
    "3333432",
    "1111111",
    "1111111",
    "1212111",
    "2322222",
    "1211111",
    "2222222",
]


@pytest.fixture(scope="module")
def published():
    rows = [
        (number, observer, vote)
        for number, patient in enumerate(PATIENTS, start=1)
        for observer, vote in zip("1112345", patient, strict=True)
    ]
    votes = pd.DataFrame(rows, columns=["face_id", "voter", "vote"])
    return dawid_skene(votes, list("1234"))


def test_shares_of_the_classes_are_those_published(published):
    assert published.priors.round(2).to_dict() == {"1": 0.40, "2": 0.42, "3": 0.11, "4": 0.07}


def test_error_rates_of_the_first_anaesthetist_are_those_published(published):
    assert published.confusion.loc["1"].round(2).to_numpy().tolist() == [
        [0.89, 0.11, 0.00, 0.00],
        [0.07, 0.88, 0.05, 0.00],
        [0.00, 0.34, 0.66, 0.00],
        [0.00, 0.00, 0.56, 0.44],
    ]


def test_probabilities_of_doubtful_patients_are_those_of_crowd_kit(published):
    """Numbers of crowd-kit 1.4.2 after 2,000 steps; every other patient has one above 0.9999."""
    table = published.posteriors
    doubtful = table[table.max(axis=1) < 0.9999]
    expected = pd.DataFrame(
        [
            [0.9810, 0.0190, 0, 0],
            [0.9991, 0.0009, 0, 0],
            [0, 0.9480, 0.0520, 0],
            [0, 0.0212, 0.9788, 0],
            [0.9998, 0.0002, 0, 0],
        ],
        index=[7, 30, 35, 38, 42],
        columns=list("1234"),
        dtype=float,
    )
    pd.testing.assert_frame_equal(doubtful, expected, atol=6e-5, rtol=0, check_names=False)


def test_every_distribution_sums_to_one(published):
    for table in (published.posteriors, published.confusion):
        assert table.sum(axis=1).to_numpy() == pytest.approx(1)
    assert published.priors.sum() == pytest.approx(1)


def test_no_votes_give_no_faces():
    none = pd.DataFrame(columns=["face_id", "voter", "vote"], dtype="string")
    assert dawid_skene(none, EXPRESSIONS).posteriors.shape == (0, 4)


def cast(rng: np.random.Generator, confusions: list[np.ndarray], count: int):
    """Return the classes of so many faces, and the votes of voters with these confusions."""
    truth = rng.integers(0, 4, count)
    chances = np.stack([confusion[truth].cumsum(axis=1) for confusion in confusions], axis=1)
    votes = (rng.random((count, len(confusions), 1)) > chances).sum(axis=2).clip(max=3)
    face, voter = np.indices(votes.shape)
    columns = {"face_id": face.ravel(), "voter": voter.ravel()}
    return truth, votes, pd.DataFrame(columns | {"vote": np.take(EXPRESSIONS, votes.ravel())})


def uniform(error: float) -> np.ndarray:
    """A voter whose errors fall on the other expressions alike."""
    return np.where(np.eye(4, dtype=bool), 1 - error, error / 3)


def leaning(error: float) -> np.ndarray:
    """A voter who takes what they mistake for happy, and happy for neutral."""
    wrong = np.zeros((4, 4))
    wrong[[0, 1, 2, 3], [1, 2, 1, 1]] = error
    return wrong + (1 - error) * np.eye(4)


def right_by_majority(truth: np.ndarray, votes: np.ndarray) -> float:
    """Return the share of faces that the most votes get right, ties decided by lot."""
    counts = (votes[:, :, None] == np.arange(4)).sum(axis=1)
    top = counts == counts.max(axis=1, keepdims=True)
    return float((top[np.arange(len(truth)), truth] / top.sum(axis=1)).mean())


@pytest.mark.parametrize(("voter", "gain"), [(uniform, 0.01), (leaning, 0.05)])
def test_unequal_voters_are_right_more_often_than_by_majority(voter, gain):
    gains = []
    for seed in range(12):
        confusions = [voter(error) for error in (0.05, 0.1, 0.3, 0.45)]
        truth, votes, table = cast(np.random.default_rng(seed), confusions, 200)
        found = dawid_skene(table, EXPRESSIONS).posteriors.sort_index().to_numpy().argmax(axis=1)
        gains.append((found == truth).mean() - right_by_majority(truth, votes))
    assert np.mean(gains) > gain


@pytest.mark.parametrize("count", [40, 200])
def test_an_answer_that_nobody_gave_has_no_chance(count):
    confusions = [uniform(error) for error in (0.05, 0.1, 0.3, 0.45)]
    _, _, votes = cast(np.random.default_rng(0), confusions, count)
    known = dawid_skene(votes, EXPRESSIONS).posteriors
    more = dawid_skene(votes, [*EXPRESSIONS, "unsure", "artificial"]).posteriors
    assert (more[["unsure", "artificial"]] == 0).all(axis=None)
    pd.testing.assert_frame_equal(more[EXPRESSIONS], known)


@pytest.mark.parametrize("voter", [uniform, leaning])
def test_confusions_of_voters_are_recovered(voter):
    confusions = [voter(error) for error in (0.05, 0.1, 0.3, 0.45)]
    _, _, table = cast(np.random.default_rng(0), confusions, 4000)
    found = dawid_skene(table, EXPRESSIONS).confusion.to_numpy().reshape(4, 4, 4)
    assert np.abs(found - np.stack(confusions)).max() < 0.05
