"""One process that answers over HTTP: the only one, or one of several workers.

The supervisor starts a worker as `python -m assistant.serving.web SOCKET [KEEPER]`, with the number of the open socket
that it accepts from and the place of the keeper of models if there is one. A worker says on its output when it is
ready, and stops when its input ends: when the supervisor is no more.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Literal

import uvicorn

from assistant.app import create_app
from assistant.errors import AssistantError
from assistant.opening import open_catalog, open_models
from assistant.parts import open_parts
from assistant.settings import Settings, read_settings
from assistant.watching.logs import set_up_logging

log = logging.getLogger(__name__)

READY = b"ready\n"
KEEP_ALIVE_S = 75
"""Longer than the 60 s for which proxies reuse a connection: whoever closes first must not be us, with a request on
its way."""


class WebServer(uvicorn.Server):
    """Serves the application of `settings`, and says so once it really does: rails built, knowledge ingested.

    Told to stop, it takes no new requests and gives those under way `drain_s` seconds to end.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        on_ready: Callable[[], None],
        keeper: Path | None = None,
        console: Literal["here", "elsewhere", "alone"] = "here",
    ) -> None:
        models = open_models(settings, open_catalog(settings), keeper=keeper)
        config = uvicorn.Config(
            create_app(settings, parts=open_parts(settings, models=models), console=console),
            log_config=None,  # What uvicorn says goes through our log, which leaves out the words of exceptions.
            log_level="warning",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=settings.drain_s,
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; then the word that it is done."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def main(listening: int, keeper: Path | None, *, console: Literal["elsewhere", "alone"] = "elsewhere") -> None:
    """Runs one worker, or the console `alone`, until it is told to stop."""
    set_up_logging()
    tell = os.dup(1)
    os.dup2(2, 1)  # From here on, whatever is printed goes with the log; only the supervisor hears from us.
    Thread(target=_stop_with_supervisor, daemon=True).start()
    try:
        settings = read_settings()
        set_up_logging(settings.log_format)
        server = WebServer(settings, on_ready=lambda: _say(tell), keeper=keeper, console=console)
    except AssistantError as error:
        log.error("%s", error)  # noqa: TRY400 — a setting or a file is wrong; where it was found helps nobody
        raise SystemExit(1) from None
    server.run([socket.socket(fileno=listening)])


def _say(tell: int) -> None:
    os.write(tell, READY)


def _stop_with_supervisor() -> None:
    while os.read(0, 1024):  # Not sys.stdin: a thread that waits inside it makes the interpreter abort at its end.
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
