"""`mien live`: a trained classifier on a camera, in a window or in the browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.live.options import Detector, Model, Threads

if TYPE_CHECKING:
    from mien.live.look import Looker
    from mien.serving import Certificate

PORT = 8475


def live(
    model: Model,
    page: Annotated[
        bool, typer.Option("--page", help="On a page, by the browser's own camera.")
    ] = False,
    host: Annotated[str, typer.Option(help="0.0.0.0: for browsers on your network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = PORT,
    certificate: Annotated[
        Path | None, typer.Option(help="A PEM file: serve the page by https.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The certificate's key, if it is not in its file.")
    ] = None,
    camera: Annotated[
        str, typer.Option(help="Without --page: a number, a device, or a stream's address.")
    ] = "0",
    detector: Detector = None,
    threads: Threads = None,
) -> None:
    """Show what the faces before a camera show, as they move, until Ctrl+C."""
    from mien.live.options import open_looker

    looker = open_looker(model, detector, threads)
    if page:
        _serve(looker, host, port, _checked(certificate, key))
    else:
        from mien.live.window import show_window

        show_window(looker, camera)


def _checked(certificate: Path | None, key: Path | None) -> "Certificate | None":
    from mien.errors import ParamsError
    from mien.serving import Certificate

    if certificate is None:
        if key is not None:
            raise ParamsError(f"--key {key}: it needs its certificate; add --certificate")
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
        if ours.token is not None:
            _tell_link(f"{address}/#{ours.token}")
            if certificate is None:
                say("browsers open a camera on https alone: add --certificate and --key")
        serve(application(looker, ours), socket, MESSAGE_BYTES, certificate)


def _tell_link(link: str) -> None:
    """Say the secret link, which is for a terminal only, not for a log."""
    import sys

    from mien.progress import say

    if sys.stderr.isatty():
        say(f"  {link}")
        say("Whoever has this link may watch their own camera with it. Ctrl+C ends.")
    else:
        say("its link is secret and shown on a terminal only: start it in one")
