"""Predict with the project's trained runs, measure and compare them."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.evaluate import typed_commands
from mien.options import PARAMS, RunFolder, Settings, VotersFiles

app = typer.Typer(no_args_is_help=True)
app.add_typer(typed_commands.app)


@app.command()
def predict(
    run: RunFolder,
    threads: Annotated[int, typer.Option(help="For the framework.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Ask a run about the faces that validate it."""
    from mien.evaluate.predict import answers, faces_to_predict, prediction_table
    from mien.evaluate.tables import PREDICTIONS
    from mien.faces.tables import FACES
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.tables import read_csv, write_csv
    from mien.train.card import names_of, read_card, refuse_card
    from mien.train.dataset import classes_of
    from mien.train.tables import SPLIT

    settings = load(params)
    variant, _, fold = names_of(run)
    chosen = settings.variant(variant)
    classes = classes_of(chosen, settings.labels.expressions)
    card = read_card(run)
    refuse_card(card, run, variant, chosen.family, classes, fold)
    table = read_csv(layout.LABELS, label_table(settings.labels.expressions))
    split = read_csv(layout.SPLITS / chosen.split, SPLIT)
    rows = faces_to_predict(split, table, chosen, classes, fold)
    index = read_csv(layout.INDEX, FACES)
    probabilities = answers(settings, run, index, list(rows["face_id"]), threads)
    table = prediction_table(rows, probabilities, classes, chosen.multi_label)
    write_csv(layout.predictions_of(run), table, PREDICTIONS)


@app.command()
def measure(run: RunFolder, params: Settings = PARAMS) -> None:
    """Compute how well one run predicts; fail when groups leak under the scheme grouped."""
    from mien.evaluate.metrics import measure as measured
    from mien.evaluate.runs import read_result
    from mien.evaluate.scored import refuse_leak
    from mien.files import write_json
    from mien.params import load
    from mien.train.card import names_of

    settings, predictions = load(params), layout.predictions_of(run)
    variant = settings.variant(names_of(run)[0])
    result = read_result(run, variant)
    refuse_leak(result.leak, variant.scheme, layout.SPLITS / variant.split, predictions)
    metrics = measured(result.predictions, settings.evaluate, result.leak)
    write_json(predictions.with_name("metrics.json"), metrics)


@app.command()
def compare(
    summary_json: Annotated[Path, typer.Option(help="Variants and pairs to write, as JSON.")],
    summary_csv: Annotated[Path, typer.Option(help="The table of variants to write.")],
    params: Settings = PARAMS,
) -> None:
    """Set the variants side by side, with intervals, and every two of them; name the best."""
    import pandas as pd

    from mien.evaluate.best import best
    from mien.evaluate.compare import compare_pairs
    from mien.evaluate.effects import effects
    from mien.evaluate.files import Summary
    from mien.evaluate.plots import headline
    from mien.evaluate.runs import read_result
    from mien.evaluate.summary import summarise
    from mien.evaluate.tables import SUMMARY
    from mien.files import write_json
    from mien.params import load
    from mien.tables import write_csv

    settings = load(params)
    results = [read_result(run, variant) for run, variant in settings.runs]
    rows = summarise(results, settings.variants, settings.evaluate)
    pairs = compare_pairs(results, settings.evaluate)
    table = pd.DataFrame(rows)
    answers = table["reliable"].map({True: "yes", False: "no"})
    write_csv(summary_csv, table[list(SUMMARY.columns)].assign(reliable=answers), SUMMARY)
    content = Summary(
        **headline(rows),
        variants=rows,
        pairs=pairs,
        effects=effects(results, settings.variants, settings.evaluate),
        best=best(rows, pairs, settings.evaluate.confidence),
    )
    write_json(summary_json, content)


