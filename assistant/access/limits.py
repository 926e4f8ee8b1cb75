"""How often and how much: requests, tokens and streams of each key, visitor and address, and what a day may cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from assistant.access.budgets import Budgets
from assistant.access.callers import Allowance, Caller
from assistant.errors import BudgetSpent, Misconfigured, RateLimited, Unavailable, Window
from assistant.messages import Usage

MINUTE_S = 60
DAY_S = 86_400
_BUSY_RETRY_S = 2
_REDIS_TIMEOUT_S = 2


class Limits:
    """Counts in this process, or with `redis_url` in one place for all workers and machines.

    Streams are counted in this process always: a count kept elsewhere would never come down after a crash. Budgets of a
    day are in the database, so that a restart gives nobody a second budget. Raises Unavailable when Redis is away.
    """

    def __init__(
        self,
        budgets: Budgets,
        *,
        keys: Allowance,
        visitors: Allowance,
        requests_per_minute_of_address: int,
        sign_ins_per_minute: int = 10,
        redis_url: str = "",
    ) -> None:
        self._budgets = budgets
        self._keys, self._visitors = keys, visitors
        self._of_address = requests_per_minute_of_address
        self._sign_ins = sign_ins_per_minute
        self._counts = FixedWindowRateLimiter(_storage(redis_url))
        self._streams: Counter[str] = Counter()

    async def arrive(self, address: str) -> None:
        """Counts a request before it is known whose it is; raises RateLimited."""
        if self._of_address:
            await self._count("address", self._of_address, _network(address))

    async def sign_in(self, address: str, email: str) -> None:
        """Counts an attempt to sign in, from one address and for one person; raises RateLimited."""
        if self._sign_ins:
            await self._count("sign-ins", self._sign_ins, _network(address))
            await self._count("sign-ins", self._sign_ins, email.strip().lower()[:320])

    async def admit(self, who: Caller, address: str) -> tuple[Window, ...]:
        """Counts a request of `who` and returns where they stand; raises RateLimited."""
        allowance = self._allowance(who)
        if not allowance.requests_per_minute:
            return ()
        return (await self._count("requests", allowance.requests_per_minute, _subject(who, address)),)

    @asynccontextmanager
    async def generating(self, who: Caller, address: str) -> AsyncIterator[None]:
        """While an answer is written; raises RateLimited or BudgetSpent when there is nothing left to write it from."""
        allowance, subject = self._allowance(who), _subject(who, address)
        await self._have_tokens(allowance, subject)
        await self._have_budget(allowance, _account(who))
        if allowance.streams and self._streams[subject] >= allowance.streams:
            reason = f"{allowance.streams} answers are being written for you already; wait until one has ended"
            raise RateLimited(reason, retry_after_s=_BUSY_RETRY_S)
        self._streams[subject] += 1
        try:
            yield
        finally:
            self._streams[subject] -= 1
            if not self._streams[subject]:
                del self._streams[subject]

    async def spend(self, who: Caller, address: str, usage: Usage, vertical: str | None = None) -> None:
        """Notes what an answer used, also one that nobody waited for."""
        allowance, tokens = self._allowance(who), usage.prompt_tokens + usage.completion_tokens
        # First: what it cost is noted also where Redis is away.
        await self._budgets.add(
            _account(who),
            usage,
            vertical=vertical,
            tokens=allowance.tokens_per_day or 0,
            usd=allowance.usd_per_day or 0.0,
            wh=allowance.wh_per_day or 0.0,
        )
        if allowance.tokens_per_minute and tokens:
            item = RateLimitItemPerMinute(allowance.tokens_per_minute, namespace="tokens")
            with _redis_errors():
                await self._counts.hit(item, _subject(who, address), cost=tokens)

    async def _have_tokens(self, allowance: Allowance, subject: str) -> None:
        if not allowance.tokens_per_minute:
            return
        item = RateLimitItemPerMinute(allowance.tokens_per_minute, namespace="tokens")
        window = await self._standing("tokens", item, subject)
        if window.remaining <= 0:
            reason = f"{window.quota} tokens a minute are used up"
            raise RateLimited(reason, retry_after_s=window.reset_s, windows=(window,))

    async def _have_budget(self, allowance: Allowance, account: str) -> None:
        tokens, usd, wh = allowance.tokens_per_day, allowance.usd_per_day, allowance.wh_per_day
        if not (tokens or usd or wh):
            return
        spent, until_s = await self._budgets.today(account), self._budgets.until_tomorrow_s()
        if tokens and spent.tokens >= tokens:
            day = Window("day", tokens, DAY_S, 0, until_s)
            raise BudgetSpent(f"today's {tokens} tokens are used up", retry_after_s=until_s, windows=(day,))
        # RateLimit headers count in whole numbers, so money and energy have none.
        if usd and spent.cost_usd >= usd:
            raise BudgetSpent(f"today's {usd:g} US dollars are used up", retry_after_s=until_s)
        if wh and spent.energy_wh >= wh:
            raise BudgetSpent(f"today's {wh:g} watt-hours are used up", retry_after_s=until_s)

    def _allowance(self, who: Caller) -> Allowance:
        return who.allowance.over(self._visitors if who.visitor else self._keys)

    async def _count(self, name: str, quota: int, subject: str) -> Window:
        item = RateLimitItemPerMinute(quota, namespace=name)
        with _redis_errors():
            within = await self._counts.hit(item, subject)
        window = await self._standing(name, item, subject)
        if not within and not window.remaining:
            reason = f"more than {quota} {'requests' if name == 'address' else name} a minute"
            raise RateLimited(reason, retry_after_s=window.reset_s, windows=(window,))
        return window

    async def _standing(self, name: str, item: RateLimitItem, subject: str) -> Window:
        with _redis_errors():
            stats = await self._counts.get_window_stats(item, subject)
            reset_s = max(1, round(stats.reset_time - time.time()))
            if reset_s > MINUTE_S:  # The clock was set back, and the window would last until it has caught up.
                await self._counts.clear(item, subject)
                return Window(name, item.amount, MINUTE_S, item.amount, MINUTE_S)
        return Window(name, item.amount, MINUTE_S, max(0, stats.remaining), reset_s)


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise Unavailable("the store that counts requests did not answer") from error


def _storage(redis_url: str) -> Storage:
    if not redis_url:
        storage: Any = storage_from_string("async+memory://")
        return storage  # type: ignore[no-any-return]
    timeouts = {"socket_timeout": _REDIS_TIMEOUT_S, "socket_connect_timeout": _REDIS_TIMEOUT_S}
    try:
        storage = storage_from_string(
            f"async+{redis_url}", implementation="redispy", wrap_exceptions=True, key_prefix="assistant", **timeouts
        )
    except (ConfigurationError, ValueError) as error:
        # The address may hold a password, so it is not repeated.
        raise Misconfigured("ASSISTANT_REDIS_URL cannot be used; redis://:password@host:6379/0 can") from error
    return storage  # type: ignore[no-any-return]


def _account(who: Caller) -> str:
    """Whose budget it is: all visitors of a page share the one of its embed token."""
    return who.key_id or who.id


def _subject(who: Caller, address: str) -> str:
    """Whose minute it is: visitors share a token, so each address has its own."""
    return f"{who.key_id}@{_network(address)}" if who.visitor else _account(who)


def _network(address: str) -> str:
    """What one household or office calls from: an IPv4 address, or the 64 bits of IPv6 that a provider hands out."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network(f"{parsed}/64", strict=False))
    return str(parsed)
