"""Classifiers of ultralytics: trained from an image folder, and asked without its predictor."""

from collections.abc import Iterable
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.checkpoint import read_checkpoint
from mien.errors import ParamsError, SourceError
from mien.files import atomic
from mien.images import Picture
from mien.params import YoloVariant
from mien.progress import say
from mien.quiet import quiet_ultralytics
from mien.train.card import read_card
from mien.train.dataset import batches, unpack
from mien.train.run import Run
from mien.train.settings import architecture, check_yolo
from mien.train.targets import Targets

MODEL = "model.pt"
PACKAGES = ("torch", "torchvision", "ultralytics")
PREPROCESSING = {"colour": "RGB", "scale": 1 / 255, "mean": [0.0] * 3, "std": [1.0] * 3}


def fit(run: Run[YoloVariant], threads: int) -> pd.DataFrame:
    """Train a run, write its model into its folder, and return the history by epoch."""
    variant = run.variant
    check_yolo(run.name, variant)
    with TemporaryDirectory(prefix="mien-yolo-") as name:
        pictures, scratch = Path(name, "faces"), Path(name, "ultralytics")
        unpack(run.faces, run.shards, pictures, variant.view, run.found.margin)
        if run.is_final:
            (pictures / "val").symlink_to("train")
        checkpoint, history = train_yolo(
            variant, run.start, pictures, run.targets, run.seed, threads, scratch
        )
        save_model(checkpoint, run.folder / MODEL, variant)
    return history


def train_yolo(
    variant: YoloVariant,
    weights: str | Path,
    folder: Path,
    targets: Targets,
    seed: int,
    threads: int,
    scratch: Path,
) -> tuple[Path, pd.DataFrame]:
    """Return the path of ultralytics' checkpoint in `scratch`, and the history of the run.

    The pictures are `folder/{train,val}/<class>/<face_id>.png`; `targets` has each of these faces.
    A GPU is used where there is one; `threads` is the number of CPU threads in any case. Raises
    ParamsError for a setting that ultralytics refuses, SourceError for weights that are no
    classifier of ultralytics.
    """
    quiet_ultralytics()
    import torch

    from mien.train.yolo_trainer import TargetTrainer

    if isinstance(weights, Path):
        _refuse_strangers(weights)
    overrides = _overrides(variant, weights, folder, seed, threads, scratch)
    _refuse_batch_of_one(variant, sum(1 for _ in folder.glob("train/*/*.png")))
    trainer = TargetTrainer(variant, targets, overrides)
    history: list[dict[str, float]] = []

    def tell(trainer: Any) -> None:
        history.append(_epoch(trainer))
        row = history[-1]
        say(
            f"epoch {row['epoch']} of {variant.epochs}: train loss {row['train_loss']:.4f}, "
            f"val loss {row['val_loss']:.4f}, val accuracy {row['val_accuracy']:.4f}"
        )

    # choosing a device resets the threads, and so does the second validation after the last epoch
    trainer.add_callback("on_train_start", lambda _: torch.set_num_threads(threads))
    trainer.add_callback("on_fit_epoch_end", tell)
    trainer.final_eval = lambda: None
    trainer.train()
    return trainer.best if variant.checkpoint == "best" else trainer.last, pd.DataFrame(history)


def save_model(checkpoint: Path, path: Path, variant: YoloVariant) -> None:
    """Write the averaged weights as an ultralytics model: no optimiser, no dates, no paths."""
    quiet_ultralytics()
    import torch

    from mien.train.yolo_trainer import TargetLoss

    with torch.serialization.safe_globals([TargetLoss]):
        model = read_checkpoint(checkpoint)["ema"].half()
    model.requires_grad_(False)
    model.criterion = None
    if file := model.yaml.get("yaml_file"):
        model.yaml["yaml_file"] = Path(file).name
    arguments = {"task": "classify", "imgsz": variant.image_size_px, **variant.settings}
    model.args = arguments
    content = {"model": model, "train_args": arguments, "version": version("ultralytics")}
    buffer = BytesIO()  # torch writes a file's name into it, and the temporary one is random
    torch.save(content, buffer)
    with atomic(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def predict(run: Path, pictures: Iterable[Picture], threads: int) -> NDArray[np.float32]:
    """Return the probabilities (n, classes) of faces as the run's view shows them, BGR.

    Columns are in the order of the card. Those of a run of `multi_label` do not sum to 1.
    """
    quiet_ultralytics()
    import torch

    torch.set_num_threads(threads)
    card = read_card(run)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = read_checkpoint(run / MODEL)["model"].to(device).float().eval()
    columns = {name: column for column, name in model.names.items()}
    found = [np.empty((0, len(columns)), np.float32)]
    with torch.inference_mode():
        for batch in batches(pictures):
            tensor = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2).float() / 255
            probabilities, logits = model(tensor)
            found.append((logits.sigmoid() if card.multi_label else probabilities).cpu().numpy())
    return np.concatenate(found)[:, [columns[name] for name in card.classes]]


def _overrides(
    variant: YoloVariant, weights: str | Path, folder: Path, seed: int, threads: int, scratch: Path
) -> dict[str, Any]:
    """Return the arguments of ultralytics' trainer; the variant's own settings come first."""
    from ultralytics.cfg import get_cfg

    overrides = {
        "amp": False,  # its check of the GPU would download a model
        **variant.settings,
        "model": str(weights if isinstance(weights, Path) else architecture(weights)),
        "data": str(folder),
        "epochs": variant.epochs,
        "imgsz": variant.image_size_px,
        "seed": seed,
        "deterministic": True,
        "workers": threads - 1,  # beside the one that trains; without a GPU there are none
        "project": str(scratch),
        "name": "run",
        "exist_ok": True,
        "plots": False,
        "verbose": False,
    }
    try:
        get_cfg(overrides=overrides)
    except (TypeError, ValueError) as error:
        raise ParamsError(
            f"ultralytics refuses a setting: {' '.join(str(error).split())}"
        ) from None
    return overrides


def _refuse_batch_of_one(variant: YoloVariant, faces: int) -> None:
    """Raise ParamsError when the last batch has one tiny picture, which BatchNorm cannot handle."""
    batch = variant.settings.get("batch", 16)
    if variant.image_size_px < 64 and isinstance(batch, int) and faces > 1 and faces % batch == 1:
        raise ParamsError(
            f"{faces} faces in batches of {batch} leave a last batch of 1, which is too small at "
            f"{variant.image_size_px} px; set settings.batch to {batch + 1}"
        )


def _epoch(trainer: Any) -> dict[str, float]:
    """Return the row of the history for the epoch that ended."""
    rates = [g["lr"] for g in trainer.optimizer.param_groups if g.get("param_group") == "weight"]
    return {
        "epoch": trainer.epoch + 1,
        "train_loss": float(trainer.tloss["loss"]),
        "val_loss": float(trainer.metrics["val/loss"]),
        "val_accuracy": float(trainer.metrics["metrics/accuracy_top1"]),
        "learning_rate": float(rates[0]),
    }


def _refuse_strangers(weights: Path) -> None:
    """Raise SourceError unless the file holds a classifier of ultralytics."""
    from ultralytics.nn.tasks import ClassificationModel

    if not weights.is_file():
        raise SourceError(f"{weights}: the file is missing; run snakemake to fetch it")
    found = read_checkpoint(weights)
    model = found.get("ema") or found["model"]
    if not isinstance(model, ClassificationModel):
        task = getattr(model, "task", "of another kind")
        raise SourceError(f"{weights}: a model for the task {task}; it must classify")
