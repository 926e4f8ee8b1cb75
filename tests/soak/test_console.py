# ruff: noqa: ASYNC110 — a process is watched
"""The console beside workers: started with them, found through them, and started again when it dies."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil
import pytest

from assistant.parts import Parts

pytestmark = pytest.mark.soak
COMMAND = [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--workers", "2"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def service(parts: Parts, tmp_path) -> Iterator[tuple[str, int, psutil.Process]]:
    made, port = parts.settings, free_port()
    shutil.copytree(made.data_dir, tmp_path / "data", ignore=shutil.ignore_patterns("weights", "*.db*"))
    (tmp_path / "data" / "weights").symlink_to((made.data_dir / "weights").resolve())
    for name in ("shared", "shop"):
        shutil.copytree(made.rails_dir / name, tmp_path / "rails" / name)
    env = {
        **os.environ,
        "ASSISTANT_RAILS_DIR": f"{tmp_path}/rails",
        "ASSISTANT_KNOWLEDGE_DIR": str(made.knowledge_dir),
        "ASSISTANT_DATA_DIR": f"{tmp_path}/data",
        "ASSISTANT_PORT": "0",
        "ASSISTANT_CONSOLE_PORT": str(port),
    }
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(COMMAND, env=env, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            if ready := re.search(r"Ready: (\S+)", line):
                break
        yield ready[1], port, psutil.Process(process.pid)
        process.terminate()


def consoles(supervisor: psutil.Process) -> list[psutil.Process]:
    return [each for each in supervisor.children() if "assistant.serving.console" in each.cmdline()]


async def signs_in(client: httpx.AsyncClient, address: str) -> bool:
    try:
        page = await client.get(f"{address}/console/signin", follow_redirects=True)
    except httpx.TransportError:
        return False
    return "Sign in" in page.text


async def test_the_console_is_found_through_a_worker_and_is_back_after_it_was_killed(service):
    address, port, supervisor = service
    async with httpx.AsyncClient(timeout=60) as client, asyncio.timeout(120):
        led = await client.get(f"{address}/console/verticals/shop")
        assert led.headers["location"] == f"http://127.0.0.1:{port}/console/verticals/shop"
        while not await signs_in(client, address):
            await asyncio.sleep(0.2)
        (first,) = consoles(supervisor)
        first.kill()
        assert (await client.get(f"{address}/healthz")).status_code == 200
        while not await signs_in(client, address):
            await asyncio.sleep(0.2)
        (second,) = consoles(supervisor)
        assert second.pid != first.pid
