"""The pages of the report, and the cards: what people read of it.

Each reads the project in the working folder; its rule names every file that it reads.
"""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings

app = typer.Typer(no_args_is_help=True)

VariantName = Annotated[str, typer.Option(help="The name of the variant.")]


@app.command()
def attribution(
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
    from mien.files import write_text
    from mien.params import load
    from mien.report.attribution import attribution as attributed
    from mien.report.page.credits import render_attribution
    from mien.report.tables import ATTRIBUTION
    from mien.shards import read_shard
    from mien.tables import read_csv, write_csv

    sources = read_sources(layout.SOURCES, load(params).labels.expressions)
    columns = [name for name in SCENES.names if name != "image"]
    shards = [read_shard(layout.scenes_of(source), columns) for source in sources["source_id"]]
    scenes = pd.concat(shards, ignore_index=True)
    kept = scenes[~read_withdrawn(layout.WITHDRAWN).among(scenes, sources)]
    table = attributed(kept, read_csv(layout.INDEX, FACES), sources, licence_url)
    write_csv(csv, table, ATTRIBUTION)
    write_text(html, render_attribution(table, bool((sources["kind"] == "flickr").any())))


@app.command()
def page(
    page: Annotated[Path, typer.Option(help="The page to write, as HTML.")],
    params: Settings = PARAMS,
) -> None:
    """Draw the overview: results, faces, and what every step left out."""
    from mien.faces.shards import shards_of
    from mien.files import write_text
    from mien.params import load
    from mien.report.page.gallery import choose
    from mien.report.page.inputs import read_inputs
    from mien.report.page.overview import render_overview
    from mien.report.page.pictures import face_pictures, scene_pictures

    inputs = read_inputs(load(params))
    choice = choose(inputs)
    wanted = choice.face_ids()
    crops = face_pictures(shards_of(inputs.faces, wanted, layout.CROPS), wanted)
    views = scene_pictures(layout.SCENES, choice.scenes)
    write_text(page, render_overview(inputs, choice, crops, views))


@app.command()
def variant_page(
    variant: VariantName,
    page: Annotated[Path, typer.Option(help="The page to write, as HTML.")],
    params: Settings = PARAMS,
) -> None:
    """Draw the page of one variant: how it learned, and which classes it confuses."""
    from mien.faces.shards import shards_of
    from mien.faces.tables import FACES
    from mien.files import write_text
    from mien.params import load
    from mien.report.page.answers import show
    from mien.report.page.origins import read_origins
    from mien.report.page.pictures import face_pictures, size_pictures
    from mien.report.page.variant import render_variant
    from mien.report.page.variant_inputs import read_variant
    from mien.tables import read_csv

    inputs, kept = read_variant(variant, load(params)), read_csv(layout.INDEX, FACES)
    shown = show(inputs.predictions, inputs.others, inputs.params.report)
    wanted, sizes = shown.face_ids(), shown.sizes(inputs.sizes)
    crops = face_pictures(shards_of(kept, wanted, layout.CROPS), wanted)
    view, margin = inputs.params.views_of(inputs.variant)[0], inputs.params.faces.margin
    seen = size_pictures(shards_of(kept, sizes, layout.CROPS), sizes, view, margin)
    origins = read_origins(kept, layout.SCENES, wanted | set(sizes))
    write_text(page, render_variant(inputs, shown, crops, seen, origins))


@app.command()
def card(
    variant: VariantName,
    card: Annotated[Path, typer.Option(help="The model card to write, as Markdown.")],
    params: Settings = PARAMS,
) -> None:
    """Write the model card of a variant."""
    from mien.files import write_text
    from mien.params import load
    from mien.report.model_card import read_described, render_card

    write_text(card, render_card(read_described(variant, load(params))))


@app.command()
def statement(
    statement: Annotated[Path, typer.Option(help="The data statement to write, as Markdown.")],
    params: Settings = PARAMS,
) -> None:
    """Write the data statement: what the faces are, and what they do not say."""
    from mien.files import write_text
    from mien.params import load
    from mien.report.data_statement import read_collected, render_statement

    write_text(statement, render_statement(read_collected(load(params))))