@app.command()
def suspects(
    suspected: Annotated[Path, typer.Option(help="The table of suspected labels to write.")],
    params: Settings = PARAMS,
) -> None:
    """List the faces whose label the models doubt, the most doubtful first."""
    import pandas as pd

    from mien.evaluate.suspects import suspects as doubted
    from mien.evaluate.suspects import witnesses
    from mien.evaluate.tables import PREDICTIONS, SUSPECTED
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv, write_csv
    from mien.train.split import TRUTH

    settings = load(params)
    expressions = settings.labels.expressions
    asked = witnesses(settings.variants, expressions)
    if not asked:
        say("no variant tells all of labels.expressions apart, so that no label is doubted")
        write_csv(suspected, pd.DataFrame(columns=list(SUSPECTED.columns)), SUSPECTED)
        return
    variant = next(iter(asked.values()))
    if variant.scheme != "grouped":
        say("no variant is grouped: what was trained on the same persons doubts few labels")
    predictions = pd.concat(
        read_csv(layout.predictions_of(run), PREDICTIONS).assign(variant=run.parent.name)
        for run, _ in sorted(settings.runs)
        if run.parent.name in asked
    )
    table = read_csv(layout.LABELS, label_table(expressions)).set_index("face_id")
    found = doubted(predictions, table[TRUTH[variant.truth]], expressions)
    write_csv(suspected, found, SUSPECTED)
    faces = predictions["face_id"].nunique()
    say(f"labels doubted: {len(found)} of {faces} faces, asked of {', '.join(asked)}")


@app.command()
def second_look(
    second_look: Annotated[Path, typer.Option(help="The counts to write, as JSON.")],
    ballots: VotersFiles = None,
    params: Settings = PARAMS,
) -> None:
    """Count what second looks at doubted labels have changed."""
    from mien.evaluate.second_look import second_look as counted
    from mien.files import write_json
    from mien.labels.ballots import read_ballots
    from mien.labels.second_look import looked_at
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.tables import read_csv

    expressions = load(params).labels.expressions
    table = read_csv(layout.LABELS, label_table(expressions)).set_index("face_id")
    cast, _ = read_ballots(ballots or [], expressions)
    counts = counted(looked_at(layout.SECOND_LOOK), table["label"], cast)
    write_json(second_look, counts)
    said = ", ".join(f"{name} {number}" for name, number in counts.outcomes.items())
    say(f"second look: offered {counts.offered}, {said}")


@app.command()
def plots(
    confusion: Annotated[Path, typer.Option(help="The table of confusion matrices to write.")],
    learning: Annotated[Path, typer.Option(help="The table of learning curves to write.")],
    params: Settings = PARAMS,
) -> None:
    """Write the tables that `dvc plots` draws."""
    from mien.evaluate import plots
    from mien.evaluate.tables import CONFUSION, LEARNING, PREDICTIONS
    from mien.params import load
    from mien.tables import read_csv, write_csv
    from mien.train.tables import HISTORY

    names = [run for run, _ in load(params).runs]
    predicted = {run: read_csv(layout.predictions_of(run), PREDICTIONS) for run in names}
    histories = {run: read_csv(layout.MODELS / run / "history.csv", HISTORY) for run in names}
    write_csv(confusion, plots.confusions(predicted), CONFUSION)
    write_csv(learning, plots.learning(histories), LEARNING)


@app.command()
def slices(
    slices: Annotated[Path, typer.Option(help="The table of slices to write.")],
    params: Settings = PARAMS,
) -> None:
    """Tell each variant's errors by size, sharpness, source, tag, expression and group."""
    import pandas as pd

    from mien.evaluate.slices import FEWEST, errors_of, rates_by_variant, read_sliced
    from mien.evaluate.tables import PREDICTIONS, SLICES
    from mien.faces.tables import FACES
    from mien.params import load
    from mien.progress import say
    from mien.tables import check_references, read_csv, write_csv

    settings, known = load(params), read_csv(layout.INDEX, FACES)["face_id"]
    predicted: dict[str, list[pd.DataFrame]] = {}
    for run, _ in settings.runs:
        path = layout.predictions_of(run)
        table = read_csv(path, PREDICTIONS)
        check_references(table["face_id"], known, path, "the index of faces")
        predicted.setdefault(run.parent.name, []).append(table)
    errors = {name: errors_of(tables) for name, tables in sorted(predicted.items())}
    asked = set(pd.concat(errors.values())["face_id"])
    whole = read_sliced(asked, settings.labels.expressions)
    rates, few = rates_by_variant(errors, whole, settings.evaluate)
    write_csv(slices, rates, SLICES)
    counts = rates["variant"].value_counts()
    for name, left_out in few.items():
        said = ", ".join(f"{slice} {count}" for slice, count in sorted(left_out.items())) or "none"
        say(f"{name}: {counts.get(name, 0)} slices; left out for less than {FEWEST} faces: {said}")
