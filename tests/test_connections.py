"""Connections that hold a place without a request, or without taking the answer."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from uvicorn.server import ServerState

from mien import connections
from mien.connections import PLACES, TimedConnection

ANSWER = bytes(4_000_000)  # more than a socket holds for a reader who reads nothing


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """What takes seconds at work takes a moment here."""
    monkeypatch.setattr(connections, "REQUEST_WITHIN_S", 0.2)
    monkeypatch.setattr(connections, "ANSWER_WITHIN_S", 0.4)


async def _app(scope, receive, send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": ANSWER if scope["path"] == "/all" else b"ok"})


def visit(act: Callable[[int, set], Awaitable[object]]) -> object:
    """Run what is done with a server's port, and the set of its connections; return its result."""

    async def run() -> object:
        state = ServerState()
        config = uvicorn.Config(_app, log_level="critical", lifespan="off")
        server = await asyncio.get_running_loop().create_server(
            lambda: TimedConnection(config, state, {}), "127.0.0.1", 0
        )
        async with server:
            return await act(server.sockets[0].getsockname()[1], state.connections)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: here\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\nGET / HT",
    ],
)
def test_a_request_that_does_not_come_to_its_end_ends_the_connection(said):
    async def act(port: int, _: set) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        try:
            return await asyncio.wait_for(reader.read(), 30)
        except ConnectionResetError:
            return b""

    answer = visit(act)
    assert answer.count(b"200 OK") == said.count(b"\r\n\r\nGET")


def test_a_request_that_comes_a_letter_at_a_time_ends_too():
    async def act(port: int, there: set) -> int:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for sent in range(10_000):
            writer.write(b"x")
            await asyncio.sleep(0.01)
            if sent and not there:
                return sent
        return 10_000

    assert visit(act) < 10_000


def test_an_answer_that_nobody_takes_ends_the_connection():
    async def act(port: int, there: set) -> bool:
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.sendall(b"GET /all HTTP/1.1\r\nHost: here\r\n\r\n" * 3)
            await asyncio.sleep(0.1)
            assert len(there) == 1
            while there:
                await asyncio.sleep(0.05)
            return True

    assert visit(act)


def test_a_slow_but_honest_exchange_goes_on_and_the_next_has_its_own_time():
    async def act(port: int, _: set) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _turn in range(5):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            await reader.readuntil(b"ok")
            await asyncio.sleep(0.1)
        writer.close()
        return 5

    assert visit(act) == 5


def test_when_all_places_are_taken_the_silent_one_that_came_first_gives_up_its_own(monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_WITHIN_S", 60.0)

    async def act(port: int, there: set) -> list[bool]:
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(PLACES)]
        while len(there) < PLACES:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"ok")
        assert len(there) == PLACES
        ended = []
        for one, other in crowd[:3]:
            await asyncio.sleep(0)
            ended.append(one.at_eof() or other.is_closing() or one.exception() is not None)
        for _, each in crowd:
            each.close()
        writer.close()
        return ended

    assert visit(act) == [True, False, False]
