from __future__ import annotations

import asyncio

import pytest

from assistant.errors import ModelBusy, ModelUnavailable
from assistant.models.breaker import Breaker


class Seconds:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    return Breaker("small", failures=3, pause_s=10, clock=seconds)


def fail(breaker: Breaker, error: BaseException | None = None) -> None:
    error = error or ModelUnavailable("down")
    with pytest.raises(type(error)), breaker.attempt():
        raise error


def work(breaker: Breaker) -> None:
    with breaker.attempt() as attempt:
        attempt.works()


def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        fail(breaker)
    return breaker


def test_three_failures_in_a_row_open_it_and_the_wait_is_told(breaker, seconds):
    opened(breaker)
    seconds.now = 4
    with pytest.raises(ModelUnavailable, match="small failed 3 times in a row") as refused:
        breaker.attempt()
    assert refused.value.retry_after_s == 6


def test_a_model_that_nobody_can_stand_in_for_is_asked_all_the_same(breaker):
    opened(breaker)
    with breaker.attempt(alone=True) as attempt:
        attempt.works()
    assert not breaker.is_open


def test_an_answer_in_between_starts_the_count_again(breaker):
    fail(breaker)
    fail(breaker)
    work(breaker)
    fail(breaker)
    fail(breaker)
    assert not breaker.is_open


def test_after_the_pause_one_request_sees_whether_it_is_back_and_closes_it(breaker, seconds):
    opened(breaker)
    seconds.now = 10
    with breaker.attempt() as attempt:
        with pytest.raises(ModelUnavailable):
            breaker.attempt()
        attempt.works()
    work(breaker)
    assert not breaker.is_open


def test_a_trial_that_fails_opens_it_for_another_pause(breaker, seconds):
    opened(breaker)
    seconds.now = 10
    fail(breaker)
    seconds.now = 19
    with pytest.raises(ModelUnavailable):
        breaker.attempt()
    seconds.now = 20
    work(breaker)
    assert not breaker.is_open


def test_a_caller_who_leaves_during_the_trial_leaves_it_to_the_next(breaker, seconds):
    opened(breaker)
    seconds.now = 10
    fail(breaker, asyncio.CancelledError())
    assert breaker.is_open
    work(breaker)
    assert not breaker.is_open


@pytest.mark.parametrize("error", [ModelBusy("full"), ValueError("not the model's fault"), GeneratorExit()])
def test_what_is_not_the_model_s_fault_is_not_counted(breaker, error):
    for _ in range(5):
        fail(breaker, error)
    assert not breaker.is_open


def test_requests_that_were_under_way_when_it_opened_do_not_prolong_the_pause(breaker, seconds):
    late = breaker.attempt()
    opened(breaker)
    seconds.now = 9
    with pytest.raises(ModelUnavailable), late:
        raise ModelUnavailable("down")
    seconds.now = 10
    work(breaker)
