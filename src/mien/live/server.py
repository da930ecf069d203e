"""The live page's server: its files, and a websocket that frames come by and answers go by."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse
from starlette.status import WS_1008_POLICY_VIOLATION, WS_1013_TRY_AGAIN_LATER

from mien.live.door import Door
from mien.live.look import Looker
from mien.live.metadata import Metadata
from mien.live.viewer import Json, Looks, Viewer
from mien.serving import add_headers, serve_page

MESSAGE_BYTES = 1024 * 1024
VIEWERS, STRANGERS = 8, 32
TOKEN_WITHIN_S = 5.0
FRAME_PX = (480, 1280)  # the least and the most of a frame's longer side that a page is asked for


def application(looker: Looker, door: Door) -> FastAPI:
    """Return the server of the page; nothing that it is sent outlives the answer.

    A page says its token first, an empty one where none is needed, and then sends frames.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    looks = Looks(looker)
    strangers: set[WebSocket] = set()
    viewers: set[WebSocket] = set()

    @app.websocket("/frames")
    async def frames(socket: WebSocket) -> None:
        headers = socket.headers
        own = door.is_own(headers.get("host"), headers.get("origin"))
        if not own or len(strangers) == STRANGERS:
            await socket.close()  # before it is accepted: 403
            return
        strangers.add(socket)
        try:
            known = await _introduced(socket, door)
        finally:
            strangers.remove(socket)
        if not known:
            return
        if len(viewers) == VIEWERS:
            reason = f"{VIEWERS} pages are watching, which is as many as may"
            await socket.close(WS_1013_TRY_AGAIN_LATER, reason)
            return
        viewers.add(socket)
        try:
            with suppress(WebSocketDisconnect):
                await socket.send_json({"model": described(looker.about)})
                await Viewer(socket, looks).watch()
        finally:
            viewers.remove(socket)

    @app.middleware("http")
    async def known_host(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if door.knows(request.headers.get("host")):
            return await answer(request)
        return PlainTextResponse(f"ask for 127.0.0.1:{door.port}, by no other name\n", 403)

    serve_page(app, "mien.live")
    add_headers(app)
    return app


async def _introduced(socket: WebSocket, door: Door) -> bool:
    """Accept the connection; return whether the page then says the token."""
    await socket.accept()
    try:
        first = await asyncio.wait_for(socket.receive(), TOKEN_WITHIN_S)
    except TimeoutError:
        first = {"type": "websocket.receive"}
    if first["type"] == "websocket.disconnect":
        return False
    if door.opens(first.get("text") or ""):
        return True
    await socket.close(WS_1008_POLICY_VIOLATION, "the link is not valid; ask for the one of now")
    return False


def described(about: Metadata) -> Json:
    """Return what the page shows of the model, and how large frames it wants."""
    least, most = FRAME_PX
    return {
        "name": f"{about.variant}, {about.run}",
        "classes": about.classes,
        "licence": about.licence,
        "summary": about.summary,
        "frame_px": min(max(about.faces.image_size_px, least), most),
    }
