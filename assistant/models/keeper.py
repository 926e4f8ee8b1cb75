"""The keeper of models that several workers share: each model once, in a process of its own, for as long as it is used.

A worker asks over a Unix socket for a model by name and holds it as long as that connection stands.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, ModelUnavailable, Unavailable
from assistant.llamacpp import ServerSpec

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
"""Before a model that died is started again; doubled each time it cannot be."""
END_S = 5.0
COMMAND = (sys.executable, "-m", "assistant.llamacpp.house")


class Keeper:
    """Starts a model when somebody first asks for it, again when it dies, and ends it when nobody holds it."""

    def __init__(self, folder: Path, spec_of: Callable[[str], ServerSpec]) -> None:
        """`folder`: only its owner may enter it. `spec_of` raises an AssistantError for what cannot be loaded."""
        self.socket = folder / "keeper.sock"
        self._folder, self._spec_of = folder, spec_of
        self._houses: dict[str, House] = {}
        self._server: asyncio.Server | None = None
        self._loans: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> None:
        """Begin to answer."""
        self._server = await asyncio.start_unix_server(self._connected, path=self.socket)

    async def close(self) -> None:
        """End every loan, and with the last of each model its process."""
        if self._server:
            self._server.close()
        for connection in self._loans.values():
            connection.close()
        await asyncio.gather(*self._loans)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not a coroutine that the stream itself looks after: one that is cancelled is reported as a failure there.
        loan = asyncio.create_task(self._lend(reader, writer))
        self._loans[loan] = writer
        loan.add_done_callback(self._loans.pop)

    async def _lend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One loan: the model's door in a line, then nothing until the borrower is gone."""
        house = None
        try:
            name = json.loads(await reader.readline())["model"]
            house = self._house(name)
            house.holders += 1
            writer.write(json.dumps(await self._reply(house)).encode() + b"\n")
            await writer.drain()
            await reader.read()
        except OSError as error:
            log.info("a worker left while it was lent a model: %s", error)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("a worker asked for a model in words that cannot be read: %s", type(error).__name__)
        finally:
            writer.close()
            if house:
                await self._give_back(house)

    def _house(self, name: str) -> House:
        if name not in self._houses:
            self._houses[name] = House(name, self._folder / f"{secrets.token_hex(8)}.sock")
        return self._houses[name]

    async def _reply(self, house: House) -> dict[str, Any]:
        try:
            await house.open(self._spec_of)
        except AssistantError as error:
            log.warning("%s", error)
            return {"error": str(error), "retry_after_s": error.retry_after_s if isinstance(error, Unavailable) else 5}
        return {"socket": str(house.socket), "key": house.key}

    async def _give_back(self, house: House) -> None:
        house.holders -= 1
        if not house.holders and self._houses.get(house.name) is house:
            del self._houses[house.name]
            await house.end()


@dataclass(slots=True, eq=False)
class House:
    """The process of one model; its socket and key stay the same however often it is started again."""

    name: str
    socket: Path
    key: str = field(default_factory=secrets.token_urlsafe, repr=False)
    holders: int = 0
    _process: asyncio.subprocess.Process | None = None
    _watching: asyncio.Task[None] | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self, spec_of: Callable[[str], ServerSpec]) -> None:
        """Return once the model is loaded; whoever asks while it is being loaded waits for the same process."""
        async with self._opening:
            if self._watching is None:
                spec = await asyncio.to_thread(spec_of, self.name)
                await self._start(spec)
                self._watching = asyncio.create_task(self._watch(spec))

    async def end(self) -> None:
        """End the process, by force if it does not end by itself."""
        async with self._opening:
            if self._watching:
                self._watching.cancel()
                await asyncio.gather(self._watching, return_exceptions=True)
            if self._process is None or self._process.returncode is not None:
                return
            log.info("model %s (process %d) is let go", self.name, self._process.pid)
            await _end(self._process)

    async def _watch(self, spec: ServerSpec) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            if self._process and self._process.returncode is None:
                code = await self._process.wait()
                log.warning(
                    "model %s (process %d) ended: %s; it is started again", self.name, self._process.pid, said(code)
                )
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            try:
                await self._start(spec)
            except ModelUnavailable as error:
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                log.warning("model %s could not be started again, next try in %.1f s: %s", self.name, pause_s, error)

    async def _start(self, spec: ServerSpec) -> None:
        self.socket.unlink(missing_ok=True)  # One that was killed leaves it behind.
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl+C is for the service; the model ends when the service lets it go.
        )
        try:
            await _tell(process, {"spec": asdict(spec), "key": self.key, "socket": self.socket})
        except BaseException:
            await _end(process)
            raise
        self._process = process
        log.info("model %s is loaded (process %d)", self.name, process.pid)


async def _tell(process: asyncio.subprocess.Process, what: dict[str, Any]) -> None:
    """Hand the process what to open and hear that it did; raises ModelUnavailable with its reason if it did not."""
    assert process.stdin and process.stdout
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(json.dumps(what, default=str).encode() + b"\n")
        await process.stdin.drain()
    line = await process.stdout.readline()
    reply = json.loads(line) if line else {"error": f"its process ended at once: {said(await process.wait())}"}
    if "error" in reply:
        raise ModelUnavailable(reply["error"])


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def said(code: int) -> str:
    """How a process ended, in words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
