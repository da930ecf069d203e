"""The options that the commands of several phases share."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout

Settings = Annotated[
    Path,
    typer.Option(help="The file of settings.", envvar="MIEN_PARAMS", show_envvar=False),
]  # while Snakemake runs, the variable names the settings as they were at its start
PARAMS = layout.PARAMS
Scenes = Annotated[Path, typer.Option(help="The folder of shards of scenes.")]
Withdrawals = Annotated[Path, typer.Option(help="The table of what was withdrawn.")]
Index = Annotated[Path, typer.Option(help="The index of faces.")]
Labels = Annotated[Path, typer.Option(help="The table of labels.")]
Crops = Annotated[Path, typer.Option(help="The folder of shards of crops.")]
VotersFiles = Annotated[list[Path] | None, typer.Argument(help="The voters' files.")]
RunFolder = Annotated[
    Path, typer.Option(help="The folder of the run: .../<variant>/seed-<number>[-fold-<number>].")
]
