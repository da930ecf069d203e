"""A trainer of ultralytics that learns a target for every class of every face.

Import it only after `quiet_ultralytics`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torchvision import transforms
from ultralytics.data.dataset import ClassificationDataset
from ultralytics.engine import trainer as engine
from ultralytics.models.yolo.classify import ClassificationTrainer

from mien.params import YoloVariant
from mien.train.targets import GENTLE, Targets

engine.check_amp = lambda _: True  # it would try the yolo26n.pt of the working folder

Batch = dict[str, torch.Tensor]


class TargetTrainer(ClassificationTrainer):  # type: ignore[misc]
    """Trains on the targets and weights of the faces that the pictures are named after."""

    def __init__(self, variant: YoloVariant, targets: Targets, overrides: dict[str, Any]) -> None:
        self.variant = variant
        self.targets = targets
        super().__init__(overrides=overrides)

    def build_dataset(self, img_path: str, mode: str = "train", batch: Any = None) -> "TargetFaces":
        """Return the pictures of one part, as ultralytics asks for them."""
        dataset: TargetFaces = super().build_dataset(img_path, mode, batch)
        dataset.__class__ = TargetFaces
        dataset.give_targets(self.targets)
        if mode == "train" and self.variant.augmentation == "gentle":
            dataset.torch_transforms = gentle(self.variant.image_size_px)
        return dataset

    def get_model(self, *args: Any, **kwargs: Any) -> Any:
        """Return ultralytics' model with our loss."""
        model = super().get_model(*args, **kwargs)
        model.criterion = TargetLoss(self.variant.multi_label)
        return model


class TargetFaces(ClassificationDataset):  # type: ignore[misc]
    """Pictures with `target` (classes) and `weight` beside ultralytics' `img` and `cls`."""

    def give_targets(self, targets: Targets) -> None:
        """Take the row of every picture's face, in the order of the pictures."""
        faces = [Path(sample[0]).stem for sample in self.samples]
        self.weight = torch.tensor(list(targets.weights.loc[faces]), dtype=torch.float32)
        shares = targets.shares.loc[faces, self.base.classes].to_numpy(np.float32)
        self.target = torch.from_numpy(np.ascontiguousarray(shares))

    def __getitem__(self, i: int) -> dict[str, Any]:  # noqa: D105
        return {**super().__getitem__(i), "target": self.target[i], "weight": self.weight[i]}


class TargetLoss:
    """The weighted mean of the cross-entropy over all classes, or of one sigmoid for each class."""

    def __init__(self, multi_label: bool) -> None:
        self.multi_label = multi_label

    def __call__(self, predictions: Any, batch: Batch) -> tuple[torch.Tensor, Batch]:
        logits = predictions[1] if isinstance(predictions, list | tuple) else predictions
        target, weight = (batch[name].to(logits.device) for name in ("target", "weight"))
        if self.multi_label:
            each = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
            losses = each.mean(dim=1)
        else:
            losses = functional.cross_entropy(logits, target, reduction="none")
        loss = (losses * weight).mean()
        return loss, {"loss": loss.detach()}


def gentle(size_px: int) -> transforms.Compose:
    """Return augmentation that does not change the expression, for pictures that fill the size."""
    edge = size_px // 4  # what is moved or turned into the picture repeats its edge
    shift, zoom, light = GENTLE["shift"], GENTLE["zoom"], GENTLE["light"]
    return transforms.Compose(
        [
            transforms.Resize(size_px),
            transforms.Pad(edge, padding_mode="edge"),
            transforms.RandomAffine(
                GENTLE["degrees"],
                translate=(shift * size_px / (size_px + 2 * edge),) * 2,
                scale=(1 - zoom, 1 + zoom),
                interpolation=transforms.InterpolationMode.BILINEAR,
            ),
            transforms.CenterCrop(size_px),
            transforms.RandomHorizontalFlip(),
            transforms.ColorJitter(brightness=light, contrast=light),
            transforms.ToTensor(),
        ]
    )
