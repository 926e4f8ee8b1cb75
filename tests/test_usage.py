"""What one answer uses: shared among those at work, measured where the machine tells it, estimated elsewhere."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from assistant.chat import SentenceEvent
from assistant.messages import TokenUsage, Usage
from assistant.models.catalog import Price
from assistant.settings import Settings
from assistant.usage import GRID_G_PER_KWH, WATTS_PER_CORE, CpuTime, Meter, Rapl, Spending, energy_counter
from tests.conftest import ask

WH = 3600.0


class Counter:
    """Energy as a test lays it out."""

    basis = "measured"

    def __init__(self) -> None:
        self.total = 1000.0

    def joules(self) -> float:
        return self.total


@pytest.fixture
def counter():
    return Counter()


def test_answers_at_work_share_what_is_used_and_together_it_is_all_of_it(counter):
    meter, first, second = Meter(counter), Spending(), Spending()
    counter.total += 500 * WH  # Before anybody asked: nobody's.
    with meter.running(first):
        counter.total += 2 * WH
        with meter.running(second):
            counter.total += 4 * WH
            assert meter.read(first).energy_wh == pytest.approx(4)
        counter.total += 1 * WH
    counter.total += 500 * WH
    assert (first.usage.energy_wh, second.usage.energy_wh) == (pytest.approx(5), pytest.approx(2))
    assert first.usage.basis == "measured"


def test_an_answer_that_fails_takes_no_share_of_what_comes_after(counter):
    meter, failed, next_one = Meter(counter), Spending(), Spending()

    def fail() -> None:
        with meter.running(failed):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with meter.running(next_one):
        counter.total += WH
    assert (failed.usage.energy_wh, next_one.usage.energy_wh) == (0, pytest.approx(1))


def test_energy_becomes_carbon_by_the_grid_and_money_by_its_price_beside_what_models_charge(counter):
    meter, spending = Meter(counter, usd_per_kwh=0.30, grid_g_per_kwh=400), Spending()
    price = Price(prompt_usd_per_million=2.0, completion_usd_per_million=8.0, basis="a provider's")
    with meter.running(spending):
        tokens = TokenUsage(100_000, 50_000)
        spending.add(tokens, cost_usd=price.usd(tokens))
        counter.total += 500 * WH
    assert spending.usage == Usage(
        100_000, 50_000, pytest.approx(0.2 + 0.4 + 0.15), pytest.approx(500), pytest.approx(200), "measured"
    )


def test_an_estimate_is_processor_time_times_the_power_of_a_core():
    worked = [0.0]
    counter = CpuTime(12.0, own_s=lambda: worked[0])
    before = counter.joules()
    worked[0] += 30.0
    assert (counter.joules() - before, counter.basis) == (360.0, "estimated")


def test_work_on_this_machine_takes_energy():
    meter, spending = Meter(), Spending()
    with meter.running(spending):
        sum(number * number for number in range(300_000))
    assert spending.usage.energy_wh > 0 and spending.usage.co2_g > 0


class Machine:
    """The files in which Linux tells energy and work, as a test lays them out."""

    def __init__(self, folder: Path) -> None:
        self.powercap, self.stat = folder / "powercap", folder / "stat"
        self.own_s = 5.0
        self.work(busy_s=100)

    def zone(self, name: str, number: str, energy_j: float, range_j: float = 1000.0) -> None:
        zone = self.powercap / f"intel-rapl:{number}"
        zone.mkdir(parents=True, exist_ok=True)
        (zone / "name").write_text(f"{name}\n")
        (zone / "energy_uj").write_text(f"{int(energy_j * 1e6)}\n")
        (zone / "max_energy_range_uj").write_text(f"{int(range_j * 1e6)}\n")

    def work(self, *, busy_s: float) -> None:
        self.stat.write_text(f"cpu  {int(busy_s * 100)} 0 0 999999 0 0 0 0 0 0\ncpu0 1 2 3\n")

    def counter(self) -> Rapl:
        return Rapl(self.powercap, self.stat, own_s=lambda: self.own_s)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_what_the_processors_and_their_memory_took_is_ours_by_our_share_of_the_work(machine):
    for name, number in (("package-0", "0"), ("core", "0:0"), ("dram", "0:1"), ("package-1", "1"), ("psys", "2")):
        machine.zone(name, number, 100)
    counter = machine.counter()
    for name, number in (("package-0", "0"), ("core", "0:0"), ("dram", "0:1"), ("package-1", "1"), ("psys", "2")):
        machine.zone(name, number, 140)
    machine.own_s += 2
    machine.work(busy_s=108)
    assert (counter.joules(), counter.basis) == (pytest.approx(3 * 40 / 4), "measured")


def test_a_counter_that_begins_again_loses_nothing(machine):
    machine.zone("package-0", "0", 990)
    counter = machine.counter()
    machine.zone("package-0", "0", 20)
    machine.own_s += 1
    machine.work(busy_s=101)
    assert counter.joules() == pytest.approx(30, abs=0.001)


def test_what_is_asked_within_a_tick_is_told_with_the_next(machine):
    machine.zone("package-0", "0", 100)
    counter = machine.counter()
    machine.zone("package-0", "0", 105)
    assert counter.joules() == 0
    machine.zone("package-0", "0", 110)
    machine.own_s += 1
    machine.work(busy_s=101)
    assert counter.joules() == pytest.approx(10)


@pytest.mark.parametrize("there", [[], ["core"], ["psys"]])
def test_a_machine_that_does_not_tell_its_processors_energy_is_estimated(machine, there):
    machine.powercap.mkdir()
    for number, name in enumerate(there):
        machine.zone(name, str(number), 100)
    assert energy_counter(watts_per_core=5.0, powercap=machine.powercap).basis == "estimated"


def test_the_settings_say_what_the_meter_takes_by_itself():
    fields = Settings.model_fields
    assert (fields["watts_per_core"].default, fields["grid_g_per_kwh"].default) == (WATTS_PER_CORE, GRID_G_PER_KWH)


PRICE = Price(prompt_usd_per_million=1000.0, completion_usd_per_million=10_000.0, basis="a provider's")
QUESTION = "How much does standard delivery cost?"


@pytest.fixture
def priced(scripted, model):
    """The line with a scripted model whose card says what a hosted one's does."""
    card = scripted.models.card("smollm2-135m").model_copy(update={"price": PRICE})
    scripted.models.add("smollm2-135m", model, card=card)
    return scripted


