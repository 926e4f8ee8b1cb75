"""The audit chain by the million, and what it costs two hundred turns at once."""

import asyncio
import gc
import resource
import statistics
import time
from functools import partial
from pathlib import Path

import pytest

from assistant.answering.events import DoneEvent, SentenceEvent
from assistant.database import Database
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.chain import Entry, append, records
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Sentence
from assistant.records import Audit, Streams, Turns, verify
from assistant.records.turns import unwitnessed

pytestmark = pytest.mark.soak

MILLION = 1_000_000
TURNS = 200
ADDED_MS = 3.0
SENTENCES, SENTENCE_S = 3, 10.0
FACTS = {"turn": "0" * 16, "answer": "ans-" + "0" * 32, "n": 1, "text": "0" * 64, "claim": True, "support": 0.9}


async def test_a_million_records_verify_within_a_minute_in_little_memory(tmp_path: Path):
    database, anchors = Database(f"sqlite+aiosqlite:///{tmp_path}/million.db"), Anchors(tmp_path)
    await database.create()
    for _ in range(MILLION // 10_000):
        async with database.session() as session:
            end = await append(session, *[Entry("turn.sentence", FACTS, "con-" + "0" * 32)] * 10_000)
        anchors.add(end)
    gc.collect()
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used_s = time.perf_counter(), time.process_time()
    finding = await verify(records(database), anchor_lines(anchors.file), public_key=anchors.public_key)
    took_s, used_s = time.perf_counter() - began, time.process_time() - used_s
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    await database.close()
    print(f"{finding.records} records verified in {took_s:.1f} s ({used_s:.1f} s of work), {grown_mib:.0f} MiB more")
    assert (finding.problem, finding.records) == (None, MILLION)
    assert used_s <= 60  # Also where other programs take the processor away.
    assert grown_mib <= 64


class _Bench:
    """Turns as they write: a streamed answer's own records, with or without the audit chain beside them."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite+aiosqlite:///{folder}/bench.db")
        self.turns, self.streams = Turns(self.database), Streams(self.database)
        self.audit = Audit(self.database, Keyring(f"sqlite+aiosqlite:///{folder}/keys.db"), Anchors(folder))

    async def turn(self, number: int, *, audited: bool, sentence_s: float) -> float:
        """Milliseconds that one turn took beyond the sleep that stands for checks and model."""
        began = time.perf_counter()
        answer = Answer(
            f"ans-{number}", f"con-{number}", "shop", "sha256:1", False, "m", "answer", "answered", "x" * 200, (), ()
        )
        trail = None
        if audited:
            trail = await self.audit.trail(answer.answer_id, answer.conversation_id, "k1", new=True)
            trail.note("turn.opened", vertical="shop")
        await self.streams.open(answer.answer_id, "k1", answer.conversation_id, {})
        for _ in range(SENTENCES):
            await asyncio.sleep(sentence_s)
            if trail:
                await trail.hear(SentenceEvent(Sentence("A sentence of an answer.", True, 0.9), ()))
            await self.streams.say(answer.answer_id, [{"text": "A sentence of an answer."}])
        content = {"vertical": "shop", "outcome": "answered", "rail": None, "decisions": "x" * 4000}
        closing = partial(trail.close, content=content) if trail else unwitnessed
        await self.turns.add(answer.conversation_id, "shop", "k1", "Q", answer, None, closing=closing)
        if trail:
            await trail.hear(DoneEvent(answer))
        await self.streams.finish(answer.answer_id)
        return (time.perf_counter() - began - SENTENCES * sentence_s) * 1000

    async def close(self) -> None:
        await self.audit.aclose()
        await self.database.close()


async def test_two_hundred_turns_under_way_wait_hardly_for_the_chain(tmp_path: Path):
    """Every other turn is audited, so that both kinds meet the same machine; two hundred are always under way."""
    bench = _Bench(tmp_path)
    await bench.database.create()
    await bench.turn(-1, audited=True, sentence_s=0)  # Opens what is opened once.

    async def begun(number: int) -> float:
        await asyncio.sleep(number * SENTENCES * SENTENCE_S / TURNS)
        return await bench.turn(number, audited=number % 2 == 1, sentence_s=SENTENCE_S)

    took = await asyncio.gather(*(begun(number) for number in range(3 * TURNS)))
    await bench.close()
    without, audited = took[::2], took[1::2]

    def told(name: str, taken: list[float]) -> float:
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"{name}: median {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms beyond the work itself")
        return p95

    assert told("audited", audited) - told("not audited", without) <= ADDED_MS
