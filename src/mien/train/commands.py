"""Split the labelled faces, and train the classifiers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    import pandas as pd

    from mien.params import AnyVariant, Params

app = typer.Typer(no_args_is_help=True)

Truth = Annotated[Literal["initial", "consensus"], typer.Option(help="Which label counts.")]
Scheme = Annotated[
    Literal["grouped", "paper-first20", "paper-every5", "paper-20-4-1"],
    typer.Option(help="How the faces are split."),
]
SplitTable = Annotated[Path, typer.Option(help="The table of splits.")]
LabelTable = Annotated[Path, typer.Option(help="The table of labels.")]
Index = Annotated[Path, typer.Option(help="The index of faces.")]
Shards = Annotated[Path, typer.Option(help="The folder of shards of crops.")]
Run = Annotated[
    Path, typer.Option(help="The run to write: .../<variant>/seed-<number>[-fold-<number>].")
]
Weights = Annotated[Path, typer.Option(help="The folder of pretrained weights.")]
Threads = Annotated[int, typer.Option(help="For the framework and its readers.", min=1)]
Settings = Annotated[Path, typer.Option(help="The file of settings.")]


@app.command()
def split(
    index: Index,
    labels: LabelTable,
    truth: Truth,
    scheme: Scheme,
    split: Annotated[Path, typer.Option(help="The table of splits to write.")],
    params: Settings = Path("params.yaml"),
) -> None:
    """Decide which face is trained on, validated with, or kept for the test."""
    from mien.faces.tables import FACES
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.split import gate, labelled_faces, split_faces
    from mien.train.tables import SPLIT

    settings = load(params)
    table = read_csv(labels, label_table(settings.labels.expressions))
    faces = labelled_faces(read_csv(index, FACES), table, truth)
    parts = split_faces(faces, scheme, settings.train.split)
    leak = gate(parts, scheme)
    write_csv(split, parts, SPLIT)
    counts = ", ".join(f"{n} {part}" for part, n in parts["split"].value_counts().items())
    say(f"{split.stem}: {counts}; {leak:.1%} of val faces share a group with train")


@app.command()
def yolo(
    index: Index,
    labels: LabelTable,
    split: SplitTable,
    faces: Shards,
    weights: Weights,
    run: Run,
    threads: Threads = 1,
    params: Settings = Path("params.yaml"),
) -> None:
    """Train a classifier of ultralytics."""
    from tempfile import TemporaryDirectory

    from mien.faces.shards import shards_of
    from mien.faces.tables import FACES
    from mien.params import load
    from mien.tables import read_csv, write_csv
    from mien.train.card import card_of, names_of, write_card
    from mien.train.dataset import unpack
    from mien.train.settings import check_yolo, choose_yolo, start_of
    from mien.train.tables import HISTORY
    from mien.train.yolo import PACKAGES, PREPROCESSING, save_model, train_yolo

    settings = load(params)
    variant, seed, fold = names_of(run)
    chosen = choose_yolo(settings, variant)
    check_yolo(variant, chosen)
    seen, classes = _faces(settings, chosen, split, labels, fold)
    shards = shards_of(read_csv(index, FACES), seen["face_id"], faces)
    with TemporaryDirectory(prefix="mien-yolo-") as name:
        scratch = Path(name)
        unpack(seen, shards, scratch / "faces", chosen.image_size_px)
        checkpoint, history = train_yolo(
            chosen,
            start_of(chosen, weights),
            scratch / "faces",
            seed,
            threads,
            scratch / "ultralytics",
        )
        save_model(checkpoint, run / "model.pt", chosen)
    write_csv(run / "history.csv", history, HISTORY)
    card = card_of(variant, chosen, seed, fold, classes, PREPROCESSING, PACKAGES)
    write_card(run, card)


@app.command()
def resnet(
    index: Index,
    labels: LabelTable,
    split: SplitTable,
    faces: Shards,
    weights: Weights,
    run: Run,
    threads: Threads = 1,
    params: Settings = Path("params.yaml"),
) -> None:
    """Train a ResNet-50 of Keras."""
    from mien.faces.shards import shards_of
    from mien.faces.tables import FACES
    from mien.params import load
    from mien.tables import read_csv, write_csv
    from mien.train.card import card_of, names_of, write_card
    from mien.train.dataset import load_arrays
    from mien.train.network import save_model
    from mien.train.resnet import PACKAGES, PREPROCESSING, train_resnet
    from mien.train.settings import choose_resnet, start_of
    from mien.train.tables import HISTORY

    settings = load(params)
    variant, seed, fold = names_of(run)
    chosen = choose_resnet(settings, variant)
    seen, classes = _faces(settings, chosen, split, labels, fold)
    shards = shards_of(read_csv(index, FACES), seen["face_id"], faces)
    train = load_arrays(seen, shards, chosen.image_size_px, "train", classes)
    val = load_arrays(seen, shards, chosen.image_size_px, "val", classes)
    model, history = train_resnet(
        chosen, start_of(chosen, weights), train, val, len(classes), seed, threads
    )
    save_model(model, run / "model.keras")
    write_csv(run / "history.csv", history, HISTORY)
    card = card_of(variant, chosen, seed, fold, classes, PREPROCESSING, PACKAGES)
    write_card(run, card)


def _faces(
    settings: "Params", variant: "AnyVariant", split: Path, labels: Path, fold: int | None
) -> "tuple[pd.DataFrame, list[str]]":
    """Return the faces a run may see and its classes; raise TableError when the split leaks."""
    from mien.labels.tables import labels as label_table
    from mien.tables import read_csv
    from mien.train.dataset import classes_of, training_faces
    from mien.train.split import gate
    from mien.train.tables import SPLIT

    expressions = settings.labels.expressions
    classes = classes_of(variant, expressions)
    parts, table = read_csv(split, SPLIT), read_csv(labels, label_table(expressions))
    gate(parts, variant.scheme)
    return training_faces(parts, table, variant, classes, fold), classes
