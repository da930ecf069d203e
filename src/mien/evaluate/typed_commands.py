"""The verbs of evaluation that people type and no rule runs."""

from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def open_test(
    variant: Annotated[str, typer.Argument(help="The variant whose runs are asked.")],
    yes: Annotated[bool, typer.Option("--yes", help="Open it without asking.")] = False,
    threads: Annotated[int, typer.Option(help="For the framework.", min=1)] = 1,
    params: Settings = PARAMS,
) -> None:
    """Ask the variant you chose about the test part; every time is logged in git."""
    import sys
    from datetime import UTC, datetime

    from mien.errors import MienError
    from mien.evaluate.open_test import measure_part, read_held_out, result_lines, warning
    from mien.evaluate.openings import log_figures, log_opening, read_openings
    from mien.params import load
    from mien.progress import say

    settings = load(params)
    part = read_held_out(settings, variant)
    say(f"mien: {warning(part, read_openings(layout.OPENINGS))}")
    if not yes:
        if not sys.stdin.isatty():
            raise MienError("nobody is here to confirm the opening: say --yes")
        typer.confirm(f"Open it for {variant}? It will be logged", abort=True, err=True)
    about = part.about(datetime.now(UTC))
    line = log_opening(layout.OPENINGS, about)  # first: a kill hides no opening
    figures = measure_part(part, part.ask(threads), settings.evaluate)
    log_figures(layout.OPENINGS, line, figures)  # before they are shown
    for words in result_lines(part, line, figures, settings.evaluate.confidence):
        print(words)
    say(f"mien: to keep this opening: git add {layout.OPENINGS} && git commit")


@app.command("best")
def best_variant() -> None:
    """Name the variant that validation speaks for, and those that may be as good."""
    from mien.evaluate.best import sentences
    from mien.evaluate.files import Summary
    from mien.files import read_record

    for line in sentences(read_record(layout.SUMMARY, Summary)):
        typer.echo(line)
