"""Who may come in: a page of this very server, and whoever has its link."""

import hmac
import secrets
from dataclasses import dataclass

from mien.serving import is_loopback

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Door:
    """What a server asks of those who come; `token` is None on a loopback address.

    There, a name that leads elsewhere is refused, so that no foreign page can make itself one of
    this server by giving its own name this machine's address. Elsewhere the token keeps it out.
    """

    scheme: str
    port: int
    token: str | None

    def knows(self, host: str | None) -> bool:
        """Return whether a request may ask for this host."""
        if host is None:
            return False
        if self.token is not None:
            return True
        name, separator, port = host.rpartition(":")
        if not separator or not port.isdecimal():
            name, port = host, str(PORTS[self.scheme])
        return is_loopback(name.strip("[]")) and int(port) == self.port

    def is_own(self, host: str | None, origin: str | None) -> bool:
        """Return whether a websocket is asked for by a page of this server."""
        return self.knows(host) and origin == f"{self.scheme}://{host}"

    def opens(self, given: str) -> bool:
        """Return whether it is the token; the time taken tells nothing."""
        return self.token is None or hmac.compare_digest(given.encode(), self.token.encode())


def door(host: str, port: int, secure: bool) -> Door:
    """Return the door of a server at this address, with a token where others reach it."""
    token = None if is_loopback(host) else secrets.token_urlsafe(24)
    return Door("https" if secure else "http", port, token)
