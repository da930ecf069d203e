"""`mien predict`, `mien compare`, `mien live`: an exported model at work."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mien.live.options import Detector, DetectorPx, Model, Threads, Threshold, finite

if TYPE_CHECKING:
    from mien.live.look import Looker
    from mien.serving import Certificate

HOST, PORT, CAMERA = "127.0.0.1", 8475, "0"
FAULTY, NO_FACE = 2, 3  # exit codes

Form = Annotated[Literal["jsonl", "csv"], typer.Option(help="Of the tables.")]


def predict(
    model: Model,
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, folders, videos, numbers of cameras, addresses such as rtsp://host/path."
        ),
    ],
    output: Annotated[
        Path, typer.Option(help="The folder for tables and annotated pictures and films.")
    ] = Path("predicted"),
    form: Form = "jsonl",
    drawn: Annotated[
        bool, typer.Option("--drawn/--no-drawn", help="Write annotated pictures and films.")
    ] = True,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Write over what is in the folder; files of other names stay."
        ),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(
            help="How long to watch a camera; default: until Ctrl+C.", min=0, callback=finite
        ),
    ] = None,
    threshold: Threshold = None,
    detector: Detector = None,
    detector_px: DetectorPx = None,
    threads: Threads = None,
) -> None:
    """Classify the faces in pictures, films or before a camera.

    Exit code 0: faces were found, or you stopped it. 2: something could not be used; it is named,
    and the rest is done. 3: no face was found.
    """
    from mien.errors import SourceError
    from mien.live.options import open_looker
    from mien.live.output import open_output, refuse_place
    from mien.live.predict import predict_all
    from mien.live.sources import kind_of
    from mien.live.stop import stoppable
    from mien.progress import say

    refuse_place(output, sources, replace)
    for source in sources:
        kind_of(source)  # refuses a wrong source before the model is loaded
    looker = open_looker(model, detector, threads, detector_px, threshold)
    try:
        with stoppable() as stop, open_output(output, form, looker.about.classes, drawn) as out:
            say(f"{looker.about.variant}, {looker.about.run}: {looker.sureness}")
            faults = predict_all(sources, looker, out, stop, seconds)
    except OSError as error:  # a full disk, or a folder without permission
        raise SourceError(f"{error.filename or output}: {error.strerror or error}") from None
    if looker.too_small:
        smallest = looker.about.faces.min_size_px
        say(f"{looker.too_small} faces were smaller than {smallest} pixels and left out")
    for fault in faults:
        say(f"mien: {fault}")
    ended = "; stopped before the end" if stop.asked else ""
    say(f"written to {output}{ended}" if out.looked else f"nothing was written{ended}")
    if faults:
        raise typer.Exit(FAULTY)
    if out.looked and not out.found and not stop.asked:
        say("no face was found")
        raise typer.Exit(NO_FACE)


def compare(
    model: Model,
    left: Annotated[Path, typer.Argument(help="A picture.")],
    right: Annotated[Path, typer.Argument(help="Another, such as the same face with glasses.")],
    output: Annotated[Path, typer.Option(help="The picture to write, .png or .jpg.")] = Path(
        "compared.png"
    ),
    threshold: Threshold = None,
    detector: Detector = None,
    detector_px: DetectorPx = None,
    threads: Threads = None,
) -> None:
    """Show two pictures side by side, each with the probabilities of its largest face."""
    from mien.live.options import open_looker
    from mien.live.side_by_side import compare_pictures
    from mien.progress import say

    looker = open_looker(model, detector, threads, detector_px, threshold)
    for line in compare_pictures(left, right, looker, output):
        typer.echo(line)
    say(f"{looker.about.variant}, {looker.about.run}: {looker.sureness}")


def live(
    model: Model,
    page: Annotated[
        bool, typer.Option("--page", help="On a page, by the browser's own camera.")
    ] = False,
    host: Annotated[str, typer.Option(help="0.0.0.0: for browsers on your network.")] = HOST,
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = PORT,
    certificate: Annotated[
        Path | None, typer.Option(help="A PEM file: serve the page by https.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The certificate's key, if it is not in its file.")
    ] = None,
    camera: Annotated[
        str, typer.Option(help="Without --page: a number, a device, or a stream's address.")
    ] = CAMERA,
    threshold: Threshold = None,
    detector: Detector = None,
    detector_px: DetectorPx = None,
    threads: Threads = None,
) -> None:
    """Classify the faces before a camera, live.

    Keys in the window: space pauses, s saves the picture into this folder, t shows the times, p the
    last minute, q quits.
    """
    from mien.errors import ParamsError
    from mien.live.options import open_looker

    if page and camera != CAMERA:
        raise ParamsError(f"--camera {camera}: --page uses the browser's camera; leave one out")
    if not page and ((host, port) != (HOST, PORT) or certificate or key):
        raise ParamsError("--host, --port, --certificate and --key need --page; add it")
    looker = open_looker(model, detector, threads, detector_px, threshold)
    if page:
        _serve(looker, host, port, _checked(certificate, key))
    else:
        from mien.live.window import show_window
        from mien.progress import say

        say(f"{looker.about.variant}, {looker.about.run}: {looker.sureness}")
        show_window(looker, camera)


def _checked(certificate: Path | None, key: Path | None) -> "Certificate | None":
    from mien.errors import ParamsError
    from mien.serving import Certificate

    if certificate is None:
        if key is not None:
            raise ParamsError(f"--key {key}: a key needs its certificate; add --certificate")
        return None
    given = Certificate(certificate, key)
    given.check()
    return given


def _serve(looker: "Looker", host: str, port: int, certificate: "Certificate | None") -> None:
    from mien.live.door import door
    from mien.live.server import MESSAGE_BYTES, application
    from mien.progress import say
    from mien.serving import listen, serve, shown_host

    with listen(host, port) as socket:
        ours = door(host, socket.getsockname()[1], certificate is not None)
        address = f"{ours.scheme}://{shown_host(host)}:{ours.port}"
        about = looker.about
        say(f"live: {about.variant}, {about.run}, {len(about.classes)} expressions, {address}")
        say(f"  {looker.sureness}")
        if ours.token is not None:
            _tell_link(f"{address}/#{ours.token}")
            if certificate is None:
                say("browsers open a camera only on https: add --certificate and --key")
        serve(application(looker, ours), socket, MESSAGE_BYTES, certificate)


def _tell_link(link: str) -> None:
    """Say the secret link; raise SourceError if stderr is no terminal, but maybe a log."""
    import sys

    from mien.errors import SourceError
    from mien.progress import say

    if not sys.stderr.isatty():
        raise SourceError("the page's link is secret and shown only on a terminal: start it in one")
    say(f"  {link}")
    say("Whoever has this link may watch their own camera with it. Ctrl+C ends.")
