import asyncio
from datetime import date, timedelta

from assistant.access import Budgets


async def test_answers_that_end_together_are_all_counted(database, clock):
    budgets = Budgets(database, clock=clock)
    await asyncio.gather(*(budgets.add("k1", prompt_tokens=3, completion_tokens=1) for _ in range(8)))
    (day,) = await budgets.since(date(2026, 1, 1))
    assert (day.account, day.day, day.answers, day.prompt_tokens, day.completion_tokens) == (
        "k1",
        date(2026, 11, 23),
        8,
        24,
        8,
    )


async def test_each_day_and_each_account_is_counted_by_itself(database, clock):
    budgets = Budgets(database, clock=clock)
    await budgets.add("k1", prompt_tokens=10, completion_tokens=5)
    assert await budgets.left("k1", 100) == (85, 43_200)
    assert await budgets.left("k2", 100) == (100, 43_200)
    clock.now += timedelta(days=1)
    assert (await budgets.left("k1", 100))[0] == 100
    await budgets.add("k2", prompt_tokens=1, completion_tokens=1)
    assert [each.account for each in await budgets.since(date(2026, 11, 23))] == ["k1", "k2"]
    assert [each.account for each in await budgets.since(date(2026, 11, 24))] == ["k2"]
    assert [each.account for each in await budgets.since(date(2026, 1, 1), "k1")] == ["k1"]
