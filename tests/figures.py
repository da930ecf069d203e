"""Records of evaluation as tests need them: whole, and with what a test is about."""

from typing import Any

from mien.evaluate.files import Abstain, Metrics, Scaled, VariantRow

FOUR = ["angry", "happy", "neutral", "surprised"]


def variant_row(variant: str = "v", accuracy: float = 0.9, **changes: Any) -> VariantRow:
    """Return the row of a reliable variant in a summary."""
    told: dict[str, Any] = {
        "variant": variant, "family": "yolo", "labels": "consensus", "scheme": "grouped",
        "image_size_px": 64, "epochs": 11, "runs": 1, "classes": FOUR, "truth": "consensus",
        "faces": 240, "groups": 80, "leak": 0.0, "reliable": True,
        "accuracy": accuracy, "accuracy_low": accuracy - 0.05, "accuracy_high": accuracy + 0.04,
        "macro_f1": 0.8, "calibration_error": 0.02,
        "log_loss": 0.5, "log_loss_low": 0.4, "log_loss_high": 0.6,
        "accuracy_averaged": None, "averaged_gain": None,
        "averaged_low": None, "averaged_high": None,
    }  # fmt: skip
    return VariantRow(**told | changes)


def metrics_of(**changes: Any) -> Metrics:
    """Return the metrics of a run of two classes."""
    told: dict[str, Any] = {
        "accuracy": 0.9, "accuracy_low": 0.85, "accuracy_high": 0.94,
        "macro_f1": 0.8, "macro_f1_low": 0.7, "macro_f1_high": 0.9,
        "log_loss": 0.5, "calibration_error": 0.02,
        "reliable": True, "faces": 277, "groups": 80, "leak": 0.0,
        "classes": ["angry", "happy"], "per_class": {}, "confusion": [[1, 0], [0, 1]],
        "calibration_bins": [], "temperature": 1.7, "scaled": Scaled(0.4, 0.01, []),
        "abstain": Abstain(0.9, 0.7, 0.8, 0.9), "answered": [],
    }  # fmt: skip
    return Metrics(**told | changes)
