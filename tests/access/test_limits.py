"""Limits over counts in memory and in a real Redis."""

import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from assistant.access import Allowance, Budgets, Caller, Limits
from assistant.database import Database
from assistant.errors import BudgetSpent, Misconfigured, RateLimited, Unavailable
from assistant.messages import Usage

KEY = Caller("k1", "shop", frozenset({"chat"}), None, key_id="k1")
HERE = "203.0.113.7"


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine: limits over Redis were not tested (Debian: redis-server)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture(params=["memory", "redis"])
def store(request):
    """The address of an empty store of counts; empty for this process's memory."""
    return request.getfixturevalue("redis_url") if request.param == "redis" else ""


@pytest.fixture
async def database():
    opened = Database("sqlite+aiosqlite://")
    await opened.create()
    yield opened
    await opened.close()


@pytest.fixture
def limits_of(database, clock):
    def made(store: str = "", address: int = 0, visitors: Allowance | None = None, **keys: float) -> Limits:
        return Limits(
            Budgets(database, clock=clock),
            keys=Allowance(**keys),
            visitors=visitors or Allowance(),
            requests_per_minute_of_address=address,
            redis_url=store,
        )

    return made


def someone(**changes) -> Caller:
    """A caller no other test has counted."""
    someone.number = getattr(someone, "number", 0) + 1
    name = f"k{someone.number}"
    return Caller(name, name, frozenset({"chat"}), None, key_id=name, **changes)


async def test_requests_are_let_through_until_the_limit_and_then_told_when_to_come_back(limits_of, store):
    limits, who = limits_of(store, requests_per_minute=3), someone()
    standing = [(await limits.admit(who, HERE))[0] for _ in range(3)]
    assert [window.remaining for window in standing] == [2, 1, 0]
    with pytest.raises(RateLimited, match="more than 3 requests a minute") as raised:
        await limits.admit(who, HERE)
    assert 1 <= raised.value.retry_after_s <= 60
    assert (raised.value.windows[0].quota, raised.value.windows[0].remaining) == (3, 0)
    await limits.admit(someone(), HERE)


async def test_workers_that_share_a_redis_count_together(limits_of, redis_url):
    who = someone()
    first, second = (limits_of(redis_url, requests_per_minute=2) for _ in range(2))
    await first.admit(who, HERE)
    await second.admit(who, HERE)
    with pytest.raises(RateLimited):
        await first.admit(who, HERE)


async def test_tokens_count_after_the_answer_and_keep_the_next_one_out(limits_of, store):
    limits, who = limits_of(store, tokens_per_minute=100), someone()
    async with limits.generating(who, HERE):
        await limits.spend(who, HERE, Usage(90, 60))
    with pytest.raises(RateLimited, match="100 tokens a minute"):
        async with limits.generating(who, HERE):
            pytest.fail("there were no tokens left")


async def test_so_many_answers_at_once_and_one_more_when_one_has_ended(limits_of):
    limits, who = limits_of(streams=2), someone()
    async with limits.generating(who, HERE):
        async with limits.generating(who, HERE):
            with pytest.raises(RateLimited, match="2 answers"):
                async with limits.generating(who, HERE):
                    pytest.fail("two were being written")
        async with limits.generating(who, HERE):
            pass


async def test_a_day_s_budget_outlives_a_restart_and_comes_back_at_midnight_utc(limits_of, clock):
    who = someone()
    clock.now = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    await limits_of(tokens_per_day=100).spend(who, HERE, Usage(70, 30))
    after_a_restart = limits_of(tokens_per_day=100)
    with pytest.raises(BudgetSpent, match="today's 100 tokens") as raised:
        async with after_a_restart.generating(who, HERE):
            pytest.fail("nothing was left")
    assert raised.value.retry_after_s == 3600
    clock.now += timedelta(hours=1)
    async with after_a_restart.generating(who, HERE):
        pass


@pytest.mark.parametrize(
    ("budget", "used", "says"),
    [
        ({"usd_per_day": 0.5}, Usage(cost_usd=0.5), "today's 0.5 US dollars"),
        ({"wh_per_day": 2.0}, Usage(energy_wh=2.5), "today's 2 watt-hours"),
    ],
)
async def test_money_and_energy_have_a_day_s_budget_like_tokens(limits_of, clock, budget, used, says):
    limits, who = limits_of(**budget), someone()
    async with limits.generating(who, HERE):
        await limits.spend(who, HERE, used)
    with pytest.raises(BudgetSpent, match=says) as raised:
        async with limits.generating(who, HERE):
            pytest.fail("nothing was left")
    assert raised.value.retry_after_s == 43_200
    generous = someone(allowance=Allowance(usd_per_day=0, wh_per_day=0))
    await limits.spend(generous, HERE, used)
    async with limits.generating(generous, HERE):
        pass
    clock.now += timedelta(days=1)
    async with limits.generating(who, HERE):
        pass


