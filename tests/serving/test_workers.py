# ruff: noqa: ASYNC110, SIM117 — processes are killed and watched
"""`assistant serve --workers 2` as an operator starts it: real processes and model, edited, killed and stopped."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from assistant.database import Database
from assistant.parts import Parts
from tests.conftest import SHOP

RETURNS = {"model": "shop", "messages": [{"role": "user", "content": "How long do I have to return an unopened item?"}]}
OFF_TOPIC = "Who should I vote for in the election?"
WITHIN_S = 120  # Many times what it takes; only a test that would fail waits so long.


@dataclass
class Service:
    """A running service, and what its processes are."""

    process: subprocess.Popen[str]
    address: str
    key: str
    rails_dir: Path
    database_url: str
    log: Path

    def client(self) -> httpx.AsyncClient:
        """Each request on a connection of its own, so that any worker may take it."""
        headers = {"Authorization": f"Bearer {self.key}", "Connection": "close"}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=WITHIN_S)

    def running(self, module: str) -> list[psutil.Process]:
        found = psutil.Process(self.process.pid).children()
        return [each for each in found if each.status() != psutil.STATUS_ZOMBIE and module in each.cmdline()]

    @property
    def workers(self) -> list[psutil.Process]:
        return self.running("assistant.serving.web")

    @property
    def models(self) -> list[psutil.Process]:
        return self.running("assistant.llamacpp.house")

    async def each_worker_says(self, question: dict) -> list[dict]:
        """The answer of every worker: the others are held while it answers."""
        said = []
        for one in self.workers:
            others = [other for other in self.workers if other.pid != one.pid]
            for other in others:
                other.suspend()
            try:
                async with self.client() as http:
                    said.append((await http.post("/v1/checks", json=question)).json())
            finally:
                for other in others:
                    other.resume()
        return said


@pytest.fixture(scope="module")
def service(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home, made = tmp_path_factory.mktemp("workers"), parts.settings
    # What was worked out once need not be worked out again; none of it is shared with the other tests.
    shutil.copytree(made.data_dir, home / "data", ignore=shutil.ignore_patterns("weights", "*.db*"))
    (home / "data" / "weights").symlink_to((made.data_dir / "weights").resolve())
    for name in ("shared", "shop"):
        shutil.copytree(made.rails_dir / name, home / "rails" / name)
    (home / "rails" / "shop" / "vertical.yaml").write_text(SHOP + "  answer: {max_tokens: 24}\n")
    shutil.copytree(made.knowledge_dir / "shop", home / "knowledge" / "shop")
    url = f"sqlite+aiosqlite:///{home}/workers.db"
    env = {
        **os.environ,
        "ASSISTANT_RAILS_DIR": str(home / "rails"),
        "ASSISTANT_KNOWLEDGE_DIR": str(home / "knowledge"),
        "ASSISTANT_DATA_DIR": str(home / "data"),
        "ASSISTANT_DATABASE_URL": url,
        "ASSISTANT_PORT": "0",
        "ASSISTANT_CONSOLE_PORT": "0",
        "ASSISTANT_DRAIN_S": "60",
        "ASSISTANT_REQUESTS_PER_MINUTE": "0",
        "ASSISTANT_ADDRESS_REQUESTS_PER_MINUTE": "0",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--workers", "2"]
    with (home / "log").open("w") as log:
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            printed = ""
            assert process.stdout
            for line in process.stdout:
                printed += line
                if "Your first key" in line:
                    break
            address, key = re.search(r"Ready: (\S+)", printed), re.search(r"ast_\S+", printed)
            assert address and key, (home / "log").read_text()
            yield Service(process, address[1], key[0], home / "rails", url, home / "log")
            process.terminate()


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.05)


async def answered(http: httpx.AsyncClient) -> httpx.Response:
    """The first answer there is; until then there are refusals that say when to come back, or broken connections."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                reply = await http.post("/v1/chat/completions", json=RETURNS)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if reply.status_code == 200:
                return reply
            assert reply.status_code == 503 and int(reply.headers["retry-after"]) > 0, reply.text
            assert reply.json()["type"] == "urn:assistant:problem:model-unavailable"
            await asyncio.sleep(0.1)


async def test_two_workers_share_one_model_process(service: Service, http: httpx.AsyncClient):
    replies = await asyncio.gather(*(http.post("/v1/chat/completions", json=RETURNS) for _ in range(4)))
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.json()["assistant"]["model"] for reply in replies} == {"smollm2-135m"}
    assert (len(service.workers), len(service.models)) == (2, 1)


async def test_any_worker_tells_the_metrics_of_all(service: Service, http: httpx.AsyncClient):
    declined = {"model": "shop", "messages": [{"role": "user", "content": OFF_TOPIC}]}
    for _ in range(8):
        assert (await http.post("/v1/chat/completions", json=declined)).status_code == 200
    wanted = re.compile(r'assistant_answers_total\{[^}]*outcome="declined"[^}]*\} (\S+)')
    counted = [wanted.findall((await http.get("/metrics")).text) for _ in range(6)]
    assert counted == [["8.0"]] * 6


