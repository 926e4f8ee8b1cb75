"""Requests that were refused before a turn began: counted, and told to the audit chain once a minute.

One record a request would let anybody fill the disk by asking; one a minute, of bounded length, says as much.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from assistant.database import Clock, Database, utc_now
from assistant.errors import Unavailable
from assistant.ledger.chain import Entry, append

REFUSED = frozenset({401, 403, 413, 421, 422, 429})
"""No or no valid key, not allowed, too large, a foreign host, not understood, too often."""
EVERY_S = 60.0
MOST_TOLD = 20  # Rows of one record, about 2 KB; the rest is told as a number.
_MOST_COUNTED = 1000  # Different rows in memory within a minute.
logger = logging.getLogger(__name__)


class _Refusal(NamedTuple):
    status: int
    route: str
    who: str


class Refusals:
    """Counts the refusals of this process."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock
        self._counted: Counter[_Refusal] = Counter()
        self._others = 0
        self._since = clock()
        self._salt = secrets.token_bytes(32)

    def note(self, status: int, route: str, *, caller: str | None, address: str) -> None:
        """Counts a refused request: of `caller`, the id of a person or a key, else of an address.

        An address is named by a digest whose key is made anew every day and kept nowhere: it tells whether it was one
        or many, and nobody can find out which.
        """
        who = caller or f"address {hmac.digest(self._salt, address.encode(), 'sha256').hex()[:16]}"
        self._count(_Refusal(status, route, who))

    async def write(self) -> None:
        """Records what was refused since it was last called, if anything was; raises Unavailable, and counts on."""
        counted, others, since, now = self._counted, self._others, self._since, self._clock()
        self._counted, self._others, self._since = Counter(), 0, now
        if counted or others:
            try:
                async with self._database.session() as session:
                    await append(session, _entry(counted, others, since))
            except Unavailable:
                self._since = since
                self._others += others
                for refusal, times in counted.items():
                    self._count(refusal, times)
                raise
        if now.date() != since.date():
            self._salt = secrets.token_bytes(32)

    async def run(self) -> None:
        """Writes once a minute, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.written()

    async def written(self) -> None:
        """Writes, or says in the log that it could not."""
        try:
            await self.write()
        except Unavailable as error:
            logger.warning("refused requests are not recorded yet: %s", error)

    def _count(self, refusal: _Refusal, times: int = 1) -> None:
        if refusal in self._counted or len(self._counted) < _MOST_COUNTED:
            self._counted[refusal] += times
        else:
            self._others += times


def _entry(counted: Counter[_Refusal], others: int, since: datetime) -> Entry:
    told = counted.most_common(MOST_TOLD)
    total = counted.total() + others
    facts = {
        "since": since.isoformat(timespec="milliseconds"),
        "requests": total,
        "most": [each._asdict() | {"requests": times} for each, times in told],
        "others": total - sum(times for _, times in told),
    }
    return Entry("requests.refused", facts)
