"""What the body of a request may be."""

from fastapi import HTTPException, Request

MAX_BODY = 64 * 1024


async def body_of(request: Request) -> bytes:
    """Return the body of a request that the page itself made.

    Raises 403 for another origin, 415 for another type, and 413 for more than 64 KiB, without
    reading on.
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
