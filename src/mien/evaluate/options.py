"""The options that several verbs of evaluation share."""

from pathlib import Path
from typing import Annotated

import typer

Predictions = Annotated[Path, typer.Option(help="The table of predictions of one run.")]
SplitTable = Annotated[Path, typer.Option(help="The table of splits the run was trained on.")]
Index = Annotated[Path, typer.Option(help="The index of faces.")]
Labels = Annotated[Path, typer.Option(help="The table of labels.")]
Shards = Annotated[Path, typer.Option(help="The folder of shards of crops.")]
Runs = Annotated[Path, typer.Option(help="The folder of <variant>/<run>/predictions.csv.")]
Models = Annotated[Path, typer.Option(help="The folder of <variant>/<run>/history.csv.")]
Withdrawals = Annotated[Path, typer.Option(help="The table of what was withdrawn.")]
Splits = Annotated[Path, typer.Option(help="The folder of <labels>-<scheme>.csv.")]
