"""`mien predict` and `mien compare`: an exported model on pictures, films and cameras."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mien.live.options import Detector, Model, Threads

Form = Annotated[Literal["jsonl", "csv"], typer.Option(help="Of the tables.")]


def predict(
    model: Model,
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders, videos, numbers of cameras, addresses such as rtsp://host/path."
        ),
    ],
    output: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("predicted"),
    form: Form = "jsonl",
    drawn: Annotated[
        bool, typer.Option("--drawn/--no-drawn", help="Write annotated pictures and films.")
    ] = True,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over what is in the folder.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(help="How long to watch a camera; default: until Ctrl+C.", min=0)
    ] = None,
    detector: Detector = None,
    threads: Threads = None,
) -> None:
    """Tell what faces on pictures, in films or before a camera show."""
    from mien.errors import SourceError
    from mien.live.options import open_looker
    from mien.live.predict import open_output, predict_all
    from mien.live.stop import stoppable
    from mien.progress import say

    if output.is_dir() and any(output.iterdir()) and not replace:
        raise SourceError(
            f"{output}: there is something in this folder; name another by --output, or say "
            "--replace"
        )
    looker = open_looker(model, detector, threads)
    with stoppable() as stop, open_output(output, form, looker.about.classes, drawn) as out:
        faults = predict_all(sources, looker, out, stop, seconds)
    for fault in faults:
        say(f"mien: {fault}")
    say(f"written to {output}" + ("; stopped before the end" if stop.asked else ""))
    if faults:
        raise typer.Exit(2)


def compare(
    model: Model,
    left: Annotated[Path, typer.Argument(help="A picture.")],
    right: Annotated[Path, typer.Argument(help="Another, such as the same face with glasses.")],
    output: Annotated[Path, typer.Option(help="The picture to write.")] = Path("compared.png"),
    detector: Detector = None,
    threads: Threads = None,
) -> None:
    """Show two pictures side by side, each with the probabilities of its largest face."""
    from mien.live.options import open_looker
    from mien.live.side_by_side import compare_pictures

    looker = open_looker(model, detector, threads)
    for line in compare_pictures(left, right, looker, output):
        typer.echo(line)
