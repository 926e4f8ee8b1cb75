"""Kill -9 during two hundred streams, the model scripted at 20 ms a token and all else real; `make soak` runs it."""

from __future__ import annotations

from functools import partial
from time import monotonic

import pytest

from assistant.settings import Settings
from tests.killing import killed_in_the_middle
from tests.processes import service

STREAMS = 200
QUESTIONS = 100
ASKED = "How much does standard delivery cost for {} tents?"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path, new_postgres):
    return new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/assistant.db"


@pytest.mark.soak
async def test_kill_9_during_two_hundred_streams_of_the_whole_service(url: str, settings: Settings):
    start = partial(service, "whole_service.py", str(settings.rails_dir.parent), url, after=("scripted",))
    began = monotonic()
    told = await killed_in_the_middle(url, start, streams=STREAMS, questions=QUESTIONS, asked=ASKED.format)
    kind = url.partition(":")[0].partition("+")[0]
    heard = f"{sum(told.values())} heard before the kill {dict(told)}"
    print(f"\n{kind}: {STREAMS} streams, {heard}, {QUESTIONS} questions of a batch, {monotonic() - began:.0f} s")
    assert sum(told.values()) >= STREAMS // 2 and set(told) <= {"answered", "quoted"}


@pytest.mark.soak
async def test_kill_9_during_two_hundred_streams_of_doors_and_records_alone(url: str):
    start = partial(service, "service_to_kill.py", url)
    told = await killed_in_the_middle(url, start, streams=STREAMS, questions=3 * QUESTIONS)
    assert told["answered"] >= STREAMS // 2
