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


async def test_whoever_verifies_an_export_elsewhere_needs_the_anchors_and_the_public_key(
    database, tmp_path, monkeypatch
):
    await typed("keys", "create", "a")
    out = tmp_path / "out.jsonl"
    await typed("audit", "export", str(out))
    await typed("keys", "create", "b")  # The chain goes on, and is anchored again.
    again = await typed("audit", "export", str(out))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(elsewhere))
    assert "give it with --key" in (await typed("audit", "verify", "--export", str(out))).stderr
    for name in ("anchors.jsonl", "anchor.pub"):
        (elsewhere / name).write_bytes((tmp_path / name).read_bytes())
    verified = await typed("audit", "verify", "--export", str(out))
    assert (verified.exit_code, verified.output[:21]) == (0, "1 records are whole, ")
    assert sorted(each.name for each in elsewhere.iterdir()) == ["anchor.pub", "anchors.jsonl"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
async def test_a_chain_that_was_tampered_with_is_exported_and_the_export_fails_at_the_same_record(
    database, tmp_path, form
):
    for name in ("a", "b", "c"):
        await typed("keys", "create", name)
    async with database.session() as session:
        await session.execute(text("UPDATE audit SET body = 'no record at all' WHERE sequence = 2"))
    out = str(tmp_path / f"out.{form}")
    assert (await typed("audit", "export", out, "--format", form)).output == f"3 records in {out}\n"
    verified = await typed("audit", "verify", "--export", out)
    assert (verified.exit_code, verified.output[:9]) == (1, "record 2 ")


async def test_an_export_that_breaks_off_takes_no_name(database, tmp_path):
    await typed("keys", "create", "a")
    async with database.session() as session:
        await session.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    kept = sorted(tmp_path.iterdir())
    assert (await typed("audit", "export", str(tmp_path / "out.jsonl"))).exit_code != 0
    assert sorted(tmp_path.iterdir()) == kept


async def test_an_export_never_writes_where_another_one_does_or_behind_a_link(database, tmp_path):
    await typed("keys", "create", "a")
    part, out, precious = (tmp_path / name for name in ("out.jsonl.part", "out.jsonl", "precious"))
    precious.write_text("keep")
    for takes in (lambda: part.write_text("another's"), lambda: part.symlink_to(precious)):
        takes()
        done = await typed("audit", "export", str(out))
        assert (done.exit_code, "another export" in done.stderr) == (2, True)
        assert part.read_text() in ("another's", "keep") and not out.exists()
        part.unlink()
    out.symlink_to(tmp_path / "nowhere")
    assert (await typed("audit", "export", str(out))).exit_code == 2
    missing = tmp_path / "none" / "out.jsonl"
    assert f"{missing} cannot be written" in (await typed("audit", "export", str(missing))).stderr.replace("\n", "")
    assert precious.read_text() == "keep" and not part.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--export", "none.jsonl"),
        ("verify", "--export", "."),
        ("verify", "--anchors", "none.jsonl"),
        ("export", "none/chain.jsonl"),
    ],
)
async def test_a_file_that_is_not_there_is_named_in_one_line(database, tmp_path, monkeypatch, words):
    await typed("keys", "create", "a")
    monkeypatch.chdir(tmp_path)
    done = await typed("audit", *words)
    assert (done.exit_code, done.stderr.startswith("assistant: "), done.stderr.count("\n")) == (2, True, 1)
    assert words[-1] in done.stderr


async def test_a_conversation_is_held_listed_and_released(database):
    placed = (await typed("audit", "hold", "add", "con-1", "--reason", "a dispute")).output
    assert placed == "con-1 is held; there is no conversation of that id here yet\n"
    assert (await typed("audit", "hold", "add", "con-1", "--reason", "again")).exit_code == 1
    (held,) = json.loads((await typed("audit", "hold", "list", "--json")).output)
    assert (held["conversation_id"], held["reason"]) == ("con-1", "a dispute")
    assert (await typed("audit", "hold", "release", "con-1")).exit_code == 0
    assert "nothing is held" in (await typed("audit", "hold", "list")).output


async def test_an_answer_without_a_receipt_cannot_be_replayed(database, tmp_path, weights_dir):
    (tmp_path / "weights").symlink_to(weights_dir)
    replayed = await typed("audit", "replay", "ans-none")
    assert (replayed.exit_code, "no receipt" in replayed.output) == (2, True)
