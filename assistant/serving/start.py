"""Running the service: one process or several, with the address, the demo pages and a first key printed."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from threading import Event

from assistant.access import SCOPES, Keys
from assistant.database import Database
from assistant.errors import Misconfigured
from assistant.llamacpp import open_server
from assistant.opening import loading, open_catalog
from assistant.serving.supervisor import Supervisor
from assistant.serving.web import WebServer
from assistant.settings import Settings
from assistant.verticals import list_verticals
from assistant.watching.logs import set_up_logging

log = logging.getLogger(__name__)


def serve(settings: Settings, *, workers: int = 1, say: Callable[[str], None] = print) -> None:
    """Serves until it is stopped; raises Misconfigured when the address is taken or not ours."""
    set_up_logging(settings.log_format)
    listening = _listen(settings.host, settings.port)
    port = listening.getsockname()[1]
    key = asyncio.run(_first_key(settings))

    def welcome() -> None:
        say(_welcome(settings, port, key))

    if workers > 1:
        console = _listen_for_console(settings)
        asyncio.run(Supervisor(settings, listening, workers=workers, on_ready=welcome, console=console).run())
    else:
        WebServer(settings, on_ready=welcome).run([listening])


def serve_console(settings: Settings, *, host: str, port: int, say: Callable[[str], None] = print) -> None:
    """Serves the console alone until it is stopped; raises Misconfigured when the address is taken or not ours."""
    set_up_logging(settings.log_format)
    listening = _listen(host, port)
    at = f"http://{_written(host)}:{listening.getsockname()[1]}/console"
    WebServer(settings, on_ready=lambda: say(f"\nThe console: {at}\n"), console="alone").run([listening])


def serve_model(settings: Settings, name: str, *, host: str, port: int, say: Callable[[str], None] = print) -> None:
    """Serves one model of the catalog, and nothing else, for services that name this address; until it is stopped.

    Raises UnknownModel, ModelUnavailable when it cannot be loaded, or Misconfigured when no key is set.
    """
    if not settings.model_server_key:
        raise Misconfigured("ASSISTANT_MODEL_SERVER_KEY is not set; choose a long random one, for both sides")
    catalog = open_catalog(settings)
    spec = loading(settings).spec(catalog, catalog.get(name))
    told = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    server = open_server(spec, key=settings.model_server_key, host=host, port=port)
    say(f"{name} is served at {server.listening_address}")
    told.wait()


def _listen_for_console(settings: Settings) -> socket.socket | None:
    """None where there is to be no console, or its port is taken: the assistant answers without it."""
    try:
        return _listen(settings.host, settings.console_port) if settings.console_port else None
    except Misconfigured:
        log.warning("port %d is taken, so there is no console; set ASSISTANT_CONSOLE_PORT", settings.console_port)
        return None


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
    address = f"http://{_written(settings.host)}:{port}"
    fragment = f"#key={key}" if key else ""
    demos = "\n".join(f"  {address}/demo/{name}{fragment}" for name in list_verticals(settings.rails_dir))
    first = (
        f"\nYour first key, shown this once: {key}\n"
        if key
        else "\nMake another key with: assistant keys create NAME\n"
    )
    return f"\nReady: {address}\nConsole: {address}/console\nDemo pages:\n{demos}\n{first}"


def _written(host: str) -> str:
    """`host` as it stands in an address."""
    return f"[{host}]" if ":" in host else host
