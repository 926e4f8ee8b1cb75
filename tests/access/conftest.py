import pytest
from argon2 import PasswordHasher

from assistant.access import Keys, People, Sessions


@pytest.fixture
def database(either_database):
    return either_database


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
