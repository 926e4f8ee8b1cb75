"""Kill -9 in the middle of turns: the chain verifies, and what was under way is closed as broken off."""

import asyncio
import os
import random
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.chain import records
from assistant.ledger.keyring import Keyring
from assistant.records import Audit, Turns, verify
from tests import turns_to_kill

LEASE_S = 2.0
SCRIPT = Path(turns_to_kill.__file__)


async def killed(url: str, folder: Path, *, after_s: float) -> None:
    """Runs turns in a process of their own, and kills it with -9 in the middle."""
    env = {**os.environ, "PYTHONPATH": str(SCRIPT.parent.parent)}
    command = (sys.executable, str(SCRIPT), url, str(folder), str(LEASE_S))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=env)
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    await asyncio.sleep(after_s)
    process.kill()
    await process.wait()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.soak)])
async def test_kill_9_leaves_a_chain_that_verifies_and_no_turn_open(tmp_path, new_postgres, kind: str, kills: int):
    url = new_postgres() if kind == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    chance = random.Random(7)
    for _ in range(kills):
        await killed(url, tmp_path, after_s=chance.uniform(0.05, 0.5))
    database, keyring, anchors = Database(url), Keyring(f"sqlite+aiosqlite:///{tmp_path}/keys.db"), Anchors(tmp_path)
    next_start = Audit(database, keyring, anchors, lease=timedelta(seconds=LEASE_S))
    await asyncio.sleep(LEASE_S)  # What a dead process is given before others believe it.
    await next_start.sweep()
    next_start.begin()
    await next_start.aclose()
    finding = await verify(records(database), anchor_lines(anchors.file), public_key=anchors.public_key)
    assert finding.problem is None
    assert finding.anchored == finding.end.sequence
    by_turn: dict[str, list[dict]] = {}
    for said in [record.read() async for record in records(database)]:
        by_turn.setdefault(said["facts"]["turn"], []).append(said)
    outcomes = Counter(turn[-1]["facts"]["outcome"] for turn in by_turn.values())
    assert set(outcomes) <= {"answered", "broken off"}
    assert outcomes["broken off"] >= 1
    turns = Turns(database, keyring)
    for turn in by_turn.values():
        assert turn[0]["kind"] == "turn.opened"
        assert [each["kind"] for each in turn].count("turn.closed") == 1
        kept = await turns.keeps(turn[0]["facts"]["answer"])
        assert kept == (turn[-1]["facts"]["outcome"] == "answered")  # Recorded and closed, or neither.
    await database.close()
