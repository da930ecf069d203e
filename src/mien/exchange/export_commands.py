"""Write labels for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mien import layout
from mien.options import PARAMS, Crops, Index, Labels, Settings

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(no_args_is_help=True)


@app.command("ferplus")
def ferplus_counts(
    counts: Annotated[Path, typer.Argument(help="The table of vote counts to write.")],
    splits: Annotated[Path | None, typer.Option(help="A table of splits, for Usage.")] = None,
    index: Index = layout.INDEX,
    ballots: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of voters' files.", show_default="data/ballots"),
    ] = None,
    params: Settings = PARAMS,
) -> None:
    """Write the votes of round one in the layout of FER+."""
    from mien.exchange import ferplus
    from mien.faces.tables import FACES
    from mien.labels.ballots import ballot_files, poll, read_ballots, refuse_strays
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.tables import SPLIT

    expressions = load(params).labels.expressions
    faces = read_csv(index, FACES)
    folders = ballots or [layout.BALLOTS]
    for folder in folders:
        refuse_strays(folder)
    files = [path for folder in folders for path in ballot_files(folder)]
    cast, _ = read_ballots(files, expressions)
    parts = read_csv(splits, SPLIT) if splits else None
    table = ferplus.count_votes(poll(cast, faces).ballots, faces, expressions, parts)
    write_csv(counts, table, ferplus.table(ferplus.names(expressions).values()))
    kept = int((faces["status"] == "kept").sum())
    say(f"faces: {len(table)} of {kept}; the others have no votes" + (" or no part" * bool(splits)))


@app.command("folders")
def labelled_folders(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    which: Annotated[
        Literal["initial", "consensus"], typer.Option(help="Labels before or after the review.")
    ] = "consensus",
    labels: Labels = layout.LABELS,
    index: Index = layout.INDEX,
    faces: Crops = layout.CROPS,
    params: Settings = PARAMS,
) -> None:
    """Write every labelled face's crop to <folder>/<label>/<face_id>.png."""
    from mien.exchange.crops import whole_folder, write_crops
    from mien.progress import say

    shown = _labelled(labels, index, params)
    label = shown["initial" if which == "initial" else "label"].dropna()
    with whole_folder(folder) as temporary:
        places = {str(face): temporary / name / f"{face}.png" for face, name in label.items()}
        write_crops(faces, places)
    counts = ", ".join(f"{name} {number}" for name, number in label.value_counts().items())
    say(f"faces: {counts or 'none'}; without a label {len(shown) - len(label)}")


@app.command("label-studio")
def tasks(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    labels: Labels = layout.LABELS,
    index: Index = layout.INDEX,
    faces: Crops = layout.CROPS,
    params: Settings = PARAMS,
) -> None:
    """Write crops, tasks.json and config.xml for a project of Label Studio."""
    import json

    from mien.exchange import label_studio
    from mien.exchange.crops import whole_folder, write_crops
    from mien.params import load
    from mien.progress import say

    shown = _labelled(labels, index, params)
    name = folder.absolute().name
    label = shown["label"].astype(object).where(shown["label"].notna(), None)
    tasks = [
        label_studio.task(str(face), f"{name}/crops/{face}.png", now) for face, now in label.items()
    ]
    with whole_folder(folder) as temporary:
        write_crops(faces, {face: temporary / "crops" / f"{face}.png" for face in label.index})
        (temporary / "tasks.json").write_text(json.dumps(tasks, indent=1) + "\n", encoding="utf-8")
        config = label_studio.config(load(params).labels.expressions)
        (temporary / "config.xml").write_text(config, encoding="utf-8")
    say(f"tasks: {len(tasks)}, with a label to correct {label.notna().sum()}")
    say("serve the crops: LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true")
    say(f"                 LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={folder.absolute().parent}")


def _labelled(labels: Path, index: Path, params: Path) -> "pd.DataFrame":
    """Return by face_id the labels of today's kept faces, which excludes withdrawn ones."""
    from mien.faces.tables import FACES
    from mien.labels import tables
    from mien.params import load
    from mien.tables import read_csv

    table = read_csv(labels, tables.labels(load(params).labels.expressions))
    faces = read_csv(index, FACES)
    kept = faces.loc[faces["status"] == "kept", "face_id"]
    return table[table["face_id"].isin(kept)].set_index("face_id")
