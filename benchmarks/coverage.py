"""How often the intervals hold the truth, and how often two equal variants seem to differ.

    python benchmarks/coverage.py [data sets a cell]

Predictions are drawn whose truth is known: every group has an own accuracy, from a beta
distribution of the intraclass correlation asked for, or an own shift of a normal variable, from
which two variants, or the seeds of one, may have something in common. Beside our interval stands
the one it replaced, the expanded percentile bootstrap (Hesterberg 2015). Runs on one core.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from mien.evaluate.bootstrap import paired_difference
from mien.evaluate.intervals import interval, jackknife, positive_interval
from mien.evaluate.metrics import macro_f1s
from mien.params import EvaluateParams

RESULTS = Path(__file__).parent / "results" / "coverage.json"
PARAMS = EvaluateParams.model_construct(bootstrap_samples=199, confidence=0.95, seed=0)
Numbers = NDArray[np.float64]
Draw = np.random.Generator
GROUPS = (10, 20, 40, 60, 140)
SIZES: dict[str, Callable[[Draw, int], Numbers]] = {
    "3 faces each": lambda _, groups: np.full(groups, 3.0),
    "1 to 5": lambda draw, groups: draw.integers(1, 6, groups).astype(float),
    "geometric, mean 3.3": lambda draw, groups: draw.geometric(0.3, groups).astype(float),
    "one of 74, others 1 to 5": lambda draw, groups: np.r_[74.0, draw.integers(1, 6, groups - 1)],
}
# how variance is shared: by both variants a group, by each alone a group, by both a face
ALIKE = {
    "correlated": (0.3, (0.2, 0.2), 0.2),
    "strongly": (0.3, (0.5, 0.5), 0.1),
    "unlike": (0.1, (0.7, 0.0), 0.1),
}


def main(data_sets: int) -> None:
    """Print and keep the shares in per cent: the least, the mean and the greatest of the cells."""
    few, some = (20, 60, 140), (20, 40, 60, 140)
    outcome = {
        "data_sets": data_sets,
        "accuracy": table(accuracy, data_sets, GROUPS, (0.6, 0.8, 0.9, 0.97), (0.0, 0.3, 0.6)),
        "as it was": table(percentile, data_sets, few, (0.8, 0.97), (0.3,)),
        "macro F1": table(macro_f1, data_sets, few, (0.7, 0.9), (0.0, 0.3)),
        "log loss": table(loss, data_sets, few, (0.7, 0.9), (0.0, 0.3)),
        "accuracy of 3 seeds": table(seeds, data_sets, few, (0.7, 0.9), (0.0, 0.1)),
        "difference": table(difference, data_sets, few, (0.8, 0.9), ("correlated", "strongly")),
        "false alarms": table(alarm, data_sets, some, (0.7, 0.97), tuple(ALIKE)),
    }
    RESULTS.write_text(json.dumps(outcome, indent=2) + "\n")


def table(hit: Callable, data_sets: int, groups: tuple, *settings: tuple) -> dict:
    """Return by sizes and number of groups how often `hit` is true, over all settings."""
    found: dict = {}
    for name, sizes in SIZES.items():
        for count in groups:
            draw = np.random.default_rng(0)
            shares = [
                100 * np.mean([hit(draw, sizes(draw, count), *cell) for _ in range(data_sets)])
                for cell in cells(*settings)
            ]
            row = [round(float(f(shares)), 1) for f in (np.min, np.mean, np.max)]
            found.setdefault(name, {})[str(count)] = row
            print(hit.__name__, name, count, row, flush=True)
    return found


def cells(first: tuple, second: tuple) -> Iterator[tuple]:
    """Return every pair of settings."""
    return ((a, b) for a in first for b in second)


def rights(draw: Draw, sizes: Numbers, mean: float, correlation: float) -> Numbers:
    """Return how many faces of each group are right."""
    if correlation == 0:
        return draw.binomial(sizes.astype(int), mean).astype(float)
    scale = (1 - correlation) / correlation
    chances = draw.beta(mean * scale, (1 - mean) * scale, len(sizes))
    return draw.binomial(sizes.astype(int), chances).astype(float)


def holds(ends: tuple[float, float], truth: float) -> bool:
    """Whether the truth is between the ends."""
    return bool(ends[0] <= truth <= ends[1])


def accuracy(draw: Draw, sizes: Numbers, mean: float, correlation: float) -> bool:
    """Whether the interval of an accuracy holds it."""
    right = rights(draw, sizes, mean, correlation)
    return holds(interval(lambda w: (w @ right) / (w @ sizes), [len(sizes)], PARAMS), mean)


def percentile(draw: Draw, sizes: Numbers, mean: float, correlation: float) -> bool:
    """Whether the interval that was used before holds it."""
    right, groups = rights(draw, sizes, mean, correlation), len(sizes)
    drawn = draw.multinomial(groups, np.full(groups, 1 / groups), 399)
    level = norm.cdf(np.sqrt(groups / (groups - 1)) * t.ppf(0.025, groups - 1))
    return holds(tuple(np.quantile((drawn @ right) / (drawn @ sizes), [level, 1 - level])), mean)


def macro_f1(draw: Draw, sizes: Numbers, mean: float, correlation: float) -> bool:
    """Four classes, the first as frequent as the others together; a wrong face has any other class.

    With p the accuracy, q = (1 - p) / 3 and the classes' shares a, F1 of a class is
    2 a p / (a + a p + (1 - a) q).
    """
    share = np.array([1 / 2, 1 / 6, 1 / 6, 1 / 6])
    scale = (1 - correlation) / correlation if correlation else 1e6
    chances = draw.beta(mean * scale, (1 - mean) * scale, len(sizes))
    groups = np.repeat(np.arange(len(sizes)), sizes.astype(int))
    actual = draw.choice(4, len(groups), p=share)
    wrong = draw.random(len(groups)) >= chances[groups]
    confusions = np.zeros((len(sizes), 4, 4))
    shift = wrong * draw.integers(1, 4, len(groups))
    np.add.at(confusions, (groups, actual, (actual + shift) % 4), 1)
    f1 = 2 * share * mean / (share + share * mean + (1 - share) * (1 - mean) / 3)
    ends = interval(lambda w: macro_f1s(np.tensordot(w, confusions, 1)), [len(sizes)], PARAMS)
    return holds(ends, float(f1.mean()))


def loss(draw: Draw, sizes: Numbers, mean: float, correlation: float) -> bool:
    """Losses of mean 1 - `mean`, exponential with a mean of their group."""
    shape = 1 / correlation if correlation else 1e6
    levels = draw.gamma(shape, (1 - mean) / shape, len(sizes))
    sums = levels * draw.gamma(sizes)  # of so many exponential losses
    found = jackknife(lambda w: (w @ sums) / (w @ sizes), [len(sizes)])
    return holds(positive_interval(found, PARAMS), 1 - mean)


def latent(draw: Draw, sizes: Numbers, alike: tuple, shift: Numbers) -> Numbers:
    """Return how many faces of each group (groups, columns) a column gets right."""
    common, own, face = alike
    groups = np.repeat(np.arange(len(sizes)), sizes.astype(int))
    columns, faces = len(shift), len(groups)
    own, rest = np.array(own, float), 1 - common - np.array(own, float) - face
    level = np.sqrt(common) * draw.normal(size=len(sizes))[groups, None]
    level = level + np.sqrt(own) * draw.normal(size=(len(sizes), columns))[groups]
    level = level + np.sqrt(face) * draw.normal(size=(faces, 1))
    right = level + np.sqrt(rest) * draw.normal(size=(faces, columns)) < shift
    return np.add.reduceat(right.astype(float), np.r_[0, np.cumsum(sizes[:-1])].astype(int))


def seeds(draw: Draw, sizes: Numbers, mean: float, spread: float) -> bool:
    """Three seeds whose threshold has a standard deviation, over seeds, of `spread`."""
    shift = norm.ppf(mean) * np.sqrt(1 + spread**2) + spread * draw.normal(size=3)
    sums = latent(draw, sizes, (0.3, (0, 0, 0), 0.4), shift)

    def statistic(groups: Numbers, seed: Numbers) -> Numbers:
        return (groups @ sums * seed).sum(axis=1) / seed.sum(axis=1) / (groups @ sizes)

    return holds(interval(statistic, [len(sizes), 3], PARAMS), mean)


def difference(draw: Draw, sizes: Numbers, mean: float, alike: str) -> bool:
    """The second variant is better by 7 points."""
    a, b = latent(draw, sizes, ALIKE[alike], norm.ppf([mean, mean + 0.07])).T
    found = paired_difference(a - b, sizes, PARAMS, step=1)
    return holds((found.low, found.high), -0.07)


def alarm(draw: Draw, sizes: Numbers, mean: float, alike: str) -> bool:
    """Whether two variants of one accuracy seem to differ."""
    a, b = latent(draw, sizes, ALIKE[alike], norm.ppf([mean, mean])).T
    return paired_difference(a - b, sizes, PARAMS, step=1).p_value <= 0.05


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
