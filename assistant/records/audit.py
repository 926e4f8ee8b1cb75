"""The audit record of every turn: opened before its first sentence leaves, appended as sentences leave, then closed.

Records that wait at the same moment go into one short unit of work, so that no turn holds the chain while it is at
work. Whoever writes says so by a lease; what a writer that died left open is closed as broken off by the others.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Self

from assistant.answering.events import DoneEvent, Event, ObjectEvent, SentenceEvent
from assistant.database import Clock, Database, utc_now
from assistant.errors import AssistantError, NotFound, Unavailable
from assistant.ledger import chain
from assistant.ledger.acting import acting
from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import Entry, append, append_here, hold_here
from assistant.ledger.keyring import Keyring, SubjectKey
from assistant.records.open_turns import ENROLLING, OPENING, closing, give_up_left, leave, left_open, let_go, renew
from assistant.records.receipts import Receipt, Receipts, keep
from assistant.records.steps import Step, said_of
from assistant.short import Direct, along
from assistant.together import Act, Together

LEASE = timedelta(seconds=60)
"""How long a silent writer counts as alive; longer than other leases, for a turn that is given up stays so."""
TICK_S = 5.0
OPENED_WITHIN_S = 0.02
"""A turn begins with measuring and searching: its opening is written meanwhile, behind what it has to wait for."""
SENTENCE_WITHIN_S = 0.2  # For company; who is killed may take these with him, but not the stream's own record.
ANCHOR_EVERY_S, ANCHOR_EVERY = 60.0, 1000
"""After so many seconds with something recorded, or so many records, the end of the chain is anchored."""
logger = logging.getLogger(__name__)


class Audit:
    """Writes the turns of this process into the chain; belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        anchors: Anchors | None,
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
    ) -> None:
        """Without `anchors` nothing vouches for the end of the chain: for one that is gone with the process."""
        self._database, self.keyring, self.anchors, self._clock = database, keyring, anchors, clock
        self.lease, self.receipts = lease, Receipts(database, clock=clock)
        self._writer, self._known = secrets.token_hex(16), False
        self.waiting = Together[Step](database, self._write, first=hold_here)
        """What waits to be recorded: it goes along with what others commit, and costs no commit of its own then."""
        self._closing: set[asyncio.Task[None]] = set()
        self._unrecorded: list[Callable[[], Awaitable[None]]] = []
        """Ends of open turns that the database was away for, the earliest first."""
        self._upkeep: asyncio.Task[None] | None = None
        self._anchored, self._anchored_s = -1, 0.0

    def begin(self) -> None:
        """Sees to the lease, the anchors and what others left open, from now until `aclose`."""
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = asyncio.create_task(self._keep_up())

    async def trail(self, answer_id: str, subject: str, owner: str, *, new: bool = False) -> Trail:
        """The trail of a turn of the conversation `subject`: its first note opens it, by its key texts are named.

        With `new` the conversation begins with it, and its key is put on disk while the turn goes on.
        """
        self.begin()
        if new:
            key, kept = self.keyring.begin(subject, within_s=OPENED_WITHIN_S)
            return Trail(self, key, answer_id, owner, kept)
        return Trail(self, await self.keyring.key(subject), answer_id, owner)

    async def sweep(self) -> int:
        """Closes as broken off what was left open by writers that died; how many turns that were."""
        now = self._clock()
        async with self._database.reading() as session:
            if await session.scalar(left_open(now).limit(1)) is None:
                return 0
        async with self._database.session() as session:
            await append(session, *(ends := await give_up_left(session, now)))
        return len(ends)

    async def anchor(self) -> None:
        """Signs the end of the chain, where that is not done yet."""
        async with self._database.reading() as session:
            end = await chain.head(session)
        if self.anchors is not None and end.sequence > max(self._anchored, 0):
            await asyncio.to_thread(self.anchors.add, end)
        self._anchored, self._anchored_s = end.sequence, monotonic()

    async def aclose(self) -> None:
        """Writes what waits, gives up the lease and anchors the end."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, *self._closing, return_exceptions=True)
            self._upkeep = None
            await self._end()
        await self.keyring.close()

    async def _end(self) -> None:
        self._known = False
        try:
            await self.waiting.settled()
            await self._catch_up()
            async with self._database.session() as session:
                await leave(session, self._writer)
            await self.sweep()
            await self.anchor()
        except (Unavailable, OSError) as error:  # The lease ends by itself, and whoever starts next anchors.
            logger.warning("the audit chain was not anchored at the end: %s", error)

    async def _keep_up(self) -> None:
        renewed_s = monotonic()
        while True:
            try:
                if monotonic() - renewed_s >= self.lease.total_seconds() / 3:
                    renewed_s = monotonic()
                    await self._renew()
                    await self.sweep()
                await self._catch_up()
                if await self._due():
                    await self.anchor()
            except (Unavailable, OSError) as error:
                logger.warning("the audit chain is not looked after: %s", error)
            await asyncio.sleep(min(TICK_S, self.lease.total_seconds() / 3))

    async def _due(self) -> bool:
        if self._anchored < 0:
            await self.sweep()
            return True
        async with self._database.reading() as session:
            fresh = (await chain.head(session)).sequence - self._anchored
        return fresh >= ANCHOR_EVERY or (fresh > 0 and monotonic() - self._anchored_s >= ANCHOR_EVERY_S)

    async def _renew(self) -> None:
        async with self._database.session() as session:
            alive = await renew(session, self._writer, self._clock() + self.lease)
        self._known = alive

    def _write(self, direct: Direct, steps: Sequence[Step]) -> list[None]:
        now = self._clock()
        opening = [step.turn for step in steps if step.kind == "turn.opened"]
        if opening and not self._known:  # Our name is not, or not any more, among those that live.
            ENROLLING.change(direct, {"id": self._writer, "leased_until": now + self.lease})
        if opening:
            rows = [{"id": t.id, "answer_id": t.answer_id, "subject": t.subject} for t in opening]
            OPENING.change(direct, *(row | {"writer": self._writer, "opened_at": now} for row in rows))
        append_here(direct, [step.entry() for step in steps], now)
        return [None] * len(steps)

    def _give_up(self, trail: Trail, outcome: str, error: str | None) -> asyncio.Task[None]:
        """Closes a turn that came to no answer; goes on when the caller is cancelled."""
        task = asyncio.create_task(self._record_failure(trail, outcome, error))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _record_failure(self, trail: Trail, outcome: str, error: str | None) -> None:
        trail.send_heard()
        told = await asyncio.gather(*trail.noted, return_exceptions=True)
        end = partial(self._close_failed, trail, closing(trail, outcome, error=error))
        try:
            await end()
        except Unavailable as unavailable:
            logger.warning("the end of %s was not recorded: %s", trail.answer_id, unavailable)
            if told and not isinstance(told[0], BaseException):  # A turn that was never opened has no end.
                self._unrecorded.append(end)

    async def _close_failed(self, trail: Trail, end: Entry) -> None:
        async with self._database.session() as session:
            if await along(session, partial(let_go, trail.id)):
                await append(session, *(step.entry() for step in trail._taken), end)

    async def _catch_up(self) -> None:
        """Records what could not be recorded when it came; raises Unavailable while the database is still away."""
        while self._unrecorded:
            await self._unrecorded[0]()
            del self._unrecorded[0]


class Trail:
    """One turn on its way into the chain. As a context it closes what comes to no answer as failed or broken off."""

    def __init__(
        self, audit: Audit, key: SubjectKey, answer_id: str, owner: str, kept: asyncio.Future[bytes] | None = None
    ) -> None:
        self.id = secrets.token_hex(8)
        """Names this try to answer; an answer that is asked for again after a crash has another one."""
        self.answer_id, self.subject, self.key, self._owner = answer_id, key.subject, key, owner
        self.noted: list[asyncio.Future[None]] = []
        self._audit, self._kept = audit, kept
        self._said = 0
        self._on_disk = self._over = False
        self._heard: list[SentenceEvent | ObjectEvent] = []
        self._taken: list[Step] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._over:
            return
        if isinstance(error, Exception):
            told = error.type if isinstance(error, AssistantError) else "internal"
            await self._audit._give_up(self, "failed", told)
        else:  # Cancelled, or nobody asks for more: this must not wait.
            self._audit._give_up(self, "broken off", None)

    def note(self, kind: str, *, within_s: float = OPENED_WITHIN_S, **facts: Any) -> None:
        """Sends a record on its way; what goes wrong with that is told when the turn is closed."""
        self._send(Step(self, kind, partial(dict, facts), acting.get()), within_s)

    async def hear(self, event: Event) -> None:
        """Records what leaves; returns when it may: no sentence leaves before the turn's opening is on disk.

        Raises Unavailable when the chain cannot be written.
        """
        self._over = self._over or isinstance(event, DoneEvent)
        if not isinstance(event, SentenceEvent | ObjectEvent):
            return
        if not self._on_disk:  # Each sentence asks.
            await self._begun()
        self._heard.append(event)
        asyncio.get_running_loop().call_soon(self.send_heard)  # While the sentence is on its way.

    def send_heard(self) -> None:
        """Sends the records of what has left, where that is not done yet."""
        for step in self._of_heard():
            self._send(step, SENTENCE_WITHIN_S)

    def _of_heard(self) -> Iterator[Step]:
        while self._heard:
            self._said += 1
            # What it says of the text is worked out when it is written.
            facts = partial(said_of, self._heard.pop(0), self._said, self.key)
            yield Step(self, "turn.sentence", facts, acting.get())

    def _send(self, step: Step, within_s: float) -> None:
        self.noted.append(self._audit.waiting.soon(step, within_s=within_s))

    async def closing(self, content: dict[str, Any]) -> Act:
        """What keeps the receipt and closes the turn: the last act of the unit of work that records it.

        That raises NotFound when the turn is not open any more: its conversation was erased, or this process was taken
        for dead; and when its answer was given before and erased. It raises Unavailable when something of the turn
        could not be recorded, as this does.
        """
        if not self._on_disk:
            await self._begun()
        # What waits goes with the close; what is on its way is awaited, and is in the chain before or was not written.
        self._taken = [*self._audit.waiting.take(lambda step: step.turn is self), *self._of_heard()]
        under_way = [each for each in self.noted if not each.done()]
        if under_way:
            await asyncio.wait(under_way)
        for each in self.noted:
            if not each.cancelled() and (fault := each.exception()):
                raise fault
        receipt = self._audit.receipts.of(
            content, answer_id=self.answer_id, conversation_id=self.subject, owner=self._owner
        )
        return partial(self._close_with, receipt, content["outcome"], content["rail"])

    def _close_with(self, receipt: Receipt, outcome: str, rail: str | None, direct: Direct) -> None:
        keep(receipt, direct)
        if not let_go(self.id, direct):
            raise NotFound("the conversation was erased while its answer was written, or the answer was given up")
        closed = closing(self, outcome, rail=rail, sentences=self._said, receipt=receipt.digest)
        append_here(direct, [*(step.entry() for step in self._taken), closed], utc_now())

    async def _begun(self) -> None:
        """Returns when the opening and the key are on disk; another's need is not cancelled with ours."""
        for waited, hurry in ((self._kept, self._audit.keyring.hurry), (self.noted[0], self._audit.waiting.hurry)):
            if waited is not None and not waited.done():
                hurry()
        for waited in (self._kept, self.noted[0]):
            if waited is not None:
                await asyncio.shield(waited)
        self._audit._known = self._on_disk = True
