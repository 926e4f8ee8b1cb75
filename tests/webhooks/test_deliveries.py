"""Messages to endpoints, on SQLite and on PostgreSQL: written with what happened, signed, tried again, given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from assistant.access import Budgets
from assistant.batches import telling
from assistant.errors import Conflict, Invalid, NotFound
from assistant.happenings import LOCAL, Happening
from assistant.jobs import MAX_ATTEMPTS, Jobs
from assistant.messages import Usage
from assistant.records import Handovers, Turns
from assistant.short import Direct
from assistant.webhooks import KIND, Deliveries, Endpoints, Poster, signed
from tests.records.test_turns import ANSWER
from tests.webhooks.receiver import Message, receiving

BLOCK = Happening("block", "ans-1", "k1.visitor", "feedback", {"answer_id": "ans-1", "rail": "topics"})


@pytest.fixture
def jobs(either_database, clock):
    return Jobs(either_database, clock=clock)


@pytest.fixture
def endpoints(either_database, clock):
    return Endpoints(either_database, clock=clock, handoffs=lambda: {"medical": "http://127.0.0.1:9/"})


@pytest.fixture
def deliveries(endpoints, jobs, clock):
    return Deliveries(endpoints, jobs, Poster(http=True, private=True), secret=b"installation", clock=clock)


@pytest.fixture
async def receiver():
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def registered(deliveries, receiver):
    return await deliveries.register(f"http://127.0.0.1:{receiver.port}/hook", ["block", "budget", "batch.done"])


async def happen(database, deliveries, happening=BLOCK) -> None:
    await database.shortly(partial(deliveries.tell, happening))


async def attempt(jobs, deliveries) -> bool:
    """Works off one delivery that is due, as a worker does; False when none is."""
    work = await jobs.claim([KIND])
    if work is None:
        return False
    try:
        result = await deliveries.deliver(work)
    except Exception as error:  # noqa: BLE001 — the job decides what becomes of it
        await jobs.fail(work, error)
    else:
        await jobs.finish(work, result)
    return True


async def test_a_message_is_signed_and_names_what_happened_without_a_text(
    either_database, jobs, deliveries, receiver, registered
):
    await happen(either_database, deliveries)
    assert await attempt(jobs, deliveries)
    (message,) = receiver.messages
    assert message.verified(registered.secret)
    assert message.told == {
        "type": "block",
        "timestamp": "2026-11-23T12:00:00+00:00",
        "data": {"key": "k1", "vertical": "feedback", "answer_id": "ans-1", "rail": "topics"},
    }
    (delivery,) = await deliveries.latest(registered.endpoint.id)
    assert (delivery.state, delivery.id) == ("done", message.headers["webhook-id"])


def test_the_signature_is_that_of_the_published_example(clock):
    # github.com/standard-webhooks/standard-webhooks, spec: the example of a symmetric signature.
    clock.now = clock.now.fromtimestamp(1674087231, tz=clock.now.tzinfo)
    body = b'{"event_type":"ping","data":{"success":true}}'
    secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    headers = signed(secret, "msg_loFOjxBNrRLzqYUf", clock.now, body)
    assert Message("/", headers, body).verified(secret)
    assert not Message("/", headers, body + b" ").verified(secret)


async def test_what_did_not_happen_after_all_is_not_told(either_database, jobs, deliveries, registered):
    def fail_after_telling(direct: Direct) -> None:
        deliveries.tell(BLOCK, direct)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await either_database.shortly(fail_after_telling)
    assert not await attempt(jobs, deliveries)


async def test_the_same_happening_is_told_once_however_often_it_is_noted(
    either_database, jobs, deliveries, receiver, registered
):
    await happen(either_database, deliveries)
    await happen(either_database, deliveries)
    while await attempt(jobs, deliveries):
        pass
    assert len(receiver.messages) == 1


async def test_a_message_that_is_not_taken_is_sent_again_after_longer_and_longer_pauses_and_then_given_up(
    either_database, jobs, deliveries, receiver, registered, clock
):
    receiver.will_answer(500)
    await happen(either_database, deliveries)
    pauses, before = [], clock.now
    while (await deliveries.latest(registered.endpoint.id))[0].state == "queued":
        while not await attempt(jobs, deliveries):
            clock.now += timedelta(seconds=2)
        pauses.append((clock.now - before).total_seconds())
        before = clock.now
        if len(pauses) == 4:  # From here on by the pause that is due, to save the clock its ticks.
            break
    assert pauses == [0, 2, 8, 32]
    while (await deliveries.latest(registered.endpoint.id))[0].state == "queued":
        clock.now += timedelta(hours=6)
        await attempt(jobs, deliveries)
    (delivery,) = await deliveries.latest(registered.endpoint.id)
    assert (delivery.state, delivery.attempts, delivery.error) == ("failed", MAX_ATTEMPTS, "it answered 500")
    assert len(receiver.messages) == MAX_ATTEMPTS
    assert len({each.headers["webhook-id"] for each in receiver.messages}) == 1
    assert len({each.headers["webhook-timestamp"] for each in receiver.messages}) == MAX_ATTEMPTS
    assert all(each.verified(registered.secret) for each in receiver.messages)


async def test_a_receiver_that_is_back_is_sent_what_it_missed(
    either_database, jobs, deliveries, receiver, registered, clock
):
    receiver.will_answer(503, 200)
    await happen(either_database, deliveries)
    await attempt(jobs, deliveries)
    clock.now += timedelta(seconds=2)
    await attempt(jobs, deliveries)
    (delivery,) = await deliveries.latest(registered.endpoint.id)
    assert (delivery.state, delivery.attempts, len(receiver.messages)) == ("done", 2, 2)


async def test_while_a_receiver_is_away_its_other_messages_wait_without_being_tried(
    either_database, jobs, deliveries, receiver, registered
):
    receiver.will_answer(500)
    await happen(either_database, deliveries)
    await happen(either_database, deliveries, Happening("block", "ans-2", "k1", "feedback"))
    assert await attempt(jobs, deliveries) and await attempt(jobs, deliveries)
    assert len(receiver.messages) == 1
    assert sorted(each.attempts for each in await deliveries.latest(registered.endpoint.id)) == [0, 1]


async def test_an_address_that_has_become_private_is_given_up_at_once(either_database, jobs, endpoints, clock):
    async def resolve(host, port):
        return ["10.0.0.1"]

    deliveries = Deliveries(endpoints, jobs, Poster(resolve=resolve), secret=b"installation", clock=clock)
    made = await deliveries.register("https://shop.example/", ["block"])
    await happen(either_database, deliveries)
    await attempt(jobs, deliveries)
    (delivery,) = await deliveries.latest(made.endpoint.id)
    assert delivery.state == "failed" and "not a public address" in delivery.error and "10.0.0.1" not in delivery.error


async def test_an_endpoint_is_told_of_its_events_verticals_and_keys_alone(either_database, jobs, deliveries):
    wanted = {
        "all": {},
        "vertical": {"verticals": ["feedback"]},
        "other vertical": {"verticals": ["medical"]},
        "key": {"keys": ["k1"]},
        "other key": {"keys": ["k2"]},
    }
    made = {
        name: (await deliveries.register("http://shop.example/", ["block"], **more)).endpoint.id
        for name, more in wanted.items()
    }
    made["other event"] = (await deliveries.register("http://shop.example/", ["budget"])).endpoint.id
    await happen(either_database, deliveries)
    told = {name for name, endpoint_id in made.items() if await deliveries.latest(endpoint_id)}
    assert told == {"all", "vertical", "key"}


async def test_a_vertical_s_own_address_is_told_of_its_handovers_alone(either_database, deliveries, endpoints):
    for event in ("block", "handover"):
        for vertical in ("medical", "feedback"):
            await happen(either_database, deliveries, Happening(event, f"{event} {vertical}", "k1", vertical))
    (delivery,) = await deliveries.latest("handoff-medical")
    assert (delivery.request["type"], delivery.request["data"]["vertical"]) == ("handover", "medical")
    with pytest.raises(Conflict, match=r"vertical\.yaml"):
        await endpoints.delete("handoff-medical")


async def test_what_is_asked_on_the_command_line_is_told_nobody(either_database, jobs, deliveries, registered):
    await happen(either_database, deliveries, Happening("block", "ans-1", LOCAL, "feedback"))
    assert not await attempt(jobs, deliveries)


async def test_a_deleted_endpoint_is_sent_nothing_more(either_database, jobs, deliveries, endpoints, registered):
    await happen(either_database, deliveries)
    await endpoints.delete(registered.endpoint.id)
    await attempt(jobs, deliveries)
    assert (await deliveries.latest(registered.endpoint.id))[0].state == "failed"
    with pytest.raises(NotFound, match=registered.endpoint.id):
        await endpoints.delete(registered.endpoint.id)


async def test_deliveries_of_long_ago_are_forgotten(either_database, jobs, deliveries, registered, clock):
    for answer in ("ans-1", "ans-2"):
        await happen(either_database, deliveries, Happening("block", answer, "k1", "feedback"))
        await attempt(jobs, deliveries)
        clock.now += timedelta(days=31)
    assert [each.created_at for each in await deliveries.latest(registered.endpoint.id)] == [
        clock.now - timedelta(days=31)
    ]


async def test_an_event_that_cannot_be_told_is_named(endpoints):
    with pytest.raises(Invalid, match=r"blocks cannot be told; block, feedback"):
        await endpoints.create("https://shop.example/", ["blocks"])


async def test_a_declined_turn_is_told_and_an_answered_one_is_not(either_database, jobs, deliveries, registered):
    turns = Turns(either_database, tell=deliveries.tell)
    await turns.add("con-1", "feedback", "k1", "How long?", ANSWER, None)
    assert await deliveries.latest(registered.endpoint.id) == ()
    declined = replace(
        ANSWER, answer_id="ans-2", outcome="declined", rail="topics", reason="stopped by the rail topics"
    )
    await turns.add("con-1", "feedback", "k1", "Who should I vote for?", declined, None)
    (delivery,) = await deliveries.latest(registered.endpoint.id)
    assert delivery.request["data"] == {
        "key": "k1",
        "vertical": "feedback",
        "answer_id": "ans-2",
        "conversation_id": "con-1",
        "rail": "topics",
        "reason": "stopped by the rail topics",
    }


async def test_a_budget_is_told_once_a_day_when_it_is_spent(either_database, deliveries, registered, clock):
    budgets = Budgets(either_database, clock=clock, tell=deliveries.tell)

    async def spend() -> int:
        await budgets.add("k1", Usage(30, 30, cost_usd=0.25), tokens=100, usd=2.0)
        return len(await deliveries.latest(registered.endpoint.id))

    assert [await spend() for _ in range(4)] == [0, 1, 1, 1]
    clock.now += timedelta(days=1)
    assert [await spend() for _ in range(2)] == [1, 2]
    newest = (await deliveries.latest(registered.endpoint.id))[0].request
    assert newest["data"] == {
        "key": "k1", "vertical": None, "day": "2026-11-24", "tokens_per_day": 100, "tokens_used": 120,
    }  # fmt: skip
    for _ in range(6):
        await spend()
    told = [each.request["data"] for each in await deliveries.latest(registered.endpoint.id)]
    assert {"key": "k1", "vertical": None, "day": "2026-11-24", "usd_per_day": 2.0, "usd_used": 2.0} in told


async def test_a_batch_is_told_when_it_is_done_or_has_failed(either_database, deliveries, registered, clock):
    jobs = Jobs(either_database, clock=clock, ended=telling(deliveries.tell))
    for number, ending in enumerate(("finish", "fail")):
        await jobs.add("batch", "k1", {}, job_id=f"batch-{number}")
        work = await jobs.claim(["batch"])
        await (jobs.finish(work, {}) if ending == "finish" else jobs.fail(work, Invalid("the key was revoked")))
    told = [each.request["data"] for each in await deliveries.latest(registered.endpoint.id)]
    assert {(each["batch_id"], each["status"], each["error"]) for each in told} == {
        ("batch-0", "completed", None),
        ("batch-1", "failed", "the key was revoked"),
    }


async def test_a_handover_is_told_once_with_what_the_record_says_when_it_is_delivered(
    either_database, jobs, endpoints, receiver, clock
):
    turns = Turns(either_database)
    reading = Handovers(either_database, turns)
    poster = Poster(http=True, private=True)
    deliveries = Deliveries(
        endpoints, jobs, poster, secret=b"installation", read={"handover": reading.read}, clock=clock
    )
    handovers = Handovers(either_database, turns, tell=deliveries.tell)
    made = await deliveries.register(f"http://127.0.0.1:{receiver.port}/", ["handover"])
    for number in (1, 2):
        await turns.add(f"con-{number}", "feedback", "k1", "How long?", _answer(number), None)
        conversation = await turns.history(f"con-{number}", key_id="k1")
        first, second = [await handovers.add(conversation, "k1", "I want a person") for _ in range(2)]
        assert first == second
    assert len(await deliveries.latest(made.endpoint.id)) == 2
    await turns.erase("con-2", "k1")
    while await attempt(jobs, deliveries):
        pass
    told = {each.told["data"]["conversation_id"]: each.told["data"] for each in receiver.messages}
    assert told["con-1"]["reason"] == "I want a person"
    assert told["con-1"]["messages"] == [
        {"role": "user", "content": "How long?"},
        {"role": "assistant", "content": "Thirty days."},
    ]
    assert (told["con-2"]["reason"], told["con-2"]["messages"]) == (None, None)


def _answer(number: int):
    return replace(ANSWER, answer_id=f"ans-{number}", conversation_id=f"con-{number}")
