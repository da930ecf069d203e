"""A probe is a logistic regression on features, as strong as unseen groups bear."""

import contextlib
import pickle
from pathlib import Path

import numpy as np
import pytest
import yaml
from training import EXPRESSIONS, Project, make_project
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import SourceError
from mien.params import ProbeSettings
from mien.train.card import read_card
from mien.train.probe import Targets, answer, fit_probe, predict, read_model

NUMBERS, FACES = 12, 200
SETTINGS = ProbeSettings()


def examples(classes: int = 3, groups: int = 40) -> tuple[np.ndarray, Targets]:
    """Return features in which each class has a direction of its own, and their targets."""
    random, labels = np.random.default_rng(0), np.arange(FACES) % classes
    features = random.normal(5, 1, (FACES, NUMBERS)) * 100
    features[np.arange(FACES), labels] += 250
    shares = np.eye(classes)[labels]
    group = np.array([f"group-{n % groups}" for n in range(FACES)], object)
    return features.astype(np.float32), Targets(shares, np.ones(FACES), group)


def right(features: np.ndarray, targets: Targets, **changes: object) -> float:
    settings = SETTINGS.model_copy(update=changes)
    model, _ = fit_probe(features, targets, settings, False)
    said = answer(features, model, False)
    assert said.sum(axis=1) == pytest.approx(1)
    return float((said.argmax(axis=1) == targets.shares.argmax(axis=1)).mean())


def test_it_learns_two_classes_or_more():
    for classes in (2, 3, 5):
        assert right(*examples(classes)) > 0.9


def test_fewer_components_than_features_are_enough_where_few_directions_count():
    assert right(*examples(), components=3) > 0.5
    assert right(*examples(), components=11) > 0.85


def test_noise_gets_the_weakest_strength_and_clear_groups_a_greater_one():
    features, targets = examples()
    noise = np.random.default_rng(1).normal(size=features.shape).astype(np.float32)
    weak, strong = (fit_probe(x, targets, SETTINGS, False)[1] for x in (noise, features))
    assert weak <= 0.003 < strong


def test_the_strength_is_chosen_with_groups_apart():
    """Every group has one look: what is learned of looks says nothing of another group."""
    groups = 20
    random = np.random.default_rng(0)
    looks = random.normal(size=(groups, 60)) * 3
    group = np.arange(FACES) % groups
    labels = group % 2
    features = (looks[group] + random.normal(size=(FACES, 60)) * 0.1).astype(np.float32)
    names = np.array([f"group-{n}" for n in group], object)
    apart = Targets(np.eye(2)[labels], np.ones(FACES), names)
    mixed = apart._replace(groups=np.arange(FACES).astype(str).astype(object))
    chosen = [fit_probe(features, one, SETTINGS, False)[1] for one in (apart, mixed)]
    assert chosen[0] < chosen[1]


def test_one_group_or_a_class_that_a_fold_lacks_is_no_fault():
    features, targets = examples()
    alone = targets._replace(groups=np.full(FACES, "all", object))
    assert right(features, alone) > 0.9
    by_class = np.array([f"group-{n}" for n in targets.shares.argmax(axis=1)], object)
    assert right(features, targets._replace(groups=by_class)) > 0.9


def test_weights_and_shares_move_the_boundary():
    features, targets = examples(2)
    even = answer(features, fit_probe(features, targets, SETTINGS, False)[0], False)[:, 0].mean()
    heavy = targets._replace(weights=np.where(targets.shares[:, 0] == 1, 5.0, 1.0))
    more = answer(features, fit_probe(features, heavy, SETTINGS, False)[0], False)[:, 0].mean()
    soft = targets._replace(shares=np.clip(targets.shares, 0.3, 0.7))
    said = answer(features, fit_probe(features, soft, SETTINGS, False)[0], False)
    assert more > even + 0.01
    assert 0.1 < said.min() < said.max() < 0.9


def test_each_class_may_be_answered_on_its_own():
    features, targets = examples(3)
    both = targets._replace(shares=np.maximum(targets.shares, [0, 0.5, 0]))
    model, _ = fit_probe(features, both, SETTINGS, True)
    said = answer(features, model, True)
    assert said[:, 1].min() > 0.15
    assert said.sum(axis=1).max() > 1.2
    never = targets._replace(shares=targets.shares * [1, 1, 0])
    assert answer(features, fit_probe(features, never, SETTINGS, True)[0], True)[:, 2].max() < 1e-9


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("probe"))
    params = yaml.safe_load(project.params.read_text())
    shared = {"labels": "consensus", "classes": None, "scheme": "paper-every5", "seeds": [0]}
    params["features"]["hog"] |= {"image_size_px": 32}
    params["variants"] = {
        "probe": {**shared, "family": "probe", "features": ["hog"], "cross_validate": False}
    }
    project.params.write_text(yaml.safe_dump(params))
    with contextlib.chdir(project.folder):
        asked = ["faces", "features", "--extractor", "hog", "--source", "drawn"]
        CliRunner().invoke(app, asked, catch_exceptions=False)
    project.train("probe/seed-0")
    return project


def test_a_run_leaves_a_card_and_equal_runs_are_equal_bytes(project: Project):
    run = project.folder / "models/probe/seed-0"
    assert sorted(path.name for path in run.iterdir()) == ["history.csv", "model.json", "model.npz"]
    card = read_card(run)
    assert (card.family, card.epochs, card.weights) == ("probe", None, None)
    assert [told["name"] for told in card.features] == ["hog"]
    assert [view.size_px for view in card.views] == [32]
    before = (run / "model.npz").read_bytes()
    project.train("probe/seed-0", "--threads", "2")
    assert (run / "model.npz").read_bytes() == before


def test_it_predicts_the_faces_that_validate_it(project: Project):
    with contextlib.chdir(project.folder):
        asked = ["evaluate", "predict", "--run", "models/probe/seed-0"]
        CliRunner().invoke(app, asked, catch_exceptions=False)
        lines = Path("metrics/runs/probe/seed-0/predictions.csv").read_text().splitlines()
    assert len(lines) == 1 + 10
    assert [f"p_{name}" in lines[0] for name in EXPRESSIONS] == [True, True]


def test_a_model_that_is_none_is_refused_and_runs_nothing(project: Project, tmp_path: Path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    for name, content in (("text", b"no model"), ("pickle", pickle.dumps(Trap()))):
        (tmp_path / name).write_bytes(content)
    np.savez(tmp_path / "objects.npz", weights=np.array([Trap()]), offsets=np.zeros(2))
    for name in ("text", "pickle", "objects.npz", "gone"):
        with pytest.raises(SourceError, match="not the model of a probe; delete it, run snakemake"):
            read_model(tmp_path / name)
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(SourceError, match="was trained on 324 features, but faces have 7"):
        predict(project.folder / "models/probe/seed-0", np.zeros((2, 7), np.float32), 1)
