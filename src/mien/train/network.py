"""The network ResNet-50: built in Keras, given ImageNet's weights, written as a file."""

import atexit
import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from mien.errors import SourceError
from mien.files import atomic
from mien.params import ResnetSettings

BASE = "resnet50"
DECIDING = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED")
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)


def quiet_keras(threads: int, backend: str = "tensorflow") -> None:
    """Import Keras with this many threads and without TensorFlow's chatter; only once a process.

    Neither the user's keras.json nor environment variables decide how it computes.
    """
    if "keras" not in sys.modules:
        folder = tempfile.mkdtemp(prefix="mien-keras-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ |= {"KERAS_HOME": folder, "KERAS_BACKEND": backend}
        for name in DECIDING:
            os.environ.pop(name, None)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # a GPU may have several trainings
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def build(
    size_px: int, class_count: int, settings: ResnetSettings, activation: str = "softmax"
) -> Any:
    """Return the untrained model: RGB pictures of 0 to 255 in, probabilities out.

    It subtracts ImageNet's means itself; it does not augment. The activation of the head is softmax
    for one class of all, sigmoid for each class on its own.
    """
    import keras

    shape = (size_px, size_px, 3)
    base = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=shape, pooling="avg", name=BASE
    )
    for layer in norms(base):
        layer.momentum = settings.batch_norm_momentum
    pictures = keras.Input(shape, name="pictures")
    blue_green_red = keras.ops.take(pictures, [2, 1, 0], axis=-1)
    offset = [-mean for mean in IMAGENET_MEAN_BGR]
    features = base(keras.layers.Rescaling(1.0, offset, name="centre")(blue_green_red))
    head = keras.layers.Dense(class_count, activation=activation, name="head")
    return keras.Model(pictures, head(features), name="mien")


def norms(base: Any) -> list[Any]:
    """Return the BatchNorm layers."""
    import keras

    return [x for x in base.layers if isinstance(x, keras.layers.BatchNormalization)]


def load_imagenet(base: Any, path: Path) -> None:
    """Load the weights of Keras' own file for ResNet-50 without top, layer by layer.

    Raises SourceError unless its layers have the names of the network's layers.
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
        _settle(temporary)


def read_network(path: Path) -> Any:
    """Return the model of a `.keras` file without running code that the file contains.

    Raises SourceError when the file is no model, or contains code such as a Lambda layer.
    """
    import keras

    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever Keras raises on a file that is no model
        reason = " ".join(str(error).split())[:160]
        raise SourceError(f"{path}: not a model that Keras can read safely ({reason})") from None


def _settle(path: Path) -> None:
    """Rewrite a .keras file without dates and addresses, so that equal models are equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name.endswith(".json"):
                described = json.loads(content, object_pairs_hook=_Numbered())
                described.pop("date_saved", None)
                content = json.dumps(described).encode()
            new.writestr(zipfile.ZipInfo(name), content)
    path.write_bytes(buffer.getvalue())


class _Numbered:
    """Reads JSON objects; numbers what Keras names by its address in memory."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if "shared_object_id" in found:
            address = found["shared_object_id"]
            found["shared_object_id"] = self.numbers.setdefault(address, len(self.numbers))
        return found


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
