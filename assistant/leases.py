"""Leases: what is in somebody's hands stays theirs while they say so, and is free again when they fall silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from assistant.errors import Unavailable

LEASE = timedelta(seconds=15)
"""How long the others wait for somebody who has gone silent; whoever is at work says so three times in this time."""
logger = logging.getLogger(__name__)


async def keep(renew: Callable[[], Awaitable[bool]], lease: timedelta, what: str) -> None:
    """Renews a lease on `what` again and again; returns when `renew` says that it is lost."""
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        try:
            if not await renew():
                return
        except Unavailable as error:
            logger.warning("%s could not be renewed: %s", what, error)
