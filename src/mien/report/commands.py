"""Predict with the trained runs, measure and compare them."""

from pathlib import Path
from typing import Annotated

import typer

from mien.options import PARAMS, Settings
from mien.report import typed_commands

app = typer.Typer(no_args_is_help=True)
app.command("open-test")(typed_commands.open_test)

Predictions = Annotated[Path, typer.Option(help="The table of predictions of one run.")]
SplitTable = Annotated[Path, typer.Option(help="The table of splits the run was trained on.")]
Index = Annotated[Path, typer.Option(help="The index of faces.")]
Labels = Annotated[Path, typer.Option(help="The table of labels.")]
Shards = Annotated[Path, typer.Option(help="The folder of shards of crops.")]
Runs = Annotated[Path, typer.Option(help="The folder of <variant>/<run>/predictions.csv.")]
Models = Annotated[Path, typer.Option(help="The folder of <variant>/<run>/history.csv.")]
Withdrawals = Annotated[Path, typer.Option(help="The table of what was withdrawn.")]
Splits = Annotated[Path, typer.Option(help="The folder of <labels>-<scheme>.csv.")]


@app.command()
def predict(
    index: Index,
    labels: Labels,
    split: SplitTable,
    faces: Shards,
    run: Annotated[Path, typer.Option(help="The folder of the run.")],
    predictions: Predictions,
    threads: Annotated[int, typer.Option(help="For the framework.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Ask a run about the faces that validate it."""
    from mien.faces.shards import shards_of
    from mien.faces.tables import FACES
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.report.predict import (
        faces_to_predict,
        predict_faces,
        prediction_table,
        predictor,
        refuse_card,
    )
    from mien.report.tables import PREDICTIONS
    from mien.tables import read_csv, write_csv
    from mien.train.card import names_of, read_card
    from mien.train.dataset import classes_of
    from mien.train.tables import SPLIT

    settings = load(params)
    variant, _, fold = names_of(run)
    chosen = settings.variant(variant)
    classes = classes_of(chosen, settings.labels.expressions)
    card = read_card(run)
    refuse_card(card, run, variant, classes, fold)
    table = read_csv(labels, label_table(settings.labels.expressions))
    rows = faces_to_predict(read_csv(split, SPLIT), table, chosen, classes, fold)
    model = predictor(card.family)
    shards = shards_of(read_csv(index, FACES), rows["face_id"], faces)
    margin = settings.aligned_margin(chosen)
    probabilities = predict_faces(model, run, list(rows["face_id"]), shards, threads, margin)
    table = prediction_table(rows, probabilities, classes, chosen.multi_label)
    write_csv(predictions, table, PREDICTIONS)


@app.command()
def measure(
    predictions: Predictions,
    split: SplitTable,
    metrics: Annotated[Path, typer.Option(help="The metrics to write, as JSON.")],
    params: Settings = PARAMS,
) -> None:
    """Compute how well one run predicts; fail when groups leak under the scheme grouped."""
    from mien.files import write_json
    from mien.params import load
    from mien.report.metrics import measure as measured
    from mien.report.scored import gate, with_groups
    from mien.report.tables import PREDICTIONS
    from mien.tables import read_csv
    from mien.train.card import names_of
    from mien.train.split import leak, of_fold
    from mien.train.tables import SPLIT

    settings = load(params)
    variant, _, fold = names_of(predictions.parent)
    seen = of_fold(read_csv(split, SPLIT), fold)
    scored = with_groups(read_csv(predictions, PREDICTIONS), seen, predictions)
    share = leak(scored, seen)
    gate(share, settings.variant(variant).scheme, split, predictions)
    write_json(metrics, {**measured(scored, settings.report), "leak": share})


@app.command()
def compare(
    runs: Runs,
    splits: Splits,
    summary_json: Annotated[Path, typer.Option(help="Variants and pairs to write, as JSON.")],
    summary_csv: Annotated[Path, typer.Option(help="The table of variants to write.")],
    params: Settings = PARAMS,
) -> None:
    """Set the variants side by side, with intervals, and every two of them; name the best."""
    from mien.files import write_json
    from mien.params import load
    from mien.report.best import best
    from mien.report.compare import compare_pairs
    from mien.report.effects import effects
    from mien.report.plots import headline
    from mien.report.runs import Result
    from mien.report.scored import with_groups
    from mien.report.summary import summarise
    from mien.report.tables import PREDICTIONS, SUMMARY
    from mien.tables import read_csv, write_csv
    from mien.train.card import names_of
    from mien.train.split import leak, of_fold
    from mien.train.tables import SPLIT

    settings = load(params)
    results = []
    for run, variant in settings.runs:
        name, seed, fold = names_of(run)
        seen = of_fold(read_csv(splits / variant.split, SPLIT), fold)
        path = runs / run / "predictions.csv"
        scored = with_groups(read_csv(path, PREDICTIONS), seen, path)
        results.append(Result(name, seed, scored, leak(scored, seen)))
    table = summarise(results, settings.variants, settings.report)
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    pairs = compare_pairs(results, settings.report)
    answers = table["reliable"].map({True: "yes", False: "no"})
    write_csv(summary_csv, table[list(SUMMARY.columns)].assign(reliable=answers), SUMMARY)
    content = {
        **headline(table),
        "variants": rows,
        "pairs": pairs,
        "effects": effects(results, settings.variants, settings.report),
        "best": best(rows, pairs, settings.report.confidence),
    }
    write_json(summary_json, content)


@app.command("best")
def best_variant(
    summary: Annotated[Path, typer.Option(help="The comparison of the variants, as JSON.")] = Path(
        "metrics/summary.json"
    ),
) -> None:
    """Name the variant that validation speaks for, and those that may be as good."""
    from mien.files import read_json
    from mien.report.best import sentences

    for line in sentences(read_json(summary), str(summary)):
        typer.echo(line)


@app.command()
def suspects(
    runs: Runs,
    labels: Labels,
    suspected: Annotated[Path, typer.Option(help="The table of suspected labels to write.")],
    params: Settings = PARAMS,
) -> None:
    """List the faces whose label the models doubt, the most doubtful first."""
    import pandas as pd

    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.progress import say
    from mien.report.suspects import suspects as doubted
    from mien.report.suspects import witnesses
    from mien.report.tables import PREDICTIONS, SUSPECTED
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
        read_csv(runs / run / "predictions.csv", PREDICTIONS).assign(variant=run.parent.name)
        for run, _ in settings.runs
        if run.parent.name in asked
    )
    table = read_csv(labels, label_table(expressions)).set_index("face_id")
    found = doubted(predictions, table[TRUTH[variant.truth]], expressions)
    write_csv(suspected, found, SUSPECTED)
    faces = predictions["face_id"].nunique()
    say(f"labels doubted: {len(found)} of {faces} faces, asked of {', '.join(asked)}")


@app.command()
def second_look(
    looks: Annotated[Path, typer.Option(help="The table of second looks, if there is one.")],
    labels: Labels,
    second_look: Annotated[Path, typer.Option(help="The counts to write, as JSON.")],
    ballots: Annotated[list[Path] | None, typer.Option(help="A voter's file.")] = None,
    params: Settings = PARAMS,
) -> None:
    """Count what second looks at doubted labels have changed."""
    from mien.files import write_json
    from mien.labels.ballots import read_ballots
    from mien.labels.tables import labels as label_table
    from mien.labels.vote.second_look import looked_at
    from mien.params import load
    from mien.progress import say
    from mien.report.second_look import second_look as counted
    from mien.tables import read_csv

    expressions = load(params).labels.expressions
    table = read_csv(labels, label_table(expressions)).set_index("face_id")
    cast, _ = read_ballots(ballots or [], expressions)
    counts = counted(looked_at(looks), table["label"], cast)
    write_json(second_look, counts)
    said = ", ".join(f"{name} {number}" for name, number in counts["outcomes"].items())
    say(f"second look: offered {counts['offered']}, {said}")


@app.command()
def plots(
    runs: Runs,
    models: Models,
    confusion: Annotated[Path, typer.Option(help="The table of confusion matrices to write.")],
    learning: Annotated[Path, typer.Option(help="The table of learning curves to write.")],
    params: Settings = PARAMS,
) -> None:
    """Write the tables that `dvc plots` draws."""
    from mien.params import load
    from mien.report import plots
    from mien.report.tables import CONFUSION, LEARNING, PREDICTIONS
    from mien.tables import read_csv, write_csv
    from mien.train.tables import HISTORY

    names = [run for run, _ in load(params).runs]
    predicted = {run: read_csv(runs / run / "predictions.csv", PREDICTIONS) for run in names}
    histories = {run: read_csv(models / run / "history.csv", HISTORY) for run in names}
    write_csv(confusion, plots.confusions(predicted), CONFUSION)
    write_csv(learning, plots.learning(histories), LEARNING)


@app.command()
def slices(
    runs: Runs,
    index: Index,
    labels: Labels,
    faces: Shards,
    slices: Annotated[Path, typer.Option(help="The table of slices to write.")],
    params: Settings = PARAMS,
) -> None:
    """Tell each variant's errors by size, sharpness, source, tag, expression and group."""
    import pandas as pd

    from mien.faces.tables import FACES
    from mien.params import load
    from mien.progress import say
    from mien.report.sliced import read_sliced
    from mien.report.slices import FEWEST, error_rates, errors_of, slices_of
    from mien.report.tables import PREDICTIONS, SLICES
    from mien.tables import check_references, read_csv, write_csv

    settings, known = load(params), read_csv(index, FACES)["face_id"]
    predicted: dict[str, list[pd.DataFrame]] = {}
    for run, _ in settings.runs:
        path = runs / run / "predictions.csv"
        table = read_csv(path, PREDICTIONS)
        check_references(table["face_id"], known, path, "the index of faces")
        predicted.setdefault(run.parent.name, []).append(table)
    errors = {name: errors_of(tables) for name, tables in sorted(predicted.items())}
    asked = set(pd.concat(errors.values())["face_id"])
    whole = read_sliced(asked, index, labels, faces, settings.labels.expressions)
    cut, groups = slices_of(whole), whole.set_index("face_id")["group_id"]
    rows = []
    for name, wrong in errors.items():
        rates, few = error_rates(wrong, cut, groups, settings.report)
        rows.append(rates.assign(variant=name))
        left_out = ", ".join(f"{slice} {count}" for slice, count in sorted(few.items())) or "none"
        say(f"{name}: {len(rates)} slices; left out for less than {FEWEST} faces: {left_out}")
    write_csv(slices, pd.concat(rows), SLICES)


@app.command()
def attribution(
    sources: Annotated[Path, typer.Option(help="The table of sources.")],
    scenes: Annotated[Path, typer.Option(help="The folder of shards of scenes.")],
    withdrawn: Withdrawals,
    index: Index,
    csv: Annotated[Path, typer.Option(help="The table of attribution to write.")],
    html: Annotated[Path, typer.Option(help="The page of attribution to write.")],
    params: Settings = PARAMS,
) -> None:
    """Name the author and the licence of every image and every crop."""
    import pandas as pd

    from mien.acquire.licences import licence_url
    from mien.acquire.sources import read_sources
    from mien.acquire.tables import SCENES
    from mien.acquire.withdrawn import read_withdrawn
    from mien.faces.tables import FACES
    from mien.files import atomic
    from mien.params import load
    from mien.report.attribution import attribution as attributed
    from mien.report.attribution import without_formulas
    from mien.report.page.credits import render_attribution
    from mien.report.tables import ATTRIBUTION
    from mien.shards import read_shard
    from mien.tables import read_csv, write_csv

    asked = read_sources(sources, load(params).labels.expressions)
    columns = [name for name in SCENES.names if name != "image"]
    shards = [scenes / f"{source}.parquet" for source in asked["source_id"]]
    images = pd.concat([read_shard(shard, columns) for shard in shards], ignore_index=True)
    kept = images[~read_withdrawn(withdrawn).among(images, asked)]
    table = attributed(kept, read_csv(index, FACES), asked, licence_url)
    write_csv(csv, without_formulas(table), ATTRIBUTION)
    with atomic(html) as temporary:
        uses_flickr = bool((asked["kind"] == "flickr").any())
        temporary.write_text(render_attribution(table, uses_flickr), encoding="utf-8")


@app.command()
def page(
    sources: Annotated[Path, typer.Option(help="The table of sources.")],
    scenes: Annotated[Path, typer.Option(help="The folder of shards of scenes.")],
    skipped: Annotated[Path, typer.Option(help="The folder of tables of skipped items.")],
    withdrawn: Withdrawals,
    index: Index,
    faces: Shards,
    labels: Labels,
    counts: Annotated[Path, typer.Option(help="What became of the ballots.")],
    agreement: Annotated[Path, typer.Option(help="How far the voters agree, as JSON.")],
    splits: Splits,
    runs: Annotated[Path, typer.Option(help="The folder of <variant>/<run>/metrics.json.")],
    slices: Annotated[Path, typer.Option(help="The table of slices.")],
    summary: Annotated[Path, typer.Option(help="The comparison of the variants, as JSON.")],
    page: Annotated[Path, typer.Option(help="The page to write, as HTML.")],
    params: Settings = PARAMS,
) -> None:
    """Draw the overview: results, faces, and what every step left out."""
    from mien.acquire.sources import read_sources
    from mien.faces.shards import shards_of
    from mien.files import atomic
    from mien.params import load
    from mien.report.page.gallery import choose
    from mien.report.page.inputs import read_inputs
    from mien.report.page.overview import render_overview
    from mien.report.page.pictures import face_pictures, scene_pictures

    settings = load(params)
    asked = read_sources(sources, settings.labels.expressions)
    inputs = read_inputs(
        params=settings,
        sources=asked,
        scenes=scenes,
        skipped=skipped,
        withdrawn=withdrawn,
        found=faces,
        index=index,
        labels=labels,
        counts=counts,
        agreement=agreement,
        splits=splits,
        runs=runs,
        slices=slices,
        summary=summary,
    )
    choice = choose(inputs)
    wanted = choice.face_ids()
    crops = face_pictures(shards_of(inputs.faces, wanted, faces), wanted)
    views = scene_pictures(scenes, choice.scenes)
    with atomic(page) as temporary:
        temporary.write_text(render_overview(inputs, choice, crops, views), encoding="utf-8")


@app.command()
def variant_page(
    variant: Annotated[str, typer.Option(help="The name of the variant.")],
    index: Index,
    labels: Labels,
    faces: Shards,
    split: SplitTable,
    models: Models,
    runs: Annotated[Path, typer.Option(help="The folder of <variant>/<run>/.")],
    html: Annotated[Path, typer.Option("--page", help="The page to write, as HTML.")],
    params: Settings = PARAMS,
) -> None:
    """Draw the page of one variant: how it learned, and what it takes for what."""
    from mien.faces.shards import shards_of
    from mien.faces.tables import FACES
    from mien.files import atomic
    from mien.params import load
    from mien.report.page.answers import show
    from mien.report.page.pictures import face_pictures, size_pictures
    from mien.report.page.variant import render_variant
    from mien.report.page.variant_inputs import read_variant
    from mien.tables import read_csv

    inputs = read_variant(
        name=variant,
        params=load(params),
        index=index,
        labels=labels,
        faces=faces,
        split=split,
        models=models,
        runs=runs,
    )
    shown = show(inputs.predictions, inputs.others, inputs.params.report)
    kept, wanted, sizes = read_csv(index, FACES), shown.face_ids(), shown.sizes(inputs.sizes)
    crops = face_pictures(shards_of(kept, wanted, faces), wanted)
    margin = inputs.params.aligned_margin(inputs.variant)
    seen = size_pictures(shards_of(kept, sizes, faces), sizes, margin)
    with atomic(html) as temporary:
        temporary.write_text(render_variant(inputs, shown, crops, seen), encoding="utf-8")


@app.command()
def card(
    variant: Annotated[str, typer.Option(help="The variant to describe.")],
    sources: Annotated[Path, typer.Option(help="The table of sources.")],
    index: Index,
    labels: Labels,
    split: SplitTable,
    attribution: Annotated[Path, typer.Option(help="The table of attribution.")],
    models: Annotated[Path, typer.Option(help="The folder of the variant's <run>/model.json.")],
    runs: Annotated[Path, typer.Option(help="The folder of the variant's <run>/metrics.json.")],
    summary: Annotated[Path, typer.Option(help="The comparison of the variants, as JSON.")],
    slices: Annotated[Path, typer.Option(help="The table of error rates by slice.")],
    openings: Annotated[Path, typer.Option(help="The log of openings, if there is one.")],
    card: Annotated[Path, typer.Option(help="The model card to write, as Markdown.")],
    params: Settings = PARAMS,
) -> None:
    """Write the model card of a variant."""
    from mien.acquire.sources import read_sources
    from mien.faces.tables import FACES
    from mien.files import atomic, read_json
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.report.model_card import Described, render_card
    from mien.report.openings import MODEL, hash_models, read_openings
    from mien.report.tables import ATTRIBUTION, SLICES
    from mien.tables import read_csv
    from mien.train.card import read_card
    from mien.train.tables import SPLIT

    settings = load(params)
    chosen = settings.variant(variant)
    names = chosen.runs(settings.train.split.folds)
    about = Described(
        name=variant,
        params=settings,
        cards=[read_card(models / name) for name in names],
        metrics=[read_json(runs / name / "metrics.json") for name in names],
        summary=read_json(summary),
        slices=read_csv(slices, SLICES),
        sources=read_sources(sources, settings.labels.expressions),
        index=read_csv(index, FACES),
        labels=read_csv(labels, label_table(settings.labels.expressions)),
        split=read_csv(split, SPLIT),
        attribution=read_csv(attribution, ATTRIBUTION),
        openings=read_openings(openings),
        model_sha256=hash_models([models / name / MODEL[chosen.family] for name in names]),
    )
    with atomic(card) as temporary:
        temporary.write_text(render_card(about), encoding="utf-8")


@app.command()
def statement(
    sources: Annotated[Path, typer.Option(help="The table of sources.")],
    acquired: Annotated[Path, typer.Option(help="The table of what each source gave.")],
    attribution: Annotated[Path, typer.Option(help="The table of attribution.")],
    index: Index,
    labels: Labels,
    counts: Annotated[Path, typer.Option(help="What became of the ballots.")],
    agreement: Annotated[Path, typer.Option(help="How far the voters agree, as JSON.")],
    splits: Splits,
    statement: Annotated[Path, typer.Option(help="The data statement to write, as Markdown.")],
    params: Settings = PARAMS,
) -> None:
    """Write the data statement: what the faces are, and what they do not say."""
    from mien.acquire.sources import read_sources
    from mien.acquire.tables import ACQUIRED
    from mien.faces.tables import FACES
    from mien.files import atomic, read_json
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.report.data_statement import Collected, render_statement
    from mien.report.tables import ATTRIBUTION
    from mien.tables import read_csv
    from mien.train.tables import SPLIT

    settings = load(params)
    names = sorted({variant.split for variant in settings.variants.values()})
    data = Collected(
        params=settings,
        sources=read_sources(sources, settings.labels.expressions),
        acquired=read_csv(acquired, ACQUIRED),
        attribution=read_csv(attribution, ATTRIBUTION),
        index=read_csv(index, FACES),
        labels=read_csv(labels, label_table(settings.labels.expressions)),
        ballots=read_json(counts),
        agreement=read_json(agreement),
        splits={Path(name).stem: read_csv(splits / name, SPLIT) for name in names},
    )
    with atomic(statement) as temporary:
        temporary.write_text(render_statement(data), encoding="utf-8")
