"""Predict with the trained runs, measure and compare them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

Predictions = Annotated[Path, typer.Option(help="The table of predictions of one run.")]
SplitTable = Annotated[Path, typer.Option(help="The table of splits the run was trained on.")]
Settings = Annotated[Path, typer.Option(help="The file of settings.")]


@app.command()
def predict(
    variant: Annotated[str, typer.Option(help="A name under variants in the settings.")],
    run: Annotated[Path, typer.Option(help="The folder of the run.")],
    split: SplitTable,
    labels: Annotated[Path, typer.Option(help="The table of labels.")],
    faces: Annotated[list[Path], typer.Option(help="Shards of crops; repeat the option.")],
    predictions: Predictions,
    fold: Annotated[int | None, typer.Option(help="The fold the run is validated with.")] = None,
    threads: Annotated[int, typer.Option(help="For the framework.", min=1)] = 1,
    params: Settings = Path("params.yaml"),
) -> None:
    """Ask a run about the faces that validate it."""
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.report.predict import (
        choose_variant,
        faces_to_predict,
        predict_faces,
        prediction_table,
        predictor,
        refuse_card,
    )
    from mien.report.tables import PREDICTIONS
    from mien.tables import read_csv, write_csv
    from mien.train.card import read_card
    from mien.train.dataset import classes_of
    from mien.train.tables import SPLIT

    settings = load(params)
    chosen = choose_variant(settings.variants, variant)
    classes = classes_of(chosen, settings.labels.expressions)
    card = read_card(run)
    refuse_card(card, run, variant, classes, fold)
    table = read_csv(labels, label_table(settings.labels.expressions))
    rows = faces_to_predict(read_csv(split, SPLIT), table, chosen, classes, fold)
    model = predictor(card.family, threads)
    probabilities = predict_faces(model, run, list(rows["face_id"]), faces)
    write_csv(predictions, prediction_table(rows, probabilities, classes), PREDICTIONS)


@app.command()
def measure(
    predictions: Predictions,
    split: SplitTable,
    metrics: Annotated[Path, typer.Option(help="The metrics to write, as JSON.")],
    params: Settings = Path("params.yaml"),
) -> None:
    """Compute how well one run predicts; fail when groups leak under the scheme grouped."""
    from mien.params import load
    from mien.report.metrics import measure as measured
    from mien.report.metrics import write_json
    from mien.report.scored import classes_of, gate, leak, with_groups
    from mien.report.tables import PREDICTIONS
    from mien.tables import read_csv
    from mien.train.tables import SPLIT

    sides = read_csv(split, SPLIT)
    scored = with_groups(read_csv(predictions, PREDICTIONS), sides, predictions)
    share = leak(scored, sides)
    gate(share, split, predictions)
    report = load(params).report
    numbers = measured(scored, scored["group_id"], classes_of(scored), report)
    write_json(metrics, {**numbers, "leak": share})


@app.command()
def compare(
    predictions: Annotated[
        list[Path],
        typer.Option(help="Tables at <variant>/<run>/predictions.csv; repeat the option."),
    ],
    split: Annotated[
        list[Path], typer.Option(help="Tables <labels>-<scheme>.csv; repeat the option.")
    ],
    summary_json: Annotated[Path, typer.Option(help="Variants and pairs to write, as JSON.")],
    summary_csv: Annotated[Path, typer.Option(help="The table of variants to write.")],
    params: Settings = Path("params.yaml"),
) -> None:
    """Set the variants side by side, each with an interval, and every two of them."""
    from mien.params import load
    from mien.report.compare import compare_pairs, split_of, summarise
    from mien.report.metrics import write_json
    from mien.report.predict import choose_variant
    from mien.report.runs import Result, names_of
    from mien.report.scored import leak, with_groups
    from mien.report.tables import PREDICTIONS, SUMMARY
    from mien.tables import read_csv, write_csv
    from mien.train.tables import SPLIT

    settings = load(params)
    splits = {path.stem: read_csv(path, SPLIT) for path in split}
    results = []
    for path in predictions:
        name, seed = names_of(path)
        sides = split_of(splits, name, choose_variant(settings.variants, name))
        scored = with_groups(read_csv(path, PREDICTIONS), sides, path)
        results.append(Result(name, seed, scored, leak(scored, sides)))
    table = summarise(results, settings.variants, settings.report)
    pairs = compare_pairs(results, settings.report)
    write_csv(summary_csv, table, SUMMARY)
    write_json(summary_json, {"variants": table.to_dict("records"), "pairs": pairs})


@app.command()
def page(
    sources: Annotated[Path, typer.Option(help="The table of sources.")],
    scenes: Annotated[list[Path], typer.Option(help="Shards of scenes; repeat the option.")],
    skipped: Annotated[list[Path], typer.Option(help="Tables of skipped items; repeat.")],
    index: Annotated[Path, typer.Option(help="The index of faces.")],
    faces: Annotated[list[Path], typer.Option(help="Shards of crops; repeat the option.")],
    labels: Annotated[Path, typer.Option(help="The table of labels.")],
    split: Annotated[
        list[Path], typer.Option(help="Tables <labels>-<scheme>.csv; repeat the option.")
    ],
    histories: Annotated[
        list[Path], typer.Option(help="Tables at <variant>/<run>/history.csv; repeat the option.")
    ],
    predictions: Annotated[
        list[Path],
        typer.Option(help="Tables at <variant>/<run>/predictions.csv; repeat the option."),
    ],
    metrics: Annotated[
        list[Path], typer.Option(help="Files at <variant>/<run>/metrics.json; repeat the option.")
    ],
    summary: Annotated[Path, typer.Option(help="The comparison of the variants, as JSON.")],
    page: Annotated[Path, typer.Option(help="The page to write, as HTML.")],
    counts: Annotated[Path | None, typer.Option(help="What became of the ballots.")] = None,
    params: Settings = Path("params.yaml"),
) -> None:
    """Draw the page that shows everything: results, faces, and what every step left out."""
    from mien.files import atomic
    from mien.params import load
    from mien.report.gallery import choose, face_pictures, scene_pictures
    from mien.report.inputs import read_inputs, read_runs
    from mien.report.page import render

    runs = read_runs(histories, predictions, metrics)
    inputs = read_inputs(
        load(params), sources, scenes, skipped, faces, index, labels, counts, split, runs, summary
    )
    choice = choose(inputs)
    crops = face_pictures(faces, choice.face_ids())
    views = scene_pictures(scenes, choice.scene_ids())
    with atomic(page) as temporary:
        temporary.write_text(render(inputs, choice, crops, views), encoding="utf-8")
