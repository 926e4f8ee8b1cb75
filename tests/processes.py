"""Services in processes of their own, for tests that kill them, starve them, or let them run for long."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

HERE = Path(__file__).resolve().parent


@contextmanager
def service(
    script: str,
    *before: str,
    after: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    stderr: IO[bytes] | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A script of this folder, run as `SCRIPT BEFORE… PORT AFTER…`: its process and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(HERE / script), *before, str(port), *after]
    own = {**os.environ, "PYTHONPATH": str(HERE.parent), **(env or {})}
    with subprocess.Popen(command, env=own, stderr=stderr) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def answers(address: str, *, within_s: float = 600, ready: bool = False) -> None:
    """Returns once the service answers at all, or is ready for questions."""
    async with asyncio.timeout(within_s), httpx.AsyncClient(base_url=address) as client:
        while True:
            try:
                response = await client.get("/readyz" if ready else "/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code == httpx.codes.OK:
                return
            await asyncio.sleep(0.1)
