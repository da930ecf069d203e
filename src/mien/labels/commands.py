"""Add the project's ballots up to labels; simulate voters for drawn faces."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings, VotersFiles

app = typer.Typer(no_args_is_help=True)


@app.command()
def simulate(
    truth: Annotated[list[Path], typer.Argument(help="Drawn sources' truths, named after them.")],
    voters: Annotated[int, typer.Option(help="How many voters.", min=1)],
    params: Settings = PARAMS,
) -> None:
    """Let simulated voters vote on drawn faces."""
    from mien.acquire.tables import TRUTH
    from mien.errors import ParamsError
    from mien.faces.tables import FACES
    from mien.labels import tables
    from mien.labels.ballots import stand_ins
    from mien.labels.simulate import simulate
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv

    settings = load(params).labels
    most = len(stand_ins(0, settings.voters))
    if voters > most:
        wanted = settings.voters or "null"
        raise ParamsError(
            f"{params}: labels.voters is {wanted}, so --voters may be at most {most}, not {voters}"
        )
    files = [layout.SIMULATED / name for name in stand_ins(0, voters)]
    drawn = {path.stem: read_csv(path, TRUTH) for path in truth}
    cast = simulate(read_csv(layout.INDEX, FACES), drawn, [path.stem for path in files], settings)
    for path in files:
        write_csv(path, cast[path.stem], tables.ballots(settings.expressions))
    counts = ", ".join(f"{voter} {len(ballots)}" for voter, ballots in cast.items())
    say(f"simulated ballots: {counts}")


@app.command()
def consensus(
    labels: Annotated[Path, typer.Option(help="The table of labels to write.")],
    counts: Annotated[Path, typer.Option(help="What became of the ballots, to write.")],
    ballots: VotersFiles = None,
    params: Settings = PARAMS,
) -> None:
    """Add the ballots up to a label for each face."""
    from mien.faces.tables import FACES
    from mien.files import write_json
    from mien.labels import tables
    from mien.labels.ballots import poll, read_ballots
    from mien.labels.checks import check_hopes, check_rule, check_voters
    from mien.labels.consensus import consensus, count, counted_reviews
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv

    given = load(params).labels
    faces = read_csv(layout.INDEX, FACES)
    check_hopes(faces, given, layout.INDEX)
    cast, torn = read_ballots(ballots or [], given.expressions)
    polled = poll(cast, faces)
    settings = given.among(polled.counts["voters"])
    check_rule(polled.ballots, settings, params)
    table = consensus(faces, polled.ballots, settings)
    reviews = counted_reviews(polled.ballots, table.set_index("face_id")["initial"])
    check_voters(reviews, settings, params)
    numbers = count(polled, table, settings, len(torn))
    write_csv(labels, table, tables.labels(settings.expressions))
    write_json(counts, numbers)
    for place in torn:
        say(f"{place}: a torn last line was left out")
    say("ballots: " + ", ".join(f"{name} {number}" for name, number in vars(numbers).items()))
    statuses = table["status"].value_counts().reindex(tables.STATUSES, fill_value=0)
    labelled = table[table["label"].notna()]
    hoped = int((~labelled["face_id"].isin(polled.ballots["face_id"])).sum())
    say(
        f"faces: {len(table)}, "
        + ", ".join(f"{name} {number}" for name, number in statuses.items())
        + f"; labelled {len(labelled)}"
        + (f", {hoped} of them by their sources alone: nobody voted" if hoped else "")
    )


@app.command()
def agreement(
    agreement: Annotated[Path, typer.Option(help="The figures to write, as JSON.")],
    ballots: VotersFiles = None,
    params: Settings = PARAMS,
) -> None:
    """Measure how far the voters agree with each other, with the labels and with themselves."""
    from mien.faces.tables import FACES
    from mien.files import write_json
    from mien.labels import tables
    from mien.labels.agreement import agreement as measure
    from mien.labels.ballots import read_ballots
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv

    expressions = load(params).labels.expressions
    cast, _ = read_ballots(ballots or [], expressions)
    labelled = read_csv(layout.LABELS, tables.labels(expressions))
    figures = measure(cast, read_csv(layout.INDEX, FACES), labelled, expressions)
    write_json(agreement, figures)
    for name, values in figures.rounds.items():
        alpha = "not known" if values.alpha is None else f"{values.alpha:.3f}"
        say(f"round {name}: {values.votes} votes on {values.faces} faces, alpha {alpha}")
    for name in (voter.name for voter in figures.voters if voter.unreliable):
        say(f"{name} is much less often right than the others: see the report")
