"""Labels in and out: vote counts, folders a class, Label Studio."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mien.options import PARAMS, Settings

if TYPE_CHECKING:
    import pandas as pd

imports = typer.Typer(no_args_is_help=True)
exports = typer.Typer(no_args_is_help=True)

Index = Annotated[Path, typer.Option(help="The index of faces.")]
Ballots = Annotated[Path, typer.Option(help="The folder of the voters' files.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over files that are there.")]
Labels = Annotated[Path, typer.Option(help="The table of labels.")]
Faces = Annotated[Path, typer.Option(help="The folder of shards of crops.")]
INDEX, BALLOTS = Path("data/faces.csv"), Path("data/ballots")
LABELS, FACES = Path("data/labels.csv"), Path("data/faces")


@imports.command("ferplus")
def import_ferplus(
    counts: Annotated[Path, typer.Argument(help="Vote counts in the layout of FER+.")],
    taggers: Annotated[int, typer.Option(help="How many vote on a picture, at most.", min=1)] = 10,
    index: Index = INDEX,
    scenes: Annotated[Path, typer.Option(help="The folder of shards of scenes.")] = Path(
        "data/scenes"
    ),
    ballots: Ballots = BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn vote counts into ballots of the anonymous voters ferplus-1, ferplus-2 and so on.

    Who cast which vote is not known: votes are dealt out in the order of the columns.
    """
    import pandas as pd

    from mien.faces.tables import FACES
    from mien.labels.exchange import ferplus
    from mien.params import load
    from mien.progress import say
    from mien.shards import read_shard
    from mien.tables import read_csv

    settings = load(params).labels
    table = ferplus.read_counts(counts, settings.expressions, taggers)
    say(_majorities(table, taggers))
    faces = read_csv(index, FACES)
    shards = [
        read_shard(path, ["scene_id", "item_id"]) for path in sorted(scenes.glob("*.parquet"))
    ]
    places = pd.concat(shards) if shards else pd.DataFrame(columns=["scene_id", "item_id"])
    face = ferplus.match_images(table["Image name"], faces, places)
    again = face.notna() & face.duplicated()
    say(f"rows: {len(table)}, of no face {face.isna().sum()}, of a face once more {again.sum()}")
    own = table[face.notna() & ~again].set_index(face[face.notna() & ~again])
    votes, lacking = ferplus.as_votes(own, settings.expressions)
    for name, number in lacking.items():
        say(f"{name}: {number} votes became unsure; it is not in labels.expressions")
    say("who cast which vote is not known: votes were dealt out in the order of the columns")
    _cast(ferplus.deal(votes), faces, ballots, settings.expressions, replace)
    most = int(votes.sum(axis=1).max()) if len(votes) else 0
    if most > settings.voters:
        say(f"{params}: labels.voters is {settings.voters}; set it to {most}, who voted on a face")


@imports.command("folders")
def import_folders(
    folder: Annotated[Path, typer.Argument(help="A folder with one of pictures for each class.")],
    voter: Annotated[str, typer.Option(help="Who sorted the pictures.")],
    index: Index = INDEX,
    ballots: Ballots = BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn sorted pictures, <class>/<face_id>.png, into the ballots of one voter."""
    import pandas as pd

    from mien.faces.tables import FACES
    from mien.labels.exchange.folders import read_sorted
    from mien.labels.voters import voter_name
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv

    name = voter_name(voter)
    expressions = load(params).labels.expressions
    found = read_sorted(folder, expressions)
    if found.strays:
        say(f"no pictures of a face in a class: {_some(found.strays)}")
    pairs = pd.DataFrame(found.votes.items(), columns=["face_id", "vote"], dtype="string")
    votes = pairs.assign(voter=name)
    _cast(votes, read_csv(index, FACES), ballots, expressions, replace)


@imports.command("label-studio")
def import_label_studio(
    export: Annotated[Path, typer.Argument(help="Label Studio's export as JSON.")],
    index: Index = INDEX,
    ballots: Ballots = BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn Label Studio's annotations into the ballots of its annotators, labelstudio-<id>."""
    from mien.faces.tables import FACES
    from mien.labels.exchange.label_studio import read_export
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv

    expressions = load(params).labels.expressions
    answers = read_export(export, expressions)
    say(
        f"annotations: {len(answers.votes)} answered, {answers.skipped} skipped, "
        f"{answers.empty} without an answer"
    )
    _cast(answers.votes, read_csv(index, FACES), ballots, expressions, replace)


@exports.command("ferplus")
def export_ferplus(
    counts: Annotated[Path, typer.Argument(help="The table of vote counts to write.")],
    splits: Annotated[Path | None, typer.Option(help="A table of splits, for Usage.")] = None,
    index: Index = INDEX,
    ballots: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of voters' files.", show_default="data/ballots"),
    ] = None,
    params: Settings = PARAMS,
) -> None:
    """Write the votes of round one in the layout of FER+."""
    from mien.faces.tables import FACES
    from mien.labels.ballots import poll, read_ballots
    from mien.labels.exchange import ferplus
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.tables import SPLIT

    expressions = load(params).labels.expressions
    faces = read_csv(index, FACES)
    files = [path for folder in ballots or [BALLOTS] for path in sorted(folder.glob("*.csv"))]
    cast, _ = read_ballots(files, expressions)
    parts = read_csv(splits, SPLIT) if splits else None
    table = ferplus.count_votes(poll(cast, faces).ballots, faces, expressions, parts)
    write_csv(counts, table, ferplus.table(ferplus.names(expressions).values()))
    kept = int((faces["status"] == "kept").sum())
    say(f"faces: {len(table)} of {kept}; the others have no votes" + (" or no part" * bool(splits)))


