"""What every page that mien serves needs: socket, files, headers, limits."""

import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from mien.connections import TimedConnection
from mien.errors import SourceError

EVERYWHERE = ("0.0.0.0", "::")
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Certificate:
    """The files of a server's certificate and its key; one file may hold both."""

    chain: Path
    key: Path | None

    def check(self) -> None:
        """Raise SourceError when no server can use the files."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key)
        except OSError as error:  # ssl.SSLError is one
            raise SourceError(
                f"{self.chain}: no certificate with its key ({error.strerror or error}); name two "
                "PEM files by --certificate and --key"
            ) from None


@dataclass
class Rates:
    """A token bucket for every client: `per_s` requests a second, `reserve` at once."""

    per_s: float = 60.0
    reserve: float = 240.0
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def spend(self, client: str) -> float:
        """Take one of the client's tokens; return 0, or after how many seconds there is one."""
        now = time.monotonic()
        left, before = self._left.get(client, (self.reserve, now))
        left = min(self.reserve, left + (now - before) * self.per_s)
        if left < 1:
            return (1 - left) / self.per_s
        self._left[client] = (left - 1, now)
        return 0.0


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket that is bound to the address; raise SourceError when it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # early clients wait until the server is ready
        except OSError as error:
            raise SourceError(
                f"{host}, port {port}: {error.strerror or error}; take another by --port or --host"
            ) from None
        yield listener


def serve(
    app: FastAPI,
    listener: socket.socket,
    message_bytes: int | None = None,
    certificate: Certificate | None = None,
) -> None:
    """Answer until the process is told to stop; requests under way are answered first.

    With `message_bytes`, serve websockets whose messages are at most that long.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=256,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=16 * 1024,
        http=TimedConnection,
        ws="none" if message_bytes is None else "websockets-sansio",
        ws_max_size=message_bytes or 0,
        ws_per_message_deflate=False,  # JPEGs gain nothing; a few bytes must not unpack to many
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    uvicorn.Server(config).run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_host(host: str) -> str:
    """Return the host for a URL; for a server bound everywhere, this machine's address."""
    if host not in EVERYWHERE:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; it only chooses the route
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def serve_page(app: FastAPI, package: str) -> None:
    """Serve the page of the package and what all pages share; files are read once, here."""
    page = {
        file.name: (file.read_bytes(), TYPES[Path(file.name).suffix])
        for owner in ("mien", package)
        for file in (files(owner) / "page").iterdir()
        if Path(file.name).suffix in TYPES
    }

    @app.get("/")
    def index() -> Response:
        return part("index.html")

    @app.get("/page/{name}")
    def part(name: str) -> Response:
        if name not in page:
            raise HTTPException(404, "there is no such file")
        content, kind = page[name]
        return Response(content, media_type=kind)


def add_headers(app: FastAPI) -> None:
    """Give every answer the headers of a safe page."""

    @app.middleware("http")
    async def headers(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await answer(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response
