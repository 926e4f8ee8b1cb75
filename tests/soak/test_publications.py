# ruff: noqa: ASYNC220 — a service is started and watched
"""A published change reaches every worker of a service under load, and no request fails: real processes, real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from assistant.access import People
from assistant.parts import open_parts
from assistant.rails.trees import read_folder
from assistant.settings import Settings
from tests.rails.revising import CHEAP

pytestmark = pytest.mark.soak
QUESTION = {"vertical": "shop", "stage": "input", "text": "how do I boil an egg"}
ASKERS = 4
WITHIN_S = 60


async def test_a_publication_is_in_force_in_every_worker_with_no_failed_request(settings: Settings, tmp_path: Path):
    for name in ("rails/shared", "rails/shop", "knowledge/shop"):
        kind, _, owner = name.partition("/")
        shutil.copytree((settings.rails_dir if kind == "rails" else settings.knowledge_dir) / owner, tmp_path / name)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").symlink_to((settings.data_dir / "weights").resolve())
    own = settings.model_copy(
        update={
            "rails_dir": tmp_path / "rails",
            "knowledge_dir": tmp_path / "knowledge",
            "data_dir": tmp_path / "data",
            "database_url": f"sqlite+aiosqlite:///{tmp_path}/a.db",
            "serve": "published",
        }
    )
    parts = open_parts(own)
    await parts.database.create()
    people = People(parts.database, hasher=CHEAP)
    ada, bob = [(await people.add(f"{n}@shop.example", n, ["approver"])).caller() for n in ("ada", "bob")]

    async def approved(folder: str, files: dict[str, bytes | None]) -> str:
        made = await parts.proposals.propose(folder, ada, title="x", files=files)
        handed_in = await parts.revisions.submit(made.id, ada)
        await parts.revisions.approve(made.id, bob, digest=handed_in.digest or "")
        return made.id

    for name in ("rails/shared", "rails/shop", "knowledge/shop"):
        await parts.revisions.publish(await approved(name, dict(read_folder(tmp_path / name, name))), bob)
    key = (await parts.keys.create("test", ["check"])).secret
    env = {
        **os.environ,
        **{f"ASSISTANT_{name.upper()}": str(getattr(own, name)) for name in ("rails_dir", "knowledge_dir", "data_dir")},
        "ASSISTANT_DATABASE_URL": own.database_url,
        "ASSISTANT_SERVE": "published",
        "ASSISTANT_PORT": "0",
        "ASSISTANT_CONSOLE_PORT": "0",
        "ASSISTANT_REQUESTS_PER_MINUTE": "0",
        "ASSISTANT_ADDRESS_REQUESTS_PER_MINUTE": "0",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--workers", "2"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = await asyncio.to_thread(ready_at, process)
            topics = (tmp_path / "rails/shop/topics.co").read_bytes() + b'define user ask for eggs\n  "boil an egg"\n'
            change = await approved("shop", {"topics.co": topics})
            said: list[tuple[float, int, str]] = []
            asking = [asyncio.create_task(ask_on(address, key, said)) for _ in range(ASKERS)]
            await asyncio.sleep(5)
            await parts.revisions.publish(change, bob)
            published = time.monotonic()
            await asyncio.sleep(WITHIN_S / 3)
            for each in asking:
                each.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        finally:
            process.terminate()
            await parts.close()
    releases = list(dict.fromkeys(release for _, _, release in said))
    assert {status for _, status, _ in said} == {200} and len(releases) == 2
    last_old = max(at for at, _, release in said if release == releases[0])
    slowest = max(b[0] - a[0] for a, b in itertools.pairwise(said))
    print(f"{len(said)} requests, last of the old release {last_old - published:.1f} s after publishing, ", end="")
    print(f"longest time without any answer {slowest:.1f} s")
    assert last_old - published < WITHIN_S / 4


def ready_at(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"Ready: (\S+)", line):
            return found[1]
    raise AssertionError("the service stopped while starting")


async def ask_on(address: str, key: str, said: list[tuple[float, int, str]]) -> None:
    """Asks again and again, each time on a connection of its own, so that any worker may take it."""
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=WITHIN_S) as http:
        while True:
            response = await http.post("/v1/checks", json=QUESTION)
            said.append((time.monotonic(), response.status_code, response.json().get("release", "")))
