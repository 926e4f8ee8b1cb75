"""Turns that are recorded and audited as fast as they can be, for tests to kill.

Run as `python turns_to_kill.py DATABASE_URL FOLDER LEASE_S`; says `ready` when the first are under way.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import timedelta
from pathlib import Path

from assistant.answering.events import DoneEvent, SentenceEvent
from assistant.database import Database
from assistant.ledger.anchors import Anchors
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Sentence
from assistant.records import Audit, Turns

AT_ONCE = 12


async def one(audit: Audit, turns: Turns, opened: asyncio.Event) -> None:
    """One turn of three sentences, as the line records it; `opened` once its opening is on disk."""
    number = uuid.uuid4().hex
    answer = Answer(f"ans-{number}", f"con-{number}", "shop", "sha256:1", False, "m", "answer", "answered", "A", (), ())
    async with await audit.trail(answer.answer_id, answer.conversation_id, "k1") as trail:
        trail.note("turn.opened", vertical="shop")
        for place in range(3):
            await trail.hear(SentenceEvent(Sentence(f"Sentence {place}.", True, 0.9), ()))
            opened.set()
            await asyncio.sleep(0.002)
        content = {"vertical": "shop", "outcome": "answered", "rail": None}
        closed = await trail.closing(content)
        await turns.add(answer.conversation_id, "shop", "k1", "Q", answer, None, closing=[closed])
        await trail.hear(DoneEvent(answer))


async def main(url: str, folder: Path, lease_s: float) -> None:
    database, keyring = Database(url), Keyring(f"sqlite+aiosqlite:///{folder}/keys.db")
    await database.create()
    audit = Audit(database, keyring, Anchors(folder), lease=timedelta(seconds=lease_s))
    turns = Turns(database, keyring)

    async def on_and_on() -> None:
        while True:
            await one(audit, turns, opened)

    await one(audit, turns, asyncio.Event())
    opened = asyncio.Event()
    working = [asyncio.create_task(on_and_on()) for _ in range(AT_ONCE)]
    await opened.wait()  # On a busy machine that takes longer than some are given to live.
    print("ready", flush=True)
    await asyncio.gather(*working)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
