"""OpenAI's Node SDK, unmodified, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.api.live import serving

SCRIPT = """
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.env.ADDRESS + "/v1", apiKey: process.env.KEY, maxRetries: 0 });
const ask = { model: "feedback", messages: [{ role: "user", content: "How long?" }] };
const said = {};
const plain = await client.chat.completions.create({ ...ask, max_completion_tokens: 50, temperature: 0, stop: ["x"] });
said.plain = [plain.choices[0].message.content, plain.assistant.outcome, plain.usage.total_tokens];
let text = "", last;
const stream = await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) { text += chunk.choices[0]?.delta?.content ?? ""; last = chunk; }
said.streamed = [text, last.usage.completion_tokens];
said.models = (await client.models.list()).data.map((model) => model.id);
for (const wrong of [{ model: "cooking" }, { tools: [{ type: "function" }] }, { max_tokens: 0 }]) {
  try { await client.chat.completions.create({ ...ask, ...wrong }); }
  catch (error) { (said.errors ??= []).push([error.constructor.name, error.status, error.param]); }
}
console.log(JSON.stringify(said));
"""
TEXT = "You have thirty days.\nAsk us\u2028anything."


def test_the_node_sdk_chats_streams_lists_and_shows_our_errors_as_its_own(node_sdk: Path):
    (node_sdk / "ask.mjs").write_text(SCRIPT)
    with serving("chat") as live:
        known = {**os.environ, "ADDRESS": live.address, "KEY": live.secret, "NO_PROXY": "*"}
        run = subprocess.run(
            ["node", "ask.mjs"], cwd=node_sdk, env=known, capture_output=True, text=True, timeout=60, check=False
        )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "plain": [TEXT, "answered", 62],
        "streamed": [TEXT, 12],
        "models": ["feedback", "medical"],
        "errors": [
            ["NotFoundError", 404, "model"],
            ["UnprocessableEntityError", 422, "tools"],
            ["UnprocessableEntityError", 422, "max_tokens"],
        ],
    }
