"""Access to the live page: for pages of this server, and holders of its link."""

import hmac
import secrets
from dataclasses import dataclass

from mien.serving import is_loopback

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Door:
    """What a server requires of its clients; `token` is None on a loopback address.

    On a loopback address the host must be a name of this machine: a foreign page could point its
    own name at 127.0.0.1 and read the answers. Elsewhere the token prevents that.
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
        """Return whether a page of this server asks for a websocket."""
        return self.knows(host) and origin == f"{self.scheme}://{host}"

    def opens(self, given: str) -> bool:
        """Return whether the token is right, in constant time."""
        return self.token is None or hmac.compare_digest(given.encode(), self.token.encode())


def door(host: str, port: int, secure: bool) -> Door:
    """Return the door of a server at this address, with a token if others can reach it."""
    token = None if is_loopback(host) else secrets.token_urlsafe(24)
    return Door("https" if secure else "http", port, token)
