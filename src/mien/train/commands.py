"""Split the labelled faces, and train the classifiers."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mien.options import PARAMS, Crops, Index, Labels, Settings, Split

app = typer.Typer(no_args_is_help=True)

Truth = Annotated[Literal["initial", "consensus"], typer.Option(help="Which label counts.")]
Scheme = Annotated[
    Literal["grouped", "paper-first20", "paper-every5", "paper-20-4-1"],
    typer.Option(help="How the faces are split."),
]
Run = Annotated[
    Path, typer.Option(help="The run to write: .../<variant>/seed-<number>[-fold-<number>].")
]
Weights = Annotated[Path, typer.Option(help="The folder of pretrained weights.")]
Threads = Annotated[int, typer.Option(help="For the framework and its readers.", min=1)]


@app.command()
def split(
    index: Index,
    labels: Labels,
    truth: Truth,
    scheme: Scheme,
    split: Annotated[Path, typer.Option(help="The table of splits to write.")],
    params: Settings = PARAMS,
) -> None:
    """Decide which face is trained on, validated with, or kept for the test."""
    from mien.faces.tables import FACES
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.dataset import wanted
    from mien.train.split import (
        FEW_FACES,
        FEW_GROUPS,
        gate,
        labelled_faces,
        refuse_empty,
        scarce,
        split_faces,
    )
    from mien.train.tables import SPLIT

    settings = load(params)
    table = read_csv(labels, label_table(settings.labels.expressions))
    faces = labelled_faces(read_csv(index, FACES), table, truth)
    classes = wanted(settings, split.name)
    parts = split_faces(faces, scheme, settings.train.split, classes)
    leak = gate(parts, scheme)
    refuse_empty(faces["label"], parts["split"], classes, scheme)
    write_csv(split, parts, SPLIT)
    counts = ", ".join(f"{n} {part}" for part, n in parts["split"].value_counts().items())
    say(f"{split.stem}: {counts}; {leak:.1%} of val faces share a group with train")
    if few := scarce(faces, parts, classes):
        say(
            f"warning: {'; '.join(few)}. From fewer than {FEW_FACES} faces or {FEW_GROUPS} groups "
            "nobody can tell how well a class is recognised: label more of it, or leave it out"
        )


@app.command()
def fit(
    index: Index,
    labels: Labels,
    split: Split,
    faces: Crops,
    weights: Weights,
    run: Run,
    threads: Threads = 1,
    params: Settings = PARAMS,
) -> None:
    """Train a run of a variant, by the family that its settings name."""
    from mien.params import load
    from mien.train.run import read_run, write_run
    from mien.train.trainer import trainer

    tables = {"index": index, "labels": labels, "split": split, "faces": faces, "weights": weights}
    given = read_run(load(params), run, **tables)
    family = trainer(given.variant.family)
    history = family.fit(given, threads)
    write_run(given, history, family.PREPROCESSING, family.PACKAGES)
