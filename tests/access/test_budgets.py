import asyncio
from datetime import date, timedelta

from assistant.access import Budgets
from assistant.messages import Usage


async def test_answers_that_end_together_are_all_counted(database, clock):
    budgets = Budgets(database, clock=clock)
    await asyncio.gather(*(budgets.add("k1", Usage(3, 1)) for _ in range(8)))
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
    await budgets.add("k1", Usage(10, 5))
    assert (await budgets.today("k1")).tokens == 15 and (await budgets.today("k2")).tokens == 0
    assert budgets.until_tomorrow_s() == 43_200
    clock.now += timedelta(days=1)
    assert (await budgets.today("k1")).tokens == 0
    await budgets.add("k2", Usage(1, 1))
    assert [each.account for each in await budgets.since(date(2026, 11, 23))] == ["k1", "k2"]
    assert [each.account for each in await budgets.since(date(2026, 11, 24))] == ["k2"]
    assert [each.account for each in await budgets.since(date(2026, 1, 1), "k1")] == ["k1"]


async def test_money_energy_and_carbon_add_up_and_a_day_is_measured_only_if_all_of_it_was(database, clock):
    budgets = Budgets(database, clock=clock)
    await budgets.add("k1", Usage(1, 1, cost_usd=0.25, energy_wh=2.0, co2_g=1.0, basis="measured"))
    assert (await budgets.today("k1")).basis == "measured"
    await budgets.add("k1", Usage(1, 1, cost_usd=0.5, energy_wh=1.0, co2_g=0.5, basis="estimated"))
    (day,) = await budgets.since(date(2026, 11, 23))
    assert (day.cost_usd, day.energy_wh, day.co2_g, day.basis) == (0.75, 3.0, 1.5, "estimated")
