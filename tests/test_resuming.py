"""A broken stream over the whole line: a real connection, real checks, and a model that is asked once."""

from __future__ import annotations

import asyncio
import json
import socket

import httpx
import uvicorn

from assistant.app import create_app
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.settings import Settings
from tests.conftest import NO_LIMITS

SAID = (
    "You can return an unopened item within 30 days from delivery. Opened items can be returned within 14 days. "
    "Refunds are issued within 5 business days after we receive the item."
)
ASK = {
    "model": "shop",
    "stream": True,
    "messages": [{"role": "user", "content": "How long do I have to return an unopened item?"}],
}


async def test_a_stream_cut_after_its_first_sentence_goes_on_to_the_whole_and_the_model_is_asked_once(
    scripted: Parts, settings: Settings, model: ScriptedChat
):
    model.will_say(SAID)
    model.tokens_per_s = 40.0  # So that the connection is cut while the model writes.
    app = create_app(settings.model_copy(update=NO_LIMITS), parts=scripted)
    port = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve([port]))
    key = (await scripted.keys.create("test", ["chat"])).secret
    headers = {"authorization": f"Bearer {key}"}
    address = f"http://127.0.0.1:{port.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        first: list[dict] = []
        async with client.stream("POST", "/v1/chat/completions", json=ASK) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    first.append(json.loads(line[6:]))
                if "".join(map(text_of, first)):
                    break
        name = first[0]["assistant"]["answer_id"]
        rest = await client.get(f"/v1/answers/{name}/stream", params={"after": len(first) - 1})
        again = await client.get(f"/v1/answers/{name}/stream")
    server.should_exit = True
    await serving
    followed = [json.loads(line[6:]) for line in rest.text.splitlines() if line.startswith("data: {")]
    whole = [json.loads(line[6:]) for line in again.text.splitlines() if line.startswith("data: {")]
    assert "".join(map(text_of, first + followed)) == "".join(map(text_of, whole)) == SAID
    assert followed[-1]["assistant"] == whole[-1]["assistant"]
    assert "".join(map(text_of, first)) == SAID.partition(". ")[0] + "."
    assert len(model.prompts) == 1


def text_of(chunk: dict) -> str:
    return chunk["choices"][0]["delta"].get("content", "") if chunk["choices"] else ""
