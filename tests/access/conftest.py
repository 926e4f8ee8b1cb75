from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from assistant.access import Keys, People, Sessions


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(database, clock):
    return Keys(database, clock=clock)


@pytest.fixture
def people(database, clock):
    """People whose passwords are hashed with next to no work, which changes nothing but the time it takes."""
    return People(database, clock=clock, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def sessions(database, clock):
    return Sessions(database, clock=clock)
