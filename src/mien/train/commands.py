"""Split the project's labelled faces, and train the classifiers."""

from typing import Annotated, Literal

import typer

from mien import layout
from mien.options import PARAMS, RunFolder, Settings

app = typer.Typer(no_args_is_help=True)

Truth = Annotated[Literal["initial", "consensus"], typer.Option(help="Which label counts.")]
Scheme = Annotated[
    Literal["grouped", "paper-first20", "paper-every5", "paper-20-4-1"],
    typer.Option(help="How the faces are split."),
]
Threads = Annotated[int, typer.Option(help="For the framework and its readers.", min=1)]


@app.command()
def split(truth: Truth, scheme: Scheme, params: Settings = PARAMS) -> None:
    """Decide which face is trained on, validated with, or kept for the test."""
    from mien.faces.tables import FACES
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.dataset import wanted
    from mien.train.split import gate, labelled_faces, refuse_empty, scarce, split_faces
    from mien.train.tables import SPLIT

    settings, split = load(params), layout.SPLITS / f"{truth}-{scheme}.csv"
    table = read_csv(layout.LABELS, label_table(settings.labels.expressions))
    faces = labelled_faces(read_csv(layout.INDEX, FACES), table, truth)
    classes = wanted(settings, split.name)
    parts = split_faces(faces, scheme, settings.train.split, classes)
    leak = gate(parts, scheme)
    refuse_empty(faces["label"], parts["split"], classes, scheme)
    write_csv(split, parts, SPLIT)
    counts = ", ".join(f"{n} {part}" for part, n in parts["split"].value_counts().items())
    say(f"{split.stem}: {counts}; {leak:.1%} of val faces share a group with train")
    if few := scarce(faces, parts, classes):
        say(f"warning: {few}")


@app.command()
def fit(run: RunFolder, threads: Threads = 1, params: Settings = PARAMS) -> None:
    """Train a run of a variant, by the family that its settings name."""
    from mien.params import load
    from mien.train.run import read_run, write_run
    from mien.train.trainer import trainer

    given = read_run(load(params), run)
    family = trainer(given.variant.family)
    history = family.fit(given, threads)
    write_run(given, history, family.PREPROCESSING, family.PACKAGES)


@app.command()
def final(
    variant: Annotated[str, typer.Argument(help="The variant to train.")],
    threads: Threads = 1,
    params: Settings = PARAMS,
) -> None:
    """Train a variant on all labelled faces but the test part, once you have chosen it."""
    from mien.params import load
    from mien.progress import say
    from mien.train.final import train_final

    for folder in train_final(variant, load(params), threads):
        typer.echo(folder)
    say(f"next: mien export {layout.FINALS / variant}")