async def test_an_answer_tells_what_its_model_charged_and_its_energy_and_keeps_both_on_record(priced, model):
    model.will_say("Standard delivery takes 3 to 5 business days and costs 4.90 euros.")
    answer = await priced.chat.answer(ask(QUESTION))
    used = answer.usage
    charged = (used.prompt_tokens * 1000 + used.completion_tokens * 10_000) / 1e6
    assert used.completion_tokens > 0 and used.cost_usd == pytest.approx(charged)
    assert used.energy_wh > 0 and used.co2_g == pytest.approx(used.energy_wh * GRID_G_PER_KWH / 1000)
    assert (await priced.turns.answer(answer.answer_id, "local")).usage == used


async def test_what_a_model_read_and_wrote_is_charged_also_where_nobody_waited_for_the_end(priced, model):
    model.will_say("Standard delivery takes 3 to 5 business days. It costs 4.90 euros. " * 3)
    spending = Spending()
    async with aclosing(priced.chat.stream(ask(QUESTION, spending=spending))) as events:
        async for event in events:
            if isinstance(event, SentenceEvent):
                break
    assert spending.usage.prompt_tokens > 20 and spending.usage.completion_tokens > 0
    assert spending.usage.cost_usd > 0 and spending.usage.energy_wh > 0


async def test_answers_written_together_each_have_a_part(priced, model):
    model.will_say("Standard delivery takes 3 to 5 business days and costs 4.90 euros.")
    both = await asyncio.gather(*(priced.chat.answer(ask(QUESTION)) for _ in range(2)))
    assert all(each.usage.energy_wh > 0 for each in both)


def test_the_energy_of_checks_is_told_apart_by_the_processor_time_they_took(counter):
    worked_s = [0.0]
    meter, spending = Meter(counter, own_s=lambda: worked_s[0]), Spending()
    with meter.running(spending):
        spending.work.checks_s, worked_s[0] = 1.0, 4.0
        counter.total += 2 * WH
        assert meter.read(spending).checks_wh == pytest.approx(0.5)
        worked_s[0] = 8.0
        counter.total += 2 * WH
    assert (spending.usage.energy_wh, spending.usage.checks_wh) == (pytest.approx(4), pytest.approx(0.5))


async def test_an_answer_tells_what_its_checks_took_and_a_declined_one_took_little_else(chat, model):
    model.will_say("You can return an unopened item within 30 days from delivery.")
    answered = (await chat.answer(ask("How long do I have to return an unopened item?"))).usage
    assert 0 < answered.checks_wh <= answered.energy_wh
    declined = (await chat.answer(ask("Who should I vote for in the election?"))).usage
    assert declined.checks_wh > 0.3 * declined.energy_wh
