"""Settings of acquisition for tests: those of the demo, some of them other."""

from pathlib import Path

from mien.params import AcquireParams, load

ROOT = Path(__file__).parents[2]


def acquire_params(**other: object) -> AcquireParams:
    return load(ROOT / "params.yaml").acquire.model_copy(update=other)
