"""The verbs of `mien labels`."""

import typer

app = typer.Typer(no_args_is_help=True)
