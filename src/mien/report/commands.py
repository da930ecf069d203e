"""The pages of the report, and the cards: what people read of it."""

from pathlib import Path
from typing import Annotated

import typer

from mien.evaluate.options import Index, Labels, Models, Shards, Splits, SplitTable, Withdrawals
from mien.options import PARAMS, Settings

app = typer.Typer(no_args_is_help=True)


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
    write_csv(csv, table, ATTRIBUTION)
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
    suspected: Annotated[Path, typer.Option(help="The table of suspected labels.")],
    second_look: Annotated[Path, typer.Option(help="What second looks changed, as JSON.")],
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
        suspected=suspected,
        second_look=second_look,
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
    scenes: Annotated[Path, typer.Option(help="The folder of shards of scenes.")],
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
    from mien.report.page.origins import read_origins
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
    origins = read_origins(kept, scenes, wanted | set(sizes))
    with atomic(html) as temporary:
        temporary.write_text(render_variant(inputs, shown, crops, seen, origins), encoding="utf-8")


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
    from mien.evaluate.openings import hash_models, read_openings
    from mien.evaluate.tables import SLICES
    from mien.faces.tables import FACES
    from mien.files import atomic, read_json
    from mien.labels.tables import labels as label_table
    from mien.params import load
    from mien.report.model_card import Described, render_card
    from mien.report.tables import ATTRIBUTION
    from mien.tables import read_csv
    from mien.train.card import read_card
    from mien.train.families import model_of
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
        model_sha256=hash_models([model_of(models / name, chosen.family) for name in names]),
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
