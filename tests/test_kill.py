"""Kill -9 on SQLite and on PostgreSQL, with a few streams; `make soak` does it with two hundred."""

from __future__ import annotations

from functools import partial

import pytest

from tests.killing import killed_in_the_middle
from tests.processes import service

STREAMS = 6
QUESTIONS = 24


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path, new_postgres):
    return new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/assistant.db"


async def test_kill_9_loses_nothing_that_was_acknowledged_and_does_nothing_twice(url):
    start = partial(service, "service_to_kill.py", url)
    assert (await killed_in_the_middle(url, start, streams=STREAMS, questions=QUESTIONS))["answered"] >= STREAMS // 2
