"""The report's recipe: the head first, then everything, BatchNorm as it came."""

import json
import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from training import EXPRESSIONS, Project

from mien.errors import ParamsError, SourceError
from mien.images import resize
from mien.params import ResnetSettings, ResnetVariant, load
from mien.tables import read_csv
from mien.train.card import read_card
from mien.train.network import (
    BASE,
    build,
    load_imagenet,
    norms,
    quiet_keras,
    read_network,
    save_model,
)
from mien.train.resnet import (
    augmented,
    history_of,
    initialise,
    open_for_training,
    predict,
    train_resnet,
)
from mien.train.run import Examples
from mien.train.tables import HISTORY
from mien.view import View

pytestmark = pytest.mark.xdist_group("resnet")  # one worker, since the run is trained once
PAPER = Path(__file__).parents[2] / "examples" / "paper" / "params.yaml"
STATISTICS = ("moving_mean", "moving_variance")


@pytest.fixture(scope="module")
def network() -> Any:
    with suppress(ImportError):
        import triton  # noqa: F401  # after TensorFlow it would abort the process, and torch needs it
    quiet_keras(1)
    import keras

    keras.utils.set_random_seed(0)
    return build(32, 2, ResnetSettings())


@pytest.fixture(scope="module")
def weights(project: Project, network: Any) -> Path:
    """A file in the layout of Keras' own, with statistics that training would move."""
    path = project.folder / "data" / "weights" / "notop.h5"
    path.parent.mkdir()
    write_layers(path, network.get_layer(BASE).layers)
    return path


@pytest.fixture(scope="module")
def run(project: Project, weights: Path) -> Path:
    assert weights.is_file()
    result = project.train("small-resnet/seed-0")
    assert result.exit_code == 0
    folder = project.folder / "models" / "small-resnet" / "seed-0"
    (folder / "log").write_text(result.stderr)
    return folder


@dataclass
class Phase:
    """What a call of Keras' `fit` was given."""

    epochs: tuple[int, int]
    optimizer: str
    learning_rate: float
    loss: Any
    learning: set[str]


@pytest.fixture(scope="module")
def recipe(network: Any) -> tuple[list[Phase], pd.DataFrame]:
    """The phases of the report's recipe and their history, without the arithmetic of 50 epochs.

    In place of the training, the first phase's validation loss falls by a millionth an epoch and
    the second's stands still; all callbacks are told so, as `fit` does.
    """
    import keras

    phases = []

    def fit(learner: Any, *_: Any, initial_epoch: int, epochs: int, **given: Any) -> None:
        optimizer = learner.optimizer
        rate = float(optimizer.learning_rate)
        learning = {weight.path.split("/")[-2] for weight in learner.trainable_weights}
        kind = type(optimizer).__name__
        phases.append(Phase((initial_epoch, epochs), kind, rate, learner.loss, learning))
        callbacks = keras.callbacks.CallbackList(given["callbacks"], model=learner)
        callbacks.on_train_begin()
        logs = {"loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.5}
        for epoch in range(initial_epoch, epochs):
            val_loss = 1 - 1e-6 * epoch if initial_epoch == 0 else 1.0
            callbacks.on_epoch_end(epoch, logs | {"val_loss": val_loss})

    picture = Examples(
        np.zeros((1, *network.input_shape[1:]), np.uint8),
        np.eye(2, dtype=np.float32)[:1],
        np.ones(1),
    )
    variant = load(PAPER).variants["resnet50-160"].model_copy(update={"image_size_px": 32})
    assert isinstance(variant, ResnetVariant)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "fit", fit)
        _, history = train_resnet(variant, "random", picture, picture, 0, 1)
    return phases, history


