"""docs/integrator.md does what it says: every example in it is run against the real service."""

from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from assistant.access import Keys
from assistant.api.chat_body import ChatBody
from assistant.api.openai_fields import IGNORED, REFUSED
from assistant.database import Database
from assistant.parts import Parts

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "integrator.md"
DOCUMENTED = "http://127.0.0.1:8080"
_EXAMPLE = re.compile(r"^(?:<!-- says: (.+?) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(kind, code, says, id=f"{number}-{kind}")
    for number, (says, kind, code) in enumerate(_EXAMPLE.findall(GUIDE.read_text(encoding="utf-8")), start=1)
]


@pytest.fixture(scope="module")
def admin_key(server: tuple[str, str, Parts]) -> str:
    async def make() -> str:
        database = Database(server[2].settings.url)
        created = await Keys(database).create("admin", ["admin"])
        await database.close()
        return created.secret

    return asyncio.run(make())


def test_every_example_can_be_run_and_says_what_it_must_print():
    assert len(EXAMPLES) >= 15
    for kind, _, says in (example.values for example in EXAMPLES):
        assert kind in ("sh", "python", "js") and says


@pytest.mark.parametrize(("kind", "code", "says"), EXAMPLES)
def test_an_example_prints_what_it_must(
    server: tuple[str, str, Parts],
    admin_key: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    code: str,
    says: str,
):
    address, key, _ = server
    monkeypatch.setenv("ASSISTANT_KEY", key)
    monkeypatch.setenv("ASSISTANT_ADMIN_KEY", admin_key)
    monkeypatch.setenv("NO_PROXY", "*")
    code = code.replace(DOCUMENTED, address)
    if kind == "python":
        said = io.StringIO()
        with redirect_stdout(said):
            exec(compile(code, str(GUIDE), "exec"), {"__name__": "__main__"})
        assert says in said.getvalue()
        return
    command = ["bash", "-euo", "pipefail", "-c", code]
    if kind == "js":
        tmp_path = request.getfixturevalue("node_sdk")
        (tmp_path / "example.mjs").write_text(code)
        command = ["node", "example.mjs"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False, env=os.environ
    )
    assert run.returncode == 0, run.stderr
    assert says in run.stdout


def test_the_lists_of_fields_are_those_of_the_code():
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())
    ignored = text.partition("Accepted and without effect: ")[2].partition(". Refused")[0]
    refused = text.partition("would mislead you: ")[2].partition(". Unknown")[0]
    assert re.findall(r"`(\w+)`", ignored) == sorted(IGNORED)
    assert re.findall(r"`(\w+)`", refused) == sorted(REFUSED)
    assert all(f"`{name}" in text or f".{name}" in text for name in ChatBody.model_fields if name != "model")
