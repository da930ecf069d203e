"""ResNet-50 in Keras on TensorFlow, as the report trained it: the head first, then everything."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import ParamsError
from mien.images import Picture
from mien.params import ResnetSettings, ResnetVariant
from mien.progress import say
from mien.train.card import read_card
from mien.train.dataset import batches
from mien.train.network import (
    BASE,
    build,
    load_imagenet,
    norms,
    quiet_keras,
    read_network,
    save_model,
)
from mien.train.run import Examples, Run, examples_of
from mien.train.targets import GENTLE

MODEL = "model.keras"
PACKAGES = ("keras", "tensorflow")
PREPROCESSING = {"colour": "RGB", "scale": 1.0, "mean": [0.0] * 3, "std": [1.0] * 3}


def fit(run: Run[ResnetVariant], threads: int) -> pd.DataFrame:
    """Train a run, write its model into its folder, and return the history by epoch."""
    train, val = examples_of(run, "train"), examples_of(run, "val")
    model, history = train_resnet(run.variant, run.start, train, val, run.seed, threads)
    save_model(model, run.folder / MODEL)
    return history


def train_resnet(
    variant: ResnetVariant,
    weights: str | Path,
    train: Examples,
    val: Examples,
    seed: int,
    threads: int,
) -> tuple[Any, pd.DataFrame]:
    """Return the Keras model with the last epoch's weights, and the history of the run.

    For `head_epochs` only the new head learns, then everything; the learning rate falls after
    `patience` epochs without a better validation loss. BatchNorm keeps its statistics unless the
    settings train it. Raises ParamsError when the training diverges.
    """
    quiet_keras(threads)
    import keras

    keras.utils.set_random_seed(seed)
    settings, head_epochs = variant.settings, variant.settings.head_epochs
    activation = "sigmoid" if variant.multi_label else "softmax"
    model = build(variant.image_size_px, train.targets.shape[1], settings, activation)
    initialise(model, weights, settings)
    learner = augmented(model, variant)
    rows: list[dict[str, float]] = []
    for is_head_only, first, last, rate in (
        (True, 0, head_epochs, settings.head_learning_rate),
        (False, head_epochs, variant.epochs, settings.learning_rate),
    ):
        if first < last:
            open_for_training(model, is_head_only, settings)
            _compile(learner, rate, variant.multi_label)
            learner.fit(
                train.pictures,
                train.targets,
                sample_weight=train.weights,
                batch_size=settings.batch,
                validation_data=(val.pictures, val.targets),
                initial_epoch=first,
                epochs=last,
                callbacks=_callbacks(settings, rows, variant.epochs),
                verbose=0,
            )
    return model, history_of(rows)


def initialise(model: Any, weights: str | Path, settings: ResnetSettings) -> None:
    """Load the weights of a file; warn of random weights that cannot learn."""
    if isinstance(weights, Path):
        load_imagenet(model.get_layer(BASE), weights)
    elif not settings.train_batch_norm:
        say("warning: random weights hardly learn with BatchNorm kept as it is; train_batch_norm")


def augmented(model: Any, variant: ResnetVariant) -> Any:
    """Return the model behind the variant's random changes; both share their weights."""
    import keras

    layers = keras.layers
    flip = layers.RandomFlip("horizontal")
    if variant.augmentation == "recipe":
        turn = layers.RandomRotation(variant.settings.rotation_degrees / 360, fill_mode="nearest")
        changes = [flip, turn]
    else:
        shift, zoom, light = GENTLE["shift"], GENTLE["zoom"], GENTLE["light"]
        changes = [
            flip,
            layers.RandomRotation(GENTLE["degrees"] / 360, fill_mode="nearest"),
            layers.RandomTranslation(shift, shift, fill_mode="nearest"),
            layers.RandomZoom(zoom, fill_mode="nearest"),
            layers.RandomBrightness(light),
            layers.RandomContrast(light, value_range=(0, 255)),
        ]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *changes, model])


def open_for_training(model: Any, is_head_only: bool, settings: ResnetSettings) -> None:
    """Let the head learn alone, or all layers; of BatchNorm only if the settings train it.

    A BatchNorm that cannot learn keeps its statistics too, which a call with `training=False`
    does not achieve: `fit` overrides it.
    """
    base = model.get_layer(BASE)
    base.trainable = not is_head_only
    for layer in norms(base):
        layer.trainable = settings.train_batch_norm and not is_head_only


def history_of(rows: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Return the table of the epochs; raise ParamsError when a loss is not finite."""
    history = pd.DataFrame(rows)
    if not np.isfinite(history.to_numpy()).all():
        epoch = int(np.isfinite(history).all(axis=1).argmin()) + 1
        raise ParamsError(f"the training diverged in epoch {epoch}; lower the learning rate")
    return history


def predict(run: Path, pictures: Iterable[Picture], threads: int) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) of faces as the run's view shows them, BGR.

    Columns are in the order of the card. Those of a run of `multi_label` do not sum to 1.
    """
    quiet_keras(threads)
    card = read_card(run)
    model = read_network(run / MODEL)
    found = [np.empty((0, len(card.classes)), np.float32)]
    found += [model.predict_on_batch(batch) for batch in batches(pictures)]
    return np.concatenate(found)


def _compile(learner: Any, rate: float, multi_label: bool) -> None:
    """Prepare a phase: Keras looks up here which layers may learn."""
    import keras

    learner.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="binary_crossentropy" if multi_label else "categorical_crossentropy",
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )


def _callbacks(settings: ResnetSettings, rows: list[dict[str, float]], epochs: int) -> list[Any]:
    """Return the callbacks of each epoch: print and keep its row, then lower the rate if needed."""
    import keras

    class Tell(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            rows.append(
                {
                    "epoch": epoch + 1,
                    "train_loss": logs["loss"],
                    "train_accuracy": logs["accuracy"],
                    "val_loss": logs["val_loss"],
                    "val_accuracy": logs["val_accuracy"],
                    "learning_rate": float(self.model.optimizer.learning_rate),
                }
            )
            say(
                f"epoch {epoch + 1} of {epochs}: train loss {logs['loss']:.4f}, "
                f"val loss {logs['val_loss']:.4f}, val accuracy {logs['val_accuracy']:.4f}"
            )

    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=settings.plateau_factor, patience=settings.patience, min_delta=0.0
    )
    return [Tell(), plateau, keras.callbacks.TerminateOnNaN()]