@exports.command("folders")
def export_folders(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    which: Annotated[
        Literal["initial", "consensus"], typer.Option(help="Labels before or after the review.")
    ] = "consensus",
    labels: Labels = LABELS,
    index: Index = INDEX,
    faces: Faces = FACES,
    params: Settings = PARAMS,
) -> None:
    """Write every labelled face's crop to <folder>/<label>/<face_id>.png."""
    from mien.labels.exchange.crops import whole_folder, write_crops
    from mien.progress import say

    shown = _labelled(labels, index, params)
    label = shown["initial" if which == "initial" else "label"].dropna()
    with whole_folder(folder) as temporary:
        places = {str(face): temporary / name / f"{face}.png" for face, name in label.items()}
        write_crops(faces, places)
    counts = ", ".join(f"{name} {number}" for name, number in label.value_counts().items())
    say(f"faces: {counts or 'none'}; without a label {len(shown) - len(label)}")


@exports.command("label-studio")
def export_label_studio(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    labels: Labels = LABELS,
    index: Index = INDEX,
    faces: Faces = FACES,
    params: Settings = PARAMS,
) -> None:
    """Write crops, tasks.json and config.xml for a project of Label Studio."""
    import json

    from mien.labels.exchange import label_studio
    from mien.labels.exchange.crops import whole_folder, write_crops
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


def _cast(
    votes: "pd.DataFrame",
    faces: "pd.DataFrame",
    folder: Path,
    expressions: list[str],
    replace: bool,
) -> None:
    """Write the votes as ballots, those without a time as cast now, and say what became of them."""
    from datetime import UTC, datetime

    from mien.labels.exchange.votes import on_faces, write_ballots
    from mien.labels.vote.times import stamp
    from mien.progress import say

    if "cast_at" not in votes:
        votes = votes.assign(cast_at=stamp(datetime.now(UTC)))
    ballots, unknown = on_faces(votes, faces)
    if unknown:
        say(f"not in the index of faces: {_some(unknown)}")
    files = write_ballots(folder, ballots, expressions, replace)
    say(f"ballots: {len(ballots)}, of {len(files)} voters, in {folder}")


def _labelled(labels: Path, index: Path, params: Path) -> "pd.DataFrame":
    """Return the labels of faces that are kept today, by face_id; never of a withdrawn one."""
    from mien.faces.tables import FACES
    from mien.labels import tables
    from mien.params import load
    from mien.tables import read_csv

    table = read_csv(labels, tables.labels(load(params).labels.expressions))
    faces = read_csv(index, FACES)
    kept = faces.loc[faces["status"] == "kept", "face_id"]
    return table[table["face_id"].isin(kept)].set_index("face_id")


def _majorities(table: "pd.DataFrame", taggers: int) -> str:
    """Return in words how many pictures most of the taggers agree on."""
    from mien.labels.exchange import ferplus

    answers = ferplus.answers(table)
    expressions = [name for name in answers if name not in (ferplus.UNKNOWN, ferplus.NO_FACE)]
    any_answer, expression = (
        ferplus.majority_share(table, taggers, columns) for columns in (answers, expressions)
    )
    return (
        f"pictures: {len(table)}; an absolute majority of {taggers} taggers gave "
        f"{any_answer:.2%} one answer, {expression:.2%} one expression"
    )


def _some(names: Sequence[str]) -> str:
    """Return how many there are, and the first of them."""
    more = ", ..." if len(names) > 5 else ""
    return f"{len(names)} ({', '.join(names[:5])}{more})"