def write_layers(path: Path, layers: list[Any]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                shift = 0.01 if weight.name in STATISTICS else 0.0
                group[name] = weight.numpy() + shift


def test_a_run_is_the_same_again_whatever_the_users_settings_and_the_environment(
    project: Project, run: Path, tmp_path: Path
) -> None:
    (tmp_path / ".keras").mkdir()
    users = {"floatx": "float16", "epsilon": 0.1, "backend": "torch"}
    (tmp_path / ".keras/keras.json").write_text(
        json.dumps(users | {"image_data_format": "channels_first"})
    )
    given = {"HOME": str(tmp_path), "KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "1"}
    project.copy(tmp_path)
    command = project.command("small-resnet/seed-0")
    train = [sys.executable, "-P", "-c", "from mien.cli import main; main()", *command]
    subprocess.run(train, cwd=tmp_path, env={**os.environ, **given}, check=True)
    elsewhere = tmp_path / "models" / "small-resnet" / "seed-0"
    assert (run / "history.csv").read_bytes() == (elsewhere / "history.csv").read_bytes()
    crops = [resize(crop, 32) for crop in project.crops.values()]
    assert np.array_equal(predict(run, crops, 1), predict(elsewhere, crops, 1))


def loaded(run: Path) -> Any:
    import keras

    return keras.models.load_model(run / "model.keras", compile=False)


def test_the_recipe_is_ten_epochs_of_the_head_and_forty_of_everything(
    recipe: tuple[list[Phase], pd.DataFrame],
) -> None:
    head, everything = recipe[0]
    assert (head.epochs, everything.epochs) == ((0, 10), (10, 50))
    assert head.learning == {"head"}
    assert len(everything.learning) == 53 + 1  # the convolutions of ResNet-50, and the head
    assert not any(name.endswith("_bn") for name in everything.learning)


def test_the_recipe_learns_by_adam_and_cross_entropy(
    recipe: tuple[list[Phase], pd.DataFrame],
) -> None:
    for phase, rate in zip(recipe[0], (1e-4, 1e-5), strict=True):
        assert phase.optimizer == "Adam"
        assert phase.learning_rate == pytest.approx(rate)
        assert "categorical_crossentropy" in str(phase.loss)


def test_the_rate_is_divided_by_five_after_five_epochs_without_a_better_validation_loss(
    recipe: tuple[list[Phase], pd.DataFrame],
) -> None:
    """In the second phase the first epoch is the best, so the sixth to come has a fifth."""
    rates = recipe[1]["learning_rate"].tolist()
    assert rates[:10] == pytest.approx([1e-4] * 10)  # it got better all the time
    steps = [6] + [5] * 6 + [4]  # epochs at each rate
    expected = [1e-5 / 5**step for step, epochs in enumerate(steps) for _ in range(epochs)]
    assert rates[10:] == pytest.approx(expected, rel=1e-5)


def test_the_phases_have_their_learning_rates(run: Path) -> None:
    history = read_csv(run / "history.csv", HISTORY)
    assert list(history["epoch"]) == [1, 2]
    assert list(history["learning_rate"]) == [0.0001, 0.00001]  # the report's section 2.2
    lines = [line for line in (run / "log").read_text().splitlines() if line.startswith("epoch")]
    assert lines == [
        f"epoch {row.epoch} of 2: train loss {row.train_loss:.4f}, val loss {row.val_loss:.4f}, "
        f"val accuracy {row.val_accuracy:.4f}"
        for row in history.itertuples()
    ]


def test_the_head_learns_alone_and_then_all_but_batch_norm(network: Any) -> None:
    settings = ResnetSettings()
    open_for_training(network, True, settings)
    assert [weight.path for weight in network.trainable_weights] == ["head/kernel", "head/bias"]
    open_for_training(network, False, settings)
    names = {weight.path.split("/")[-2] for weight in network.trainable_weights}
    assert len(names) == 53 + 1  # the convolutions of ResNet-50, and the head
    assert not any(name.endswith("_bn") for name in names)
    open_for_training(network, False, ResnetSettings(train_batch_norm=True))
    assert len(network.trainable_weights) == 53 * 4 + 2  # kernel, bias, gamma, beta


def test_training_moves_the_convolutions_but_not_batch_norm(run: Path, weights: Path) -> None:
    base = loaded(run).get_layer(BASE)
    moved = set()
    with h5py.File(weights) as file:
        for layer in base.layers:
            for weight in layer.weights:
                before = file[f"{layer.name}/{layer.name}/{weight.name}:0"][:]
                if not np.array_equal(before, weight.numpy()):
                    moved.add(layer.name.rsplit("_", 1)[1])
    assert moved == {"conv"}


def test_the_run_is_complete_and_its_card_names_the_classes(run: Path) -> None:
    names = {"history.csv", "model.json", "model.keras"}
    assert {path.name for path in run.iterdir()} - {"log"} == names
    card = read_card(run)
    assert list(card.classes) == EXPRESSIONS
    assert (card.family, card.weights, card.views) == ("resnet", "notop.h5", [View(32)])
    assert card.settings["head_learning_rate"] == 0.0001


def test_the_stored_model_predicts_what_was_validated(project: Project, run: Path) -> None:
    ids = [f"face-{number}" for number in range(20, 30)]
    pictures = [resize(project.crops[name], 32) for name in ids]
    probabilities = predict(run, pictures, 1)
    truth = [EXPRESSIONS.index(project.labels[name]) for name in ids]
    last = read_csv(run / "history.csv", HISTORY).iloc[-1]
    assert (probabilities.argmax(axis=1) == truth).mean() == pytest.approx(last["val_accuracy"])
    loss = -np.log(probabilities[np.arange(10), truth]).mean()
    assert loss == pytest.approx(last["val_loss"], abs=1e-4)
    assert np.array_equal(probabilities, predict(run, pictures, 1))
    assert predict(run, [], 1).shape == (0, 2)


def test_the_model_takes_what_keras_preprocessing_gives(network: Any) -> None:
    """Blue green red less ImageNet's means, by keras.applications' own function."""
    import keras

    picture = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype(np.float32)
    expected = keras.applications.resnet50.preprocess_input(picture.copy())
    inner = keras.Model(network.input, network.get_layer("centre").output)
    assert np.allclose(inner.predict_on_batch(picture), expected, atol=1e-4)


@pytest.mark.parametrize("augmentation", ["recipe", "gentle"])
def test_augmentation_changes_pictures_in_training_only(
    project: Project, network: Any, augmentation: str
) -> None:
    import keras

    variant = load(project.params).variants["small-resnet"]
    learner = augmented(network, variant.model_copy(update={"augmentation": augmentation}))
    turn = keras.Sequential(learner.layers[:-1])
    picture = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    assert np.array_equal(turn(picture, training=False), picture)
    assert not np.allclose(turn(picture, training=True), picture, atol=0.1)


def test_the_momentum_of_batch_norm_is_that_of_the_settings(run: Path) -> None:
    assert {layer.momentum for layer in norms(loaded(run).get_layer(BASE))} == {0.99}


def test_equal_models_are_equal_bytes(network: Any, tmp_path: Path) -> None:
    save_model(network, tmp_path / "a.keras")
    save_model(network, tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_imagenets_weights_are_found_by_name(network: Any, tmp_path: Path) -> None:
    """A file whose layers stand in another order gives every layer its own."""
    path = tmp_path / "reversed.h5"
    write_layers(path, network.get_layer(BASE).layers[::-1])
    base = build(32, 2, ResnetSettings()).get_layer(BASE)
    load_imagenet(base, path)
    with h5py.File(path) as file:
        for layer in base.layers:
            for weight in layer.weights:
                stored = file[f"{layer.name}/{layer.name}/{weight.name}:0"][:]
                assert np.array_equal(weight.numpy(), stored), layer.name


def refusal(network: Any, path: Path) -> str:
    with pytest.raises(SourceError) as error:
        load_imagenet(network.get_layer(BASE), path)
    return str(error.value)


def test_the_weights_of_another_network_are_refused(network: Any, tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    write_layers(path, network.get_layer(BASE).layers[:-20])
    assert refusal(network, path) == (
        f"{path}: not Keras' ResNet-50 without top, since its layer 'conv5_block2_1_bn' is not in "
        "the file; take resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5 from "
        "keras-applications"
    )


def test_weights_of_another_shape_are_refused(network: Any, weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "grey.h5"
    path.write_bytes(weights.read_bytes())
    with h5py.File(path, "r+") as file:
        kernel = file["conv1_conv/conv1_conv/kernel:0"][:, :, :1]
        del file["conv1_conv/conv1_conv/kernel:0"]
        file["conv1_conv/conv1_conv/kernel:0"] = kernel
    text = refusal(network, path)
    assert text.startswith(f"{path}: ") and "(7, 7, 1, 64)" in text and "\n" not in text


def test_a_file_that_holds_no_weights_is_refused(network: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.h5"
    assert refusal(network, path) == f"{path}: the file is missing; run snakemake to fetch it"
    path.write_text("<html>not found</html>")
    assert refusal(network, path) == f"{path}: not a file of Keras weights (HDF5)"
    h5py.File(path, "w").close()
    assert "not Keras' ResNet-50 without top" in refusal(network, path)


def test_random_weights_that_cannot_learn_are_warned_of(
    network: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    initialise(network, "random", ResnetSettings(train_batch_norm=True))
    assert capsys.readouterr().err == ""
    initialise(network, "random", ResnetSettings())
    assert capsys.readouterr().err == (
        "warning: random weights hardly learn with BatchNorm kept as it is; train_batch_norm\n"
    )


def test_a_training_that_diverged_is_refused() -> None:
    rows = [{"epoch": 1, "train_loss": 1.2}, {"epoch": 2, "train_loss": float("nan")}]
    assert len(history_of(rows[:1])) == 1
    with pytest.raises(ParamsError) as error:
        history_of(rows)
    assert str(error.value) == "the training diverged in epoch 2; lower the learning rate"


def test_each_expression_has_a_sigmoid_and_a_weight_of_nothing_teaches_nothing(
    project: Project, network: Any
) -> None:
    """Half of the pictures say neither, half both and weigh nothing: the network learns neither."""
    assert network is not None  # Keras is there
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)
    both = np.repeat([[0, 0], [1, 1]], 4, axis=0).astype(np.float32)
    examples = Examples(pictures, both, np.repeat([1, 0], 4).astype(np.float32))
    settings = ResnetSettings(head_epochs=3, head_learning_rate=0.1, batch=8)
    changes = {"multi_label": True, "labels": "shares", "settings": settings, "epochs": 3}
    variant = load(project.params).variants["small-resnet"].model_copy(update=changes)
    assert isinstance(variant, ResnetVariant)
    model, history = train_resnet(variant, "random", examples, examples, 0, 1)
    chances = model.predict_on_batch(pictures)
    assert chances.sum(axis=1).max() < 0.9  # softmax would give 1
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]


def rewritten(path: Path, layer: dict[str, Any]) -> Path:
    """Return the model with its last layer's description replaced by another."""
    to = path.with_name("evil.keras")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                described = json.loads(content)
                described["config"]["layers"][-1] |= layer
                content = json.dumps(described).encode()
            new.writestr(name, content)
    return to


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("kind", ["a lambda", "a call", "an activation"])
def test_nothing_in_a_model_runs(tmp_path: Path, kind: str) -> None:
    import keras

    command = f"touch {tmp_path / 'trace'}"
    pictures = keras.Input((4,))
    call = {"module": "os", "class_name": "function", "config": "system"}
    if kind == "a lambda":
        layer = keras.layers.Lambda(lambda x: (__import__("os").system(command), x)[1])
    else:
        layer = keras.layers.ReLU()
    keras.Model(pictures, layer(pictures)).save(tmp_path / "model.keras")
    (tmp_path / "trace").unlink(missing_ok=True)
    path = {
        "a lambda": lambda path: path,
        "a call": lambda path: rewritten(
            path, {"module": "os", "class_name": "system", "config": {"command": command}}
        ),
        "an activation": lambda path: rewritten(
            path, {"class_name": "Activation", "config": {"name": "a", "activation": call}}
        ),
    }[kind](tmp_path / "model.keras")
    with pytest.raises(SourceError, match=r"\.keras: not a model that Keras can read safely"):
        read_network(path)
    assert not (tmp_path / "trace").exists()


@pytest.mark.usefixtures("network")
def test_what_is_no_model_of_keras_is_said(tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(b"PK")
    with pytest.raises(SourceError, match="not a model that Keras can read safely"):
        read_network(tmp_path / "model.keras")
