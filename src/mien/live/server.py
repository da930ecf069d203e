"""The live page's server: its files, and a websocket for frames and answers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import PlainTextResponse
from starlette.status import WS_1008_POLICY_VIOLATION, WS_1013_TRY_AGAIN_LATER

from mien.live.door import Door
from mien.live.look import Looker
from mien.live.viewer import Looks, Viewer
from mien.serving import add_headers, serve_page

MESSAGE_BYTES = 1024 * 1024
VIEWERS, STRANGERS = 8, 32
TOKEN_WITHIN_S = 5.0
SILENT_S = 20.0  # after which another page may take the place
FRAME_PX = (480, 1280)  # limits of the longer side of the frames that a page shall send


def application(looker: Looker, door: Door) -> FastAPI:
    """Return the server of the page; no frame is kept after its answer.

    A page sends its token first, empty if none is needed, and then frames.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    looks = Looks(looker)
    strangers: list[asyncio.Timeout] = []
    viewers: list[Viewer] = []

    @app.websocket("/frames")
    async def frames(socket: WebSocket) -> None:
        headers = socket.headers
        own = door.is_own(headers.get("host"), headers.get("origin"))
        if not own:
            await socket.close()  # before it is accepted: 403
            return
        if len(strangers) == STRANGERS:
            strangers[0].reschedule(0)  # the one who has had the most time
        if not await _introduced(socket, door, strangers):
            return
        if len(viewers) == VIEWERS and not await _made_room(viewers):
            reason = f"{VIEWERS} pages are watching, and no more may"
            await socket.close(WS_1013_TRY_AGAIN_LATER, reason)
            return
        viewer = Viewer(socket, looks)
        viewers.append(viewer)
        try:
            with suppress(WebSocketDisconnect):
                await socket.send_json({"model": described(looker)})
                await viewer.watch()
        finally:
            if viewer in viewers:
                viewers.remove(viewer)

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


async def _made_room(viewers: list[Viewer]) -> bool:
    """Remove the viewer that was silent longest; return False if none was for `SILENT_S`."""
    silent = max(viewers, key=lambda viewer: viewer.silent_s)
    if silent.silent_s < SILENT_S:
        return False
    viewers.remove(silent)
    await silent.leave()
    return True


async def _introduced(socket: WebSocket, door: Door, strangers: list[asyncio.Timeout]) -> bool:
    """Accept the connection; return whether the page sends the token in time."""
    await socket.accept()
    try:
        async with asyncio.timeout(TOKEN_WITHIN_S) as limit:
            strangers.append(limit)
            try:
                first = await socket.receive()
            finally:
                strangers.remove(limit)
    except TimeoutError:
        await socket.close(WS_1008_POLICY_VIOLATION, "nothing was said in time")
        return False
    if first["type"] == "websocket.disconnect":
        return False
    if door.opens(first.get("text") or ""):
        return True
    await socket.close(WS_1008_POLICY_VIOLATION, "the link is not valid; ask for the one of now")
    return False


def described(looker: Looker) -> dict[str, object]:
    """Return what the page shows of the model, and the size of the frames to send."""
    about, (least, most) = looker.about, FRAME_PX
    return {
        "name": f"{about.variant}, {about.run}",
        "classes": about.classes,
        "sureness": looker.sureness,
        "threshold": about.threshold,
        "licence": about.licence,
        "summary": about.summary,
        "frame_px": min(max(about.faces.image_size_px, least), most),
    }
