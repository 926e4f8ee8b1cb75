# ruff: noqa: ASYNC110 — what is ready can only be looked at
"""Ready is who answers, and whose rails have proved that they stop what they are there to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.database import Database
from assistant.errors import InvalidRail
from assistant.models import ScriptedChat
from assistant.opening import open_models
from assistant.parts import Parts
from assistant.rails import RailEngine
from assistant.rails.canaries import let_through
from assistant.rails.live import Folders, LiveRails, Release
from assistant.releases.readiness import Readiness, Standing, VerticalStanding
from tests.playing import play


@pytest.fixture
def built(parts: Parts) -> Callable[[str], Release]:
    """The releases of the shipped verticals, which a test may break."""
    return parts.rails.release


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Three verticals by name; what they are made of, the tests say."""
    for name in ("feedback", "medical", "shop"):
        (tmp_path / "rails" / name).mkdir(parents=True)
        (tmp_path / "rails" / name / "vertical.yaml").touch()
    return tmp_path


def readiness(parts: Parts, folders: Path, build: Callable[[str], Release], database: Database | None = None):
    rails = LiveRails(Folders(folders / "rails", folders / "knowledge"), build)
    rails.refresh()
    models = play(open_models(parts.settings, parts.catalog), ScriptedChat())
    return rails, Readiness(rails, models, database or parts.database)


def deaf(release: Release) -> Release:
    """The release with rails that let everything through whose score is over 0."""
    limits = dict.fromkeys(release.engine.limits, 0.0)
    return replace(release, engine=RailEngine.build(release.bundle, limits), digest=f"{release.digest}-deaf")


async def test_every_rail_of_every_vertical_stops_its_canary(parts: Parts):
    assert {release.vertical.name: await let_through(release) for release in parts.rails.live} == {
        "feedback": (),
        "marketing": (),
        "medical": (),
        "shop": (),
    }


async def test_a_rail_that_stops_nothing_any_more_is_named(built):
    assert {"injection", "topics", "grounding"} >= set(await let_through(deaf(built("medical")))) > set()


async def test_a_vertical_with_a_deaf_rail_is_not_ready_and_the_others_are(parts: Parts, folders: Path, built):
    _, looking = readiness(parts, folders, lambda name: deaf(built(name)) if name == "medical" else built(name))
    standing = await looking.look()
    assert standing.status == "degraded"
    assert {name: each.state for name, each in standing.verticals.items()} == {
        "feedback": "ready",
        "medical": "not ready",
        "shop": "ready",
    }
    assert any(line.startswith("medical: the rail ") for line in standing.missing)


async def test_an_edit_that_cannot_be_used_leaves_its_vertical_to_the_older_release(parts: Parts, folders: Path, built):
    broken: set[str] = set()

    def build(name: str) -> Release:
        if name in broken:
            raise InvalidRail("input/doses.co", 3, "an `if` needs a condition")
        return built(name)

    rails, looking = readiness(parts, folders, build)
    assert (await looking.look()).status == "ready"
    broken.add("medical")
    (folders / "rails" / "medical" / "vertical.yaml").write_text("# edited")
    rails.refresh()
    standing = await looking.look()
    assert (standing.status, standing.verticals["medical"].state) == ("degraded", "stale")
    assert "input/doses.co:3" in standing.missing[0]
    rails, looking = readiness(parts, folders, build)  # A service that starts with it has no older release.
    standing = await looking.look()
    assert (standing.status, standing.verticals["medical"].state) == ("degraded", "not ready")


async def test_canaries_are_played_once_for_each_release(parts: Parts, folders: Path, built):
    decided: list[str] = []

    class Counting:
        def __init__(self, engine: RailEngine) -> None:
            self._engine = engine

        def needs(self, stage, only):
            return self._engine.needs(stage, only=only)

        async def decide(self, stage, measured, only):
            decided.append(only)
            return await self._engine.decide(stage, measured, only=only)

    _, looking = readiness(parts, folders, lambda name: replace(built(name), engine=Counting(built(name).engine)))
    await asyncio.gather(looking.look(), looking.look())
    first = len(decided)
    await looking.look()
    assert first == len(decided) >= len({rail.name for rail in built("medical").bundle.rails})


async def test_nothing_is_ready_while_the_database_is_away_and_all_is_again_afterwards(
    parts: Parts, folders: Path, built, tmp_path: Path
):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/here/assistant.db")
    await database.create()
    _, looking = readiness(parts, folders, built, database)
    assert (await looking.look()).status == "ready"
    await database.close()
    (tmp_path / "here").rename(tmp_path / "away")
    standing = await looking.look()
    assert standing.status == "not ready" and "the database did not answer" in standing.missing[0]
    (tmp_path / "away").rename(tmp_path / "here")
    assert (await looking.look()).status == "ready"


async def test_a_model_that_is_not_loaded_is_loaded_and_one_that_cannot_be_says_why(
    parts: Parts, folders: Path, built, weights_dir: Path
):
    rails = LiveRails(Folders(folders / "rails", folders / "knowledge"), built)
    rails.refresh()
    nowhere = parts.settings.model_copy(update={"data_dir": folders})
    models = open_models(nowhere, parts.catalog)
    looking = Readiness(rails, models, parts.database)
    assert (await looking.look()).status == "not ready"
    async with asyncio.timeout(30):
        while "models pull" not in str((await looking.look()).missing):
            await asyncio.sleep(0.05)
    (folders / "weights").symlink_to(weights_dir)
    async with asyncio.timeout(30):
        while (await looking.look()).status != "ready":
            await asyncio.sleep(0.05)
    await models.aclose()


def test_a_service_without_verticals_or_with_none_that_answers_is_not_ready():
    assert Standing({}).status == "not ready"
    assert Standing({"a": VerticalStanding("not ready", ("broken",))}).status == "not ready"
