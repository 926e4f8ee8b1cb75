"""`assistant audit`, as typed."""

import asyncio
import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from assistant.cli import app
from assistant.database import Database


@pytest.fixture
async def database(tmp_path, monkeypatch):
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", url)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path))
    opened = Database(url)
    yield opened
    await opened.close()


async def typed(*words: str):
    """What the command printed and its exit code; in a thread, because it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def test_the_chain_is_verified_exported_and_the_first_wrong_record_is_named(database, tmp_path):
    assert "nothing is recorded" in (await typed("audit", "verify")).output
    for name in ("a", "b", "c"):
        assert (await typed("keys", "create", name)).exit_code == 0
    verified = await typed("audit", "verify")
    assert (verified.exit_code, verified.output) == (0, "3 records are whole, vouched for by 3 anchors\n")
    for form in ("jsonl", "csv"):
        out = str(tmp_path / f"out.{form}")
        assert (await typed("audit", "export", out, "--format", form)).output == f"3 records in {out}\n"
        assert (await typed("audit", "verify", "--export", out)).exit_code == 0
    recorded = [json.loads(line)["record"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {(each["kind"], each["by"]) for each in recorded} == {("key.created", "command-line")}
    async with database.session() as session:
        await session.execute(text("UPDATE audit SET body = replace(body, 'key', 'kex') WHERE sequence = 2"))
    verified = await typed("audit", "verify", "--json")
    assert verified.exit_code == 1
    assert json.loads(verified.output)["sequence"] == 2
    assert (await typed("audit", "verify")).output.startswith("record 2 was changed")
    assert (await typed("audit", "verify", "--export", str(tmp_path / "out.jsonl"), "--key", "00" * 32)).exit_code == 1


async def test_a_conversation_is_held_listed_and_released(database):
    assert "is held" in (await typed("audit", "hold", "add", "con-1", "--reason", "a dispute")).output
    assert (await typed("audit", "hold", "add", "con-1", "--reason", "again")).exit_code == 1
    (held,) = json.loads((await typed("audit", "hold", "list", "--json")).output)
    assert (held["conversation_id"], held["reason"]) == ("con-1", "a dispute")
    assert (await typed("audit", "hold", "release", "con-1")).exit_code == 0
    assert "nothing is held" in (await typed("audit", "hold", "list")).output


async def test_an_answer_without_a_receipt_cannot_be_replayed(database, tmp_path, weights_dir):
    (tmp_path / "weights").symlink_to(weights_dir)
    replayed = await typed("audit", "replay", "ans-none")
    assert (replayed.exit_code, "no receipt" in replayed.output) == (2, True)
