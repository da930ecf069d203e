"""The `mien` command: one group of verbs a phase, one clear line for what a user can mend."""

import sys
from typing import Annotated

import typer

from mien import __version__
from mien.acquire import commands as acquire
from mien.doctor.commands import doctor
from mien.errors import MienError
from mien.evaluate import commands as evaluate
from mien.exchange import export_commands, import_commands
from mien.export.commands import export
from mien.faces import commands as faces
from mien.forget.commands import forget
from mien.labels import commands as labels
from mien.live.commands import compare, live, predict
from mien.new.commands import new
from mien.own_code import refuse_other_code
from mien.progress import say
from mien.report import commands as report
from mien.train import commands as train
from mien.vote import commands as vote

LIVE = ("av", "fastapi", "onnxruntime", "starlette", "uvicorn", "websockets")

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"mien {__version__}")
        raise typer.Exit


@app.callback()
def about(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Build a labelled data set of faces, and the classifiers trained on it."""


for name, phase in {
    "acquire": acquire,
    "faces": faces,
    "labels": labels,
    "train": train,
    "evaluate": evaluate,
    "report": report,
}.items():
    app.add_typer(phase.app, name=name, help=phase.__doc__)
for verb, exchange in {"import": import_commands, "export": export_commands}.items():
    labels.app.add_typer(exchange.app, name=verb, help=exchange.__doc__)
app.add_typer(vote.app, name="vote")
app.command()(new)
app.command()(doctor)
app.command()(forget)
app.command()(export)
app.command()(predict)
app.command()(compare)
app.command()(live)


EVALUATED = (
    *("best", "compare", "measure", "open-test", "plots"),
    *("predict", "second-look", "slices", "suspects"),
)
MOVED = {
    **{f"report {verb}": f"evaluate {verb}" for verb in EVALUATED},
    **dict.fromkeys(("train yolo", "train resnet"), "train fit"),
}


def _moved(context: typer.Context) -> None:
    """Say what the command is called now."""
    group = context.parent.info_name if context.parent else ""
    typed = f"{group} {context.info_name}"
    raise MienError(f"`mien {typed}` is now `mien {MOVED[typed]}`: type that instead")


ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}
for typed in MOVED:
    group, _, verb = typed.partition(" ")
    {"report": report, "train": train}[group].app.command(
        verb, hidden=True, context_settings=ANYTHING
    )(_moved)


def main() -> None:
    """Run the command; exit with 2 and one line when the user can mend what went wrong."""
    try:
        refuse_other_code(*sys.argv[1:2])
        app()
    except MienError as error:
        say(f"mien: {error}")
        sys.exit(2)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "mien"):
            raise
        extra = "live" if package in LIVE else "pipeline"
        say(f"mien: {package} is not installed here; pip install 'mien[{extra}]'")
        sys.exit(2)
