"""The command that exports a model."""

from pathlib import Path
from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings


def export(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run, models/<variant>/<run>; a variant, whose runs are averaged; or a detector "
            "of ultralytics, a .pt."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write; by default exports/<variant>-<run>.onnx."),
    ] = None,
    params: Settings = PARAMS,
) -> None:
    """Write a model as one .onnx file, with everything needed to use it."""
    from mien.errors import MienError
    from mien.export.detector import export_detector
    from mien.export.model import export_models, file_name
    from mien.params import load

    is_detector = model.suffix == ".pt"
    name = f"{model.stem}.onnx" if is_detector else file_name(model)
    path = output or layout.EXPORTS / name
    if path.suffix != ".onnx":
        raise MienError(f"{path}: name a file that ends in .onnx")
    if is_detector:
        export_detector(model, path)
        written = [path]
    else:
        written = export_models(model, load(params), path)
    for file in written:
        typer.echo(file)