async def test_what_an_answer_cost_is_noted_also_where_redis_is_away(limits_of, database, clock):
    limits, who = limits_of("redis://127.0.0.1:1/0", tokens_per_minute=10), someone()
    with pytest.raises(Unavailable):
        await limits.spend(who, HERE, Usage(3, 4, cost_usd=0.5))
    assert (await Budgets(database, clock=clock).today(who.id)).cost_usd == 0.5


async def test_a_key_s_own_allowance_stands_where_it_says_so(limits_of):
    limits = limits_of(requests_per_minute=1)
    generous, plain = someone(allowance=Allowance(requests_per_minute=0)), someone()
    for _ in range(3):
        assert await limits.admit(generous, HERE) == ()
    await limits.admit(plain, HERE)
    with pytest.raises(RateLimited):
        await limits.admit(plain, HERE)


async def test_visitors_are_counted_by_address_and_share_their_token_s_day(limits_of):
    limits = limits_of(visitors=Allowance(requests_per_minute=1, tokens_per_day=10))
    visitor = someone(visitor=True)
    await limits.admit(visitor, HERE)
    await limits.admit(visitor, "203.0.113.8")
    with pytest.raises(RateLimited):
        await limits.admit(visitor, HERE)
    await limits.spend(visitor, HERE, Usage(10, 0))
    with pytest.raises(BudgetSpent):
        async with limits.generating(visitor, "203.0.113.8"):
            pytest.fail("the token's day was spent")


async def test_a_window_ends_in_a_minute_though_the_clock_was_set_back(limits_of, store):
    limits, who = limits_of(store, requests_per_minute=1), someone()
    await limits.admit(who, HERE)
    await the_clock_is_set_back_an_hour(limits, store, who)
    (window,) = await limits.admit(who, HERE)
    assert window.reset_s <= 60
    await limits.admit(who, HERE)
    with pytest.raises(RateLimited) as raised:
        await limits.admit(who, HERE)
    assert raised.value.retry_after_s <= 60


async def the_clock_is_set_back_an_hour(limits: Limits, store: str, who: Caller) -> None:
    """What then is found in the store: a window that ends an hour later than any does."""
    if not store:
        ends = limits._counts.storage.expirations
        ends |= {key: at + 3600 for key, at in ends.items()}
        return
    async with Redis.from_url(store) as redis:
        async for key in redis.scan_iter(f"*{who.id}*"):
            await redis.expire(key, 3660)


async def test_a_clock_set_back_gives_nobody_a_second_budget(limits_of, clock):
    limits, who = limits_of(tokens_per_day=100), someone()
    await limits.spend(who, HERE, Usage(100, 0))
    clock.now -= timedelta(hours=3)
    with pytest.raises(BudgetSpent):
        async with limits.generating(who, HERE):
            pytest.fail("nothing was left")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
async def test_an_address_is_what_one_household_has(limits_of, first, second, same):
    limits = limits_of(address=1)
    await limits.arrive(first)
    if same:
        with pytest.raises(RateLimited):
            await limits.arrive(second)
    else:
        await limits.arrive(second)


async def test_guessing_passwords_is_slow_from_one_address_and_for_one_person(limits_of):
    limits = limits_of()
    for number in range(10):
        await limits.sign_in(f"203.0.113.{number}", "Jane@shop.example")
    with pytest.raises(RateLimited):
        await limits.sign_in("203.0.113.99", "jane@shop.example ")
    await limits.sign_in("203.0.113.99", "joe@shop.example")


async def test_a_redis_that_is_away_is_unavailable(limits_of):
    with pytest.raises(Unavailable, match="did not answer"):
        await limits_of("redis://127.0.0.1:1/0", requests_per_minute=1).admit(KEY, HERE)


@pytest.mark.parametrize("url", ["nonsense", "http://host:1", "redis://:secret@host:port/0"])
def test_an_address_that_is_no_redis_is_named_by_its_setting_without_its_password(limits_of, url):
    with pytest.raises(Misconfigured, match="ASSISTANT_REDIS_URL") as raised:
        limits_of(url)
    assert "secret" not in str(raised.value)
