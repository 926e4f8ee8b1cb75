"""Running the web application: one process or several, with the address, the demo pages and a first key printed."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from assistant.access import SCOPES, Keys
from assistant.app import create_app
from assistant.database import Database
from assistant.errors import Misconfigured
from assistant.settings import Settings, read_settings
from assistant.verticals import list_verticals

if TYPE_CHECKING:
    from fastapi import FastAPI


KEEP_ALIVE_S = 75
"""Longer than the 60 s for which proxies reuse a connection: whoever closes first must not be us, with a request on
its way."""


def serve(settings: Settings, *, workers: int = 1, say: Callable[[str], None] = print) -> None:
    """Serves until it is stopped; raises Misconfigured when the address is taken or not ours."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "faiss", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    listening = _listen(settings.host, settings.port)
    port = listening.getsockname()[1]
    key = asyncio.run(_first_key(settings))
    config = uvicorn.Config(
        "assistant.serving:app_of_this_process",
        factory=True,
        workers=workers,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=10,
    )
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        say(_welcome(settings, port, key))
        Multiprocess(config, [listening]).run()
        return
    _Server(config, on_ready=lambda: say(_welcome(settings, port, key))).run([listening])


def app_of_this_process() -> FastAPI:
    """The application as the settings of this process say."""
    return create_app(read_settings())


class _Server(uvicorn.Server):
    """Says that it is ready once it really is: rails built, knowledge ingested, socket open."""

    def __init__(self, config: uvicorn.Config, *, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host}:{port}: {error.strerror}; set ASSISTANT_HOST or ASSISTANT_PORT"
        ) from error
    listening.setblocking(False)
    return listening


async def _first_key(settings: Settings) -> str | None:
    """A key with every scope, the first time the service is started; None from then on."""
    database = Database(settings.url)
    try:
        await database.create()
        keys = Keys(database)
        if await keys.list():
            return None
        return (await keys.create("first key", SCOPES)).secret
    finally:
        await database.close()


def _welcome(settings: Settings, port: int, key: str | None) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}"
    fragment = f"#key={key}" if key else ""
    demos = "\n".join(f"  {address}/demo/{name}{fragment}" for name in list_verticals(settings.rails_dir))
    first = (
        f"\nYour first key, shown this once: {key}\n"
        if key
        else "\nMake another key with: assistant keys create NAME\n"
    )
    return f"\nReady: {address}\nDemo pages:\n{demos}\n{first}"
