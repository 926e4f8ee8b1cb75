"""The doors behind a real server in a thread of its own, for clients that block."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from assistant.database import Database
from tests.api.conftest import Doors


@dataclass(frozen=True, slots=True)
class Live:
    """A running server, and how to ask it."""

    address: str
    secret: str
    doors: Doors


@contextmanager
def serving(*scopes: str) -> Iterator[Live]:
    """The doors with one key of `scopes`, until the block ends."""
    ready, stop, found = threading.Event(), [], []

    async def run() -> None:
        database = Database("sqlite+aiosqlite://")
        await database.create()
        doors = Doors(database)
        port = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(doors.app, log_level="critical", lifespan="off"))
        stop.append(server)
        found.append(Live(f"http://127.0.0.1:{port.getsockname()[1]}", await doors.secret(*scopes), doors))
        ready.set()
        await server.serve([port])
        await database.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(30), "the server did not start"
    try:
        yield found[0]
    finally:
        stop[0].should_exit = True
        thread.join(10)
