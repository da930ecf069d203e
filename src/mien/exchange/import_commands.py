"""Turn labels made elsewhere into ballots."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien import layout
from mien.options import PARAMS, Index, Scenes, Settings

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(no_args_is_help=True)

Ballots = Annotated[Path, typer.Option(help="The folder of the voters' files.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over files that are there.")]


@app.command("ferplus")
def ferplus_counts(
    counts: Annotated[Path, typer.Argument(help="Vote counts in the layout of FER+.")],
    taggers: Annotated[int, typer.Option(help="How many vote on a picture, at most.", min=1)] = 10,
    index: Index = layout.INDEX,
    scenes: Scenes = layout.SCENES,
    ballots: Ballots = layout.BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn vote counts into ballots of the anonymous voters ferplus-1, ferplus-2 and so on.

    Who cast which vote is not known: votes are dealt out in the order of the columns.
    """
    import pandas as pd

    from mien.errors import TableError
    from mien.exchange import ferplus
    from mien.exchange.matching import match_images
    from mien.faces.tables import FACES
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
    face = match_images(table["Image name"], faces, places)
    again = face.notna() & face.duplicated()
    say(f"rows: {len(table)}, of no face {face.isna().sum()}, of a face once more {again.sum()}")
    own = table[face.notna() & ~again].set_index(face[face.notna() & ~again])
    if own.empty:
        raise TableError(f"{counts}: no picture is named after a face_id or an item of one face")
    votes, lacking = ferplus.as_votes(own, settings.expressions)
    for name, number in lacking.items():
        say(f"{name}: {number} votes became unsure; it is not in labels.expressions")
    say("who cast which vote is not known: votes were dealt out in the order of the columns")
    files = _cast(ferplus.deal(votes), faces, ballots, settings.expressions, replace)
    for path in set(ballots.glob("ferplus-[0-9]*.csv")) - set(files):
        path.unlink()  # of an import with more taggers, whose votes these replace
    most = int(votes.sum(axis=1).max())
    if settings.voters is not None and most > settings.voters:
        say(f"{params}: labels.voters is {settings.voters}; set it to {most}, who voted on a face")


@app.command("folders")
def sorted_folders(
    folder: Annotated[Path, typer.Argument(help="A folder with one of pictures for each class.")],
    voter: Annotated[str, typer.Option(help="Who sorted the pictures.")],
    index: Index = layout.INDEX,
    ballots: Ballots = layout.BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn sorted pictures, <class>/<face_id>.png, into the ballots of one voter."""
    import pandas as pd

    from mien.exchange.folders import read_sorted
    from mien.faces.tables import FACES
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


@app.command("label-studio")
def annotations(
    export: Annotated[Path, typer.Argument(help="Label Studio's export as JSON.")],
    index: Index = layout.INDEX,
    ballots: Ballots = layout.BALLOTS,
    replace: Replace = False,
    params: Settings = PARAMS,
) -> None:
    """Turn Label Studio's annotations into the ballots of its annotators, labelstudio-<id>."""
    from mien.exchange.label_studio import read_export
    from mien.faces.tables import FACES
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


def _cast(
    votes: "pd.DataFrame",
    faces: "pd.DataFrame",
    folder: Path,
    expressions: list[str],
    replace: bool,
) -> list[Path]:
    """Write the votes as ballots and return the voters' files.

    Votes without a time are cast now. A message says what became of the votes.
    """
    from datetime import UTC, datetime

    from mien.exchange.votes import on_faces, write_ballots
    from mien.labels.times import stamp
    from mien.progress import say

    if "cast_at" not in votes:
        votes = votes.assign(cast_at=stamp(datetime.now(UTC)))
    ballots, unknown = on_faces(votes, faces)
    if unknown:
        say(f"not in the index of faces: {_some(unknown)}")
    files = write_ballots(folder, ballots, expressions, replace)
    say(f"ballots: {len(ballots)}, of {len(files)} voters, in {folder}")
    return files


def _majorities(table: "pd.DataFrame", taggers: int) -> str:
    """Return a sentence on how many pictures most taggers agree about."""
    from mien.exchange import ferplus

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
    """Return the number of names, and the first five."""
    more = ", ..." if len(names) > 5 else ""
    return f"{len(names)} ({', '.join(names[:5])}{more})"
