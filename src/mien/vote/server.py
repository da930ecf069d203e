"""The server of the voting page: who may ask, for what, and how errors are answered."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException as StatusError
from starlette.requests import ClientDisconnect

from mien.errors import DiskError, MienError, ParamsError
from mien.progress import say
from mien.serving import Rates, add_headers, serve_page
from mien.vote.answers import Ballots, Text
from mien.vote.limits import body_of
from mien.vote.links import invite, read_links, take_back
from mien.vote.pictures import Pictures
from mien.vote.voting import ClosedRoundError, Told, Voting


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Text


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    round: Text


def application(voting: Voting, pictures: Pictures, links: Path) -> FastAPI:
    """Return the server of the page. It has no documents of its own, and answers in JSON."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    rates = Rates()

    def who(request: Request) -> tuple[str, bool]:
        """Return the owner of the request's token; strangers share one budget of requests."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = read_links(links).find(token) if scheme == "Bearer" and token else None
        wait_s = rates.spend(f"voter {found[0]} {found[1]}" if found else "strangers")
        if wait_s:
            raise HTTPException(429, "too many requests", {"Retry-After": str(math.ceil(wait_s))})
        if found is None:
            raise HTTPException(401, "the link is not valid; ask for a new one")
        voting.refresh()
        return found

    def voter(found: Annotated[tuple[str, bool], Depends(who)]) -> str:
        if found[1]:
            raise HTTPException(403, "the organiser has no vote; invite yourself as a voter")
        return found[0]

    def organiser(found: Annotated[tuple[str, bool], Depends(who)]) -> None:
        if not found[1]:
            raise HTTPException(403, "that is for the organiser")

    def invited(name: str) -> Told:
        voter, token = invite(links, name, voting.voters)
        return voting.progress_of(voter, token)

    @app.get("/api/session")
    def session(found: Annotated[tuple[str, bool], Depends(who)]) -> Told:
        name, is_organiser = found
        if is_organiser:
            nothing = {"faces": 0, "done": 0, "left": {}}
            return {"name": name, "organiser": True, **voting.words(), **nothing}
        return voting.session(name)

    @app.get("/api/faces")
    def faces(
        name: Annotated[str, Depends(voter)],
        limit: Annotated[int, Query(ge=1, le=200)] = 60,
        expression: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Told:
        return voting.faces(name, limit, expression)

    @app.get("/api/faces/{face_id}/crop", dependencies=[Depends(voter)])
    def crop(face_id: str) -> Response:
        return _picture(pictures.crop, voting.is_gone, face_id, "image/png")

    @app.get("/api/faces/{face_id}/scene", dependencies=[Depends(voter)])
    def scene(face_id: str) -> Response:
        return _picture(pictures.scene, voting.is_gone, face_id, "image/jpeg")

    @app.post("/api/ballots")
    async def cast(name: Annotated[str, Depends(voter)], request: Request) -> Told:
        ballots = Ballots.model_validate_json(await body_of(request)).ballots
        return await run_in_threadpool(voting.cast, name, ballots)

    @app.get("/api/progress", dependencies=[Depends(organiser)])
    def progress() -> Told:
        return voting.progress(read_links(links).voters)

    @app.get("/api/outcome", dependencies=[Depends(organiser)])
    def outcome() -> Told:
        return voting.outcome()

    @app.post("/api/voters", dependencies=[Depends(organiser)])
    async def add(request: Request) -> Told:
        name = Named.model_validate_json(await body_of(request)).name
        return await run_in_threadpool(invited, name)

    @app.post("/api/voters/taken_back", dependencies=[Depends(organiser)])
    async def taken_back(request: Request) -> Told:
        name = Named.model_validate_json(await body_of(request)).name
        await run_in_threadpool(take_back, links, name, voting.voters)
        return {"name": name}

    @app.post("/api/close", dependencies=[Depends(organiser)])
    async def close(request: Request) -> Told:
        name = Closing.model_validate_json(await body_of(request)).round
        return {"round": await run_in_threadpool(voting.close, name)}

    serve_page(app, "mien.vote")
    add_headers(app)
    _answer_errors(app)
    return app


def _picture(
    read: Callable[[str], bytes], is_gone: Callable[[str], bool], face_id: str, kind: str
) -> Response:
    try:
        return Response(read(face_id), media_type=kind)
    except KeyError:
        if is_gone(face_id):
            raise HTTPException(410, "the face is gone") from None
        raise HTTPException(404, "there is no such face") from None


def _answer_errors(app: FastAPI) -> None:
    """Answer every error in one sentence."""

    def told(status: int, error: str, **more: Any) -> JSONResponse:
        return JSONResponse({"error": error, **more}, status)

    async def of_status(_: Request, error: Exception) -> Response:
        assert isinstance(error, StatusError)
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    async def of_input(_: Request, error: Exception) -> Response:
        assert isinstance(error, ValidationError | RequestValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return told(400, f"{place}: {first['msg']}" if place else str(first["msg"]))

    async def of_user(_: Request, error: Exception) -> Response:
        return told(400 if isinstance(error, ParamsError) else 503, str(error))

    async def of_round(_: Request, error: Exception) -> Response:
        return told(409, "the round was closed", round=error.args[0])

    async def of_disk(request: Request, error: Exception) -> Response:
        say(f"nothing was saved of what {request.url.path} was asked: {error}")
        return told(507, "the organiser's disk is full, or cannot be written: nothing was saved")

    async def of_nobody(_: Request, __: Exception) -> Response:
        return Response(status_code=499)  # who asked has hung up

    app.add_exception_handler(StatusError, of_status)
    app.add_exception_handler(ValidationError, of_input)
    app.add_exception_handler(RequestValidationError, of_input)
    app.add_exception_handler(MienError, of_user)
    app.add_exception_handler(ClosedRoundError, of_round)
    app.add_exception_handler(DiskError, of_disk)
    app.add_exception_handler(OSError, of_disk)
    app.add_exception_handler(ClientDisconnect, of_nobody)
