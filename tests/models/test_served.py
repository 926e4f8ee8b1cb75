"""The model in a process of its own, held by a keeper: real processes, real weights."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from langchain_core.messages import HumanMessage

from assistant.errors import Invalid, ModelUnavailable, TooLarge, UnknownModel
from assistant.models import Catalog, Keeper, LlamaChat, Loading, Loan, Models, ServedChat, ServerAddress

SMALL = "smollm2-135m"
CAPITAL = [HumanMessage("What is the capital of France? One sentence.")]
ENDLESS = {"max_tokens": 1500, "grammar": "root ::= [a-z ] root"}  # It can never say that it is done.


@dataclass
class Kept:
    """A keeper, and how to get models from it as a worker does."""

    keeper: Keeper
    loading: Loading

    def worker(self) -> Models:
        return Models(Catalog(), self.loading, reach=lambda name: Loan(self.keeper.socket, name))

    @property
    def process(self) -> int:
        (house,) = self.keeper._houses.values()
        assert house._process
        return house._process.pid


@pytest.fixture(scope="module")
async def kept(weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    only = tmp_path_factory.mktemp("weights")  # Whatever else was pulled on this machine.
    (only / SMALL).symlink_to(weights_dir / SMALL)
    catalog, loading = Catalog(), Loading(only, threads=1, slots=2, queue=2, context_tokens=1024)
    with TemporaryDirectory() as folder:  # Shorter than pytest's own: a socket's path has 108 characters at most.
        keeper = Keeper(Path(folder), lambda name: loading.spec(catalog, catalog.get(name)))
        await keeper.open()
        yield Kept(keeper, loading)
        await keeper.close()


@pytest.fixture(scope="module")
async def served(kept: Kept) -> AsyncIterator[ServedChat]:
    models = kept.worker()
    await models.load(SMALL)
    model = models.open(SMALL)
    assert isinstance(model, ServedChat)
    yield model
    await models.aclose()


async def test_it_answers_counts_and_obeys_as_the_model_in_this_process_does(served: ServedChat, llama: LlamaChat):
    for asked in ({"max_tokens": 8}, {"max_tokens": 8, "stop": ["of"]}, {"grammar": 'root ::= "Paris" [.!]'}):
        here, there = await llama.ainvoke(CAPITAL, **asked), await served.ainvoke(CAPITAL, **asked)
        assert (there.text, there.usage_metadata) == (here.text, here.usage_metadata)
    assert await asyncio.to_thread(lambda: served.invoke(CAPITAL, max_tokens=4).text)
    for count in (lambda m: m.get_num_tokens("fourteen days"), lambda m: m.get_num_tokens_from_messages(CAPITAL)):
        assert await asyncio.to_thread(count, served) == await asyncio.to_thread(count, llama)


async def test_an_object_is_held_to_its_schema(served: ServedChat):
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    reply = await served.ainvoke([HumanMessage("How many days has a week?")], response_format=form, max_tokens=40)
    assert isinstance(json.loads(reply.text)["days"], int)


async def test_what_is_wrong_with_a_request_is_told_as_in_this_process(served: ServedChat):
    with pytest.raises(TooLarge, match=r"the text has \d+ tokens; the model reads at most 1024"):
        await served.ainvoke([HumanMessage("word " * 2000)])
    with pytest.raises(ModelUnavailable, match="grammar"):
        await served.ainvoke(CAPITAL, grammar="root ::= (")
    with pytest.raises(Invalid, match=r"smollm2-135m takes .*, not top_k"):
        await served.ainvoke(CAPITAL, top_k=3)


async def test_who_leaves_frees_the_slot(served: ServedChat, until):
    for _ in range(3):  # More often than there are slots.
        async with aclosing(served.astream(CAPITAL, **ENDLESS)) as tokens:
            await anext(tokens)
    await until(lambda: served.metrics()["busy"] == 0, within_s=5)
    async with asyncio.timeout(20):
        assert (await served.ainvoke(CAPITAL, max_tokens=2)).text


async def test_only_who_has_the_key_is_answered(kept: Kept, served: ServedChat):
    door, _ = served._open()
    assert (kept.keeper.socket.parent.stat().st_mode & 0o777) == 0o700
    async with door.async_client(timeout_s=5) as http:
        asked = await http.post("/v1/chat/completions", json={"messages": []}, headers={"Authorization": "Bearer no"})
    assert asked.status_code == 401


async def test_two_workers_share_one_process_and_the_last_to_leave_ends_it(kept: Kept, served: ServedChat):
    other = kept.worker()
    before = kept.process
    await other.load(SMALL)
    assert kept.process == before
    await other.keep([])
    assert (await served.ainvoke(CAPITAL, max_tokens=2)).text
    alone = Loan(kept.keeper.socket, "qwen2.5-coder-1.5b")
    with pytest.raises(ModelUnavailable, match=r"run `assistant models pull qwen2\.5-coder-1\.5b`"):
        await asyncio.to_thread(alone.open)
    async with asyncio.timeout(20):
        while len(kept.keeper._houses) > 1:  # noqa: ASYNC110 — it ends when the loan's connection has
            await asyncio.sleep(0.01)
    assert kept.process == before


async def test_a_model_that_is_killed_fails_its_answers_clearly_and_is_started_again(kept: Kept, served: ServedChat):
    killed = kept.process
    async with aclosing(served.astream(CAPITAL, **ENDLESS)) as tokens:
        await anext(tokens)
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(ModelUnavailable, match="the server of smollm2-135m does not answer") as failed:
            [token async for token in tokens]
    assert (failed.value.status, failed.value.retry_after_s) == (503, 5)
    async with asyncio.timeout(60):
        while True:
            try:
                assert (await served.ainvoke(CAPITAL, max_tokens=2)).text
                break
            except ModelUnavailable:
                await asyncio.sleep(0.05)
    assert kept.process != killed


async def test_a_server_that_an_operator_started_is_asked_for_the_model_by_its_name(weights_dir: Path):
    with model_server(weights_dir, key="theirs") as address:
        there = ServerAddress(address, "theirs", SMALL)
        model = ServedChat(model_name=SMALL, reach=there, context_tokens=512)
        assert (await model.ainvoke(CAPITAL, max_tokens=2)).text
        for wrong, says in (
            (ServerAddress(address, "theirs", "other"), "serves smollm2-135m; other is needed"),
            (ServerAddress(address, "guessed", SMALL), "answers 401"),
            (ServerAddress("http://127.0.0.1:9/{model}", "theirs", SMALL), "no model server answers at .*:9/smollm2"),
        ):
            with pytest.raises(ModelUnavailable, match=says):
                await asyncio.to_thread(wrong.open)
    with pytest.raises(ModelUnavailable, match="the server of smollm2-135m does not answer"):
        await model.ainvoke(CAPITAL, max_tokens=2)


@contextmanager
def model_server(weights_dir: Path, *, key: str) -> Iterator[str]:
    """The address of `assistant models serve`, in a process of its own."""
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "models", "serve", SMALL, "--port", "0"]
    env = {
        **os.environ,
        "ASSISTANT_DATA_DIR": str(weights_dir.parent),
        "ASSISTANT_MODEL_SERVER_KEY": key,
        "ASSISTANT_MODEL_THREADS": "1",
        "ASSISTANT_CONTEXT_TOKENS": "512",
    }
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = process.stdout.readline()
        assert "is served at http://127.0.0.1:" in said
        try:
            yield said.split()[-1]
        finally:
            process.terminate()


async def test_an_unknown_model_is_unknown_before_anybody_is_asked(kept: Kept):
    with pytest.raises(UnknownModel):
        kept.worker().open("nowhere")
