"""ResNet-50 in Keras, as the report trained it: the head first, then everything.

The backend is the one in KERAS_BACKEND, by default TensorFlow.
"""

import io
import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import ParamsError, SourceError
from mien.files import atomic
from mien.images import Picture
from mien.params import ResnetSettings, ResnetVariant
from mien.progress import say
from mien.train.card import read_card
from mien.train.dataset import batches

PACKAGES = ("keras", "tensorflow")
PREPROCESSING = {"colour": "RGB", "scale": 1.0, "mean": [0.0] * 3, "std": [1.0] * 3}
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)

Examples = tuple[NDArray[np.uint8], NDArray[np.int64]]


def quiet_keras(threads: int) -> None:
    """Import Keras with this many threads and without TensorFlow's chatter; only once a process."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    import keras

    keras.config.disable_traceback_filtering()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def train_resnet(
    variant: ResnetVariant,
    weights: str | Path,
    train: Examples,
    val: Examples,
    class_count: int,
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
    settings = variant.settings
    if not isinstance(weights, Path) and not settings.train_batch_norm:
        say("warning: random weights with BatchNorm kept as it is hardly learn; train_batch_norm")
    model = build(variant.image_size_px, class_count, settings)
    base = model.get_layer("resnet50")
    if isinstance(weights, Path):
        load_imagenet(base, weights)
    rows: list[dict[str, float]] = []
    for is_head, first, last, rate in (
        (True, 0, settings.head_epochs, settings.head_learning_rate),
        (False, settings.head_epochs, variant.epochs, settings.learning_rate),
    ):
        if first == last:
            continue
        base.trainable = not is_head
        model.compile(
            keras.optimizers.Adam(rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        model.fit(
            *train,
            batch_size=settings.batch,
            validation_data=val,
            initial_epoch=first,
            epochs=last,
            callbacks=_callbacks(settings, rows, variant.epochs),
            verbose=0,
        )
    history = pd.DataFrame(rows)
    if not np.isfinite(history.to_numpy()).all():
        raise ParamsError("the training diverged: a loss is no number; lower the learning rate")
    return model, history


def build(size_px: int, class_count: int, settings: ResnetSettings) -> Any:
    """Return the untrained model: RGB pictures of 0 to 255 in, probabilities out.

    Flip, rotation and ImageNet's means are layers of it, the first two active in training only.
    """
    import keras

    pictures = keras.Input((size_px, size_px, 3), name="pictures")
    flipped = keras.layers.RandomFlip("horizontal", name="flip")(pictures)
    turn = keras.layers.RandomRotation(
        settings.rotation_degrees / 360, fill_mode="nearest", name="rotation"
    )
    blue_green_red = keras.ops.take(turn(flipped), [2, 1, 0], axis=-1)
    offset = [-mean for mean in IMAGENET_MEAN_BGR]
    centred = keras.layers.Rescaling(1.0, offset, name="centre")(blue_green_red)
    base = keras.applications.ResNet50(
        include_top=False,
        weights=None,
        input_shape=(size_px, size_px, 3),
        pooling="avg",
        name="resnet50",
    )
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = settings.batch_norm_momentum
    mode = {} if settings.train_batch_norm else {"training": False}
    probabilities = keras.layers.Dense(class_count, activation="softmax", name="head")
    return keras.Model(pictures, probabilities(base(centred, **mode)), name="mien")


def load_imagenet(base: Any, path: Path) -> None:
    """Load the weights of Keras' own file for ResNet-50 without top, layer by layer.

    Raises SourceError unless its layers are named as those of the network are.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            found = {_text(name) for name in file.attrs.get("layer_names", ())}
            holding = {name for name in found if len(file[name].attrs["weight_names"])}
    except FileNotFoundError:
        raise SourceError(f"{path}: the file is missing; run snakemake to fetch it") from None
    except (OSError, KeyError):
        raise SourceError(f"{path}: not a file of Keras weights (HDF5)") from None
    wanted = {layer.name for layer in base.layers if layer.weights}
    if holding != wanted:
        strange = min(holding ^ wanted)
        where = "is not in the file" if strange in wanted else "is in the file but not the network"
        raise SourceError(
            f"{path}: not Keras' ResNet-50 without top, since its layer {strange!r} {where}; take "
            "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5 from keras-applications"
        )
    try:
        base.load_weights(path, by_name=True)
    except ValueError as error:
        raise SourceError(f"{path}: {' '.join(str(error).split())}") from None


def save_model(model: Any, path: Path) -> None:
    """Write the model as `.keras`, without the optimiser's state and without dates."""
    import keras

    with atomic(path) as temporary:
        keras.Model(model.inputs, model.outputs, name=model.name).save(temporary)
        _undate(temporary)


def predict(run: Path, pictures: Iterable[Picture]) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) of the crops, columns in the order of the card."""
    quiet_keras(int(os.environ.get("OMP_NUM_THREADS", "1")))
    import keras

    card = read_card(run)
    model = keras.models.load_model(run / "model.keras", compile=False)
    found = [np.empty((0, len(card.classes)), np.float32)]
    found += [model.predict_on_batch(batch) for batch in batches(pictures, card.image_size_px)]
    return np.concatenate(found)


def _callbacks(settings: ResnetSettings, rows: list[dict[str, float]], epochs: int) -> list[Any]:
    """Return what happens after each epoch: it is told and kept, then the rate may fall."""
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


def _undate(path: Path) -> None:
    """Rewrite a .keras file so that equal models are equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "metadata.json":
                kept = {k: v for k, v in json.loads(content).items() if k != "date_saved"}
                content = json.dumps(kept, sort_keys=True).encode()
            new.writestr(zipfile.ZipInfo(name), content)
    path.write_bytes(buffer.getvalue())


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