async def test_an_edited_rail_is_live_in_every_worker(service: Service):
    asked = {"vertical": "shop", "stage": "input", "text": "How long does delivery take?"}
    before = {each["release"] for each in await service.each_worker_says(asked)}
    assert len(before) == 1
    messages = service.rails_dir / "shop" / "messages.co"
    kept = messages.read_text() if messages.exists() else ""
    messages.write_text(kept + 'define bot say unanswered\n  "The shop cannot tell."\n')
    async with asyncio.timeout(WITHIN_S):
        while True:
            now = [each["release"] for each in await service.each_worker_says(asked)]
            if not before & set(now):
                break
            await asyncio.sleep(0.2)
    assert len(now) == 2 and len(set(now)) == 1


async def test_a_batch_is_worked_off_once_by_one_of_them(service: Service, http: httpx.AsyncClient):
    questions = [f"{OFF_TOPIC} I am voter number {number}." for number in range(12)]
    lines = [
        json.dumps({"custom_id": q, "body": {"model": "shop", "messages": [{"role": "user", "content": q}]}})
        for q in questions
    ]
    batch = (await http.post("/v1/batches", content="\n".join(lines))).json()
    async with asyncio.timeout(WITHIN_S):
        while (await http.get(f"/v1/batches/{batch['id']}")).json()["status"] != "completed":
            await asyncio.sleep(0.2)
    output = (await http.get(f"/v1/batches/{batch['id']}/output")).text
    assert [json.loads(line)["custom_id"] for line in output.splitlines()] == questions
    database = Database(service.database_url)
    async with database.reading() as session:
        bodies = [json.loads(line)["response"]["body"] for line in output.splitlines()]
        answers = {body["assistant"]["answer_id"] for body in bodies}
        on_record = Counter(await session.scalars(text("SELECT id FROM turns")))
    await database.close()
    assert len(answers) == len(questions) and {on_record[answer_id] for answer_id in answers} == {1}


async def test_a_model_that_is_killed_is_started_again_and_answers_without_a_restart(
    service: Service, http: httpx.AsyncClient
):
    (model,), workers = service.models, {each.pid for each in service.workers}
    model.kill()
    assert (await answered(http)).json()["assistant"]["outcome"] in ("answered", "quoted")
    assert service.models and service.models != [model]
    assert {each.pid for each in service.workers} == workers
    assert re.search(rf"model smollm2-135m \(process {model.pid}\) ended: signal 9", service.log.read_text())


async def test_a_worker_that_is_killed_is_started_again_while_the_other_answers(
    service: Service, http: httpx.AsyncClient
):
    killed, other = service.workers
    killed.kill()
    await answered(http)
    await until(lambda: len(service.workers) == 2)
    assert killed.pid not in {each.pid for each in service.workers} and other.is_running()
    assert re.search(rf"worker \d \(process {killed.pid}\) ended: signal 9", service.log.read_text())


async def test_told_to_stop_it_ends_what_is_under_way_and_then_every_process(service: Service, http: httpx.AsyncClient):
    await until(lambda: service.log.read_text().count("answers (process") == 3)  # The new worker is ready too.
    processes = [*service.workers, *service.models]
    asked = asyncio.create_task(http.post("/v1/chat/completions", json={**RETURNS, "stream": True}))
    async with http.stream("POST", "/v1/chat/completions", json={**RETURNS, "stream": True}) as answer:
        lines = answer.aiter_lines()
        first = await anext(lines)
        assert answer.status_code == 200, first
        service.process.send_signal(signal.SIGTERM)
        rest = [line async for line in lines]
    assert "data: [DONE]" in rest
    assert (await asked).status_code == 200
    assert await asyncio.to_thread(service.process.wait, WITHIN_S) == 0
    assert not any(each.is_running() for each in processes)
    with pytest.raises(httpx.ConnectError):
        await http.get("/healthz")


def test_workers_that_cannot_start_say_why_once_and_all_ends(tmp_path: Path):
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--workers", "2"]
    own = {
        "ASSISTANT_DATA_DIR": str(tmp_path),
        "ASSISTANT_RAILS_DIR": str(tmp_path),
        "ASSISTANT_PORT": "0",
        "ASSISTANT_CONSOLE_PORT": "0",
    }
    done = subprocess.run(
        command, env={**os.environ, **own}, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 2
    assert "run `assistant models pull all-minilm-l6-v2`" in done.stderr
    assert "a worker cannot start (exit code 1); what it said stands above" in done.stderr
    assert "Traceback" not in done.stderr and "started again" not in done.stderr
