"""Final runs: a variant's recipe trained on all labelled faces but the test part."""

from collections.abc import Mapping
from pathlib import Path

from mien import layout
from mien.errors import MienError, ParamsError
from mien.ids import sha256_of
from mien.params import AnyVariant, Params
from mien.progress import say
from mien.train.run import read_run, write_run
from mien.train.trained import read_trained
from mien.train.trainer import trainer


def train_final(name: str, params: Params, threads: int) -> list[Path]:
    """Train a variant on all labelled faces but the test part, once for each seed.

    Returns the folders of the runs. A run that is there already, made of the same settings and
    tables, stays. Raises ParamsError where the variant chooses an epoch by its validation faces.
    """
    variant = params.variant(name)
    if getattr(variant, "checkpoint", "last") == "best":
        raise ParamsError(
            f"variants.{name}.checkpoint is best, but a final run has no faces to choose an epoch "
            "by: set it to last"
        )
    folders = [layout.FINALS / name / f"seed-{seed}" for seed in variant.seeds]
    for folder in folders:
        if is_current(folder, params):
            say(f"{folder} is trained already, with these settings and tables")
            continue
        run = read_run(params, folder, is_final=True)
        family = trainer(variant.family)
        (folder / "model.json").unlink(missing_ok=True)  # until the model is new, there is no run
        history = family.fit(run, threads)
        made = learned_by(variant)
        write_run(run, history, family.PREPROCESSING, family.PACKAGES, made)
        say(f"{folder}: trained on {len(run.faces)} faces")
    return folders


def learned_by(variant: AnyVariant) -> Mapping[str, str]:
    """Return the hashes of the tables that decide what a final run learns, by path."""
    tables = (layout.LABELS, layout.SPLITS / variant.split, layout.INDEX)
    return {path.as_posix(): sha256_of(path) for path in tables}


def is_current(folder: Path, params: Params) -> bool:
    """Return whether the folder holds a final run of today's settings and tables."""
    try:
        card = read_trained(folder, params)
    except MienError:
        return False
    return card.final == learned_by(params.variant(card.variant))
