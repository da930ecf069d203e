"""The command that exports a model."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings


def export(
    model: Annotated[
        Path,
        typer.Argument(help="A run, models/<variant>/<run>; or a detector of ultralytics, a .pt."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write; by default exports/<variant>-<run>.onnx."),
    ] = None,
    params: Settings = PARAMS,
) -> None:
    """Write a model as one .onnx file, with everything needed to use it."""
    from mien.errors import MienError
    from mien.export.model import export_detector, export_run
    from mien.params import load
    from mien.train.card import names_of

    is_detector = model.suffix == ".pt"
    name = model.stem if is_detector else f"{names_of(model)[0]}-{model.name}"
    path = output or layout.EXPORTS / f"{name}.onnx"
    if path.suffix != ".onnx":
        raise MienError(f"{path}: name a file that ends in .onnx")
    if is_detector:
        export_detector(model, path)
        written = [path]
    else:
        written = export_run(model, load(params), path)
    for file in written:
        typer.echo(file)
