"""The option that the commands of all phases share."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout

Settings = Annotated[
    Path,
    typer.Option(help="The file of settings.", envvar="MIEN_PARAMS", show_envvar=False),
]  # while Snakemake runs, the variable names the settings as they were at its start
PARAMS = layout.PARAMS
