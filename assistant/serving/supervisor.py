"""Several web processes on one port, and the models they share: started together, started again when one dies."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import Misconfigured
from assistant.models import Keeper, said
from assistant.opening import loading, open_catalog
from assistant.serving.web import READY
from assistant.settings import Settings
from assistant.watching.metrics import SHARED_FOLDER, forget_process

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
"""Before a worker that died is started again; doubled each time it dies before it was ready."""
_CONSOLE = -1
"""The console's number among the workers."""
AFTER_DRAIN_S = 10.0
"""What a worker may take beyond the drain to give its job back and close its database; then it is killed."""


class Supervisor:
    """Runs the workers, and the keeper of their models where these are shared."""

    def __init__(
        self,
        settings: Settings,
        listening: socket.socket,
        *,
        workers: int,
        on_ready: Callable[[], None],
        console: socket.socket | None = None,
    ) -> None:
        """`on_ready` is called once, when every worker answers; the console, if any, accepts from `console`."""
        self._consoles = [console] if console else []
        self._settings, self._listening, self._workers, self._on_ready = settings, listening, workers, on_ready
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._ready: set[int] = set()
        self._counts = Path()

    async def run(self) -> None:
        """Returns when it was told to stop (SIGTERM, SIGINT) and all has ended; raises Misconfigured if none can start.

        Stopping is in this order: nothing new is accepted, answers under way end or are cut off after `drain_s`, jobs
        are given back, the models end.
        """
        told = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, told.set)
        # Only its owner may enter this folder, and a path in it is short enough for a socket.
        with TemporaryDirectory(prefix="assistant-") as folder:
            self._counts = Path(folder, "counts")
            self._counts.mkdir()
            keeper = self._keeper(Path(folder))
            if keeper:
                await keeper.open()
            posts = [asyncio.create_task(self._post(number, keeper)) for number in range(self._workers)]
            posts += [asyncio.create_task(self._console(console)) for console in self._consoles]
            stopping = asyncio.create_task(told.wait())
            ended, _ = await asyncio.wait({stopping, *posts}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            await self._stop(posts)
            if keeper:
                await keeper.close()
        for post in ended - {stopping}:
            post.result()

    def _keeper(self, folder: Path) -> Keeper | None:
        settings = self._settings
        if settings.model_server or settings.model_home == "worker":
            return None
        catalog, shared = open_catalog(settings), loading(settings)
        return Keeper(folder, lambda name: shared.spec(catalog, catalog.get(name)))

    async def _post(self, number: int, keeper: Keeper | None) -> None:
        """Keeps one worker running; raises Misconfigured when it ends before any was ever ready."""
        pause_s = FIRST_PAUSE_S
        while True:
            process = self._running[number] = await self._start(keeper)
            assert process.stdout
            was_ready = await process.stdout.readline() == READY
            if was_ready:
                self._note_ready(number, process.pid)
                pause_s = FIRST_PAUSE_S
            code = await process.wait()
            forget_process(self._counts, process.pid)
            if not was_ready and not self._ready:
                raise Misconfigured(f"a worker cannot start ({said(code)}); what it said stands above")
            log.warning("worker %d (process %d) ended: %s; it is started again", number, process.pid, said(code))
            await asyncio.sleep(pause_s)
            if not was_ready:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _console(self, listening: socket.socket) -> None:
        """Keeps the console running. Whoever asks the assistant never suffers from what becomes of it."""
        pause_s = FIRST_PAUSE_S
        while True:
            process = self._running[_CONSOLE] = await self._spawn("assistant.serving.console", listening)
            assert process.stdout
            pause_s = FIRST_PAUSE_S if await process.stdout.readline() == READY else min(2 * pause_s, LONGEST_PAUSE_S)
            code = await process.wait()
            forget_process(self._counts, process.pid)
            log.warning("the console (process %d) ended: %s; it is started again", process.pid, said(code))
            await asyncio.sleep(pause_s)

    async def _start(self, keeper: Keeper | None) -> asyncio.subprocess.Process:
        return await self._spawn("assistant.serving.web", self._listening, *([str(keeper.socket)] if keeper else []))

    async def _spawn(self, module: str, listening: socket.socket, *more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            str(listening.fileno()),
            *more,
            pass_fds=(listening.fileno(),),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, SHARED_FOLDER: str(self._counts)},
            start_new_session=True,  # Ctrl+C is for us; we tell the workers.
        )

    def _note_ready(self, number: int, process: int) -> None:
        log.info("worker %d answers (process %d)", number, process)
        everyone = set(range(self._workers))
        if self._ready != everyone:
            self._ready.add(number)
            if self._ready == everyone:
                self._on_ready()

    async def _stop(self, posts: list[asyncio.Task[None]]) -> None:
        log.info("stopping: answers under way have %d s to end", self._settings.drain_s)
        for post in posts:
            post.cancel()
        await asyncio.gather(*posts, return_exceptions=True)
        self._listening.close()
        running = [process for process in self._running.values() if process.returncode is None]
        for process in running:
            process.terminate()
        await asyncio.gather(*(self._ended(process) for process in running))

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        try:
            await asyncio.wait_for(process.wait(), self._settings.drain_s + AFTER_DRAIN_S)
        except TimeoutError:
            log.warning("the worker of process %d did not end in time and is killed", process.pid)
            process.kill()
            await process.wait()
