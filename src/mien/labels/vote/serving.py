"""Running the server: its socket, and how it begins and ends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from mien.errors import SourceError

if TYPE_CHECKING:
    from fastapi import FastAPI

EVERYWHERE = ("0.0.0.0", "::")


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket that is bound to the address; raise SourceError when it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # whoever comes before the server is ready waits
        except OSError as error:
            raise SourceError(
                f"{host}, port {port}: {error.strerror or error}; take another by --port or --host"
            ) from None
        yield listener


def serve(app: "FastAPI", listener: socket.socket) -> None:
    """Answer until the process is told to stop; what is under way is answered first."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=16 * 1024,
        http="h11",
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[listener])


def shown_host(host: str) -> str:
    """Return the address that others reach this machine by, for a server bound everywhere."""
    if host not in EVERYWHERE:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which way it would go
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
