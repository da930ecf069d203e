"""How much one client may ask for, and what every answer says to the browser."""

import math
import time
from dataclasses import dataclass, field

from fastapi import HTTPException, Request

MAX_BODY = 64 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Rates:
    """A token bucket for every client: so many requests a second, and a reserve of them."""

    per_s: float = 60.0
    reserve: float = 240.0
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def spend(self, client: str) -> None:
        """Take one request of the client's; raise 429 when there is none."""
        now = time.monotonic()
        left, before = self._left.get(client, (self.reserve, now))
        left = min(self.reserve, left + (now - before) * self.per_s)
        if left < 1:
            wait_s = math.ceil((1 - left) / self.per_s)
            raise HTTPException(429, "too many requests", {"Retry-After": str(wait_s)})
        self._left[client] = (left - 1, now)


async def body_of(request: Request) -> bytes:
    """Return the body of a request that the page itself made.

    Raises 403 for another origin, 415 for another type, 413 for more than 64 KiB, of which no
    more is read.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host')}":
        raise HTTPException(403, "the request comes from another site")
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415, "the body must be JSON")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"the body is larger than {MAX_BODY} bytes")
    return bytes(body)
