"""A vertical that is moved to another model, with two real ones made of the same weights."""

from __future__ import annotations

import gc
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assistant.answering.writing import Writer
from assistant.chat import Chat, DoneEvent, StageEvent
from assistant.models import Catalog, LlamaChat, Loading, Models
from assistant.models.catalog import SHIPPED
from assistant.parts import Parts
from assistant.rails import read_bundle
from assistant.rails.live import Folders, LiveRails, Release
from assistant.releases.following import Follower
from tests.conftest import ask

RETURNS = "How long do I have to return an unopened item?"
CARD = (SHIPPED / "smollm2-135m.yaml").read_text()


@dataclass
class Moving:
    """A service of one vertical, and how to edit it."""

    rails_dir: Path
    rails: LiveRails
    models: Models
    follower: Follower
    chat: Chat
    free: list[int] = field(default_factory=lambda: [2**40])

    def edit(self, more: str) -> None:
        file = self.rails_dir / "shop" / "vertical.yaml"
        file.write_text("vertical:\n  title: The corner shop\n  answer: {max_tokens: 12}\n" + more)

    @property
    def loaded(self) -> list[str]:
        return sorted(
            name for name, model in self.models._open.items() if isinstance(model, LlamaChat) and model._engine
        )

    @property
    def live(self) -> str:
        return self.rails.release("shop").vertical.model


@pytest.fixture
async def moving(parts: Parts, weights_dir: Path, tmp_path: Path) -> AsyncIterator[Moving]:
    for name in ("old", "new"):
        (tmp_path / "cards").mkdir(exist_ok=True)
        (tmp_path / "cards" / f"{name}.yaml").write_text(CARD.replace("name: smollm2-135m", f"name: {name}", 1))
        (tmp_path / "weights").mkdir(exist_ok=True)
        (tmp_path / "weights" / name).symlink_to(weights_dir / "smollm2-135m")
    rails_dir, built = tmp_path / "rails", parts.rails.release("shop")
    shutil.copytree(parts.settings.rails_dir / "shared", rails_dir / "shared")
    shutil.copytree(parts.settings.rails_dir / "shop", rails_dir / "shop")

    def build(name: str) -> Release:
        return replace(built, bundle=read_bundle(rails_dir, name))

    free = [2**40]
    loading = Loading(tmp_path / "weights", 1, 1, 4, 2048, available=lambda: free[0])
    models = Models(Catalog([tmp_path / "cards"]), loading)
    source = Folders(rails_dir, tmp_path / "knowledge")
    rails = LiveRails(source, build)
    chat = Chat(
        rails,
        Writer(models, parts.embedder),
        parts.embedder,
        parts.turns,
        parts.audit,
        parts.before_people,
        secret=b"test",
    )
    made = Moving(rails_dir, rails, models, Follower(rails, models, source), chat, free)
    made.edit("  model: old\n")
    rails.refresh()
    yield made
    await models.aclose()


async def test_a_request_under_way_ends_on_the_old_model_which_then_is_let_go(moving: Moving):
    async with aclosing(moving.chat.stream(ask(RETURNS))) as events:
        while await anext(events) != StageEvent("generation"):
            pass
        moving.edit("  model: new\n")
        await moving.follower.look()
        assert (moving.live, moving.loaded) == ("new", ["new", "old"])
        (answer,) = [event.answer async for event in events if isinstance(event, DoneEvent)]
    assert answer.model == "old"
    del events
    gc.collect()
    await moving.follower.look()
    assert moving.loaded == ["new"]
    assert (await moving.chat.answer(ask(RETURNS))).model == "new"


async def test_what_does_not_fit_into_memory_is_refused_and_loaded_once_it_does(moving: Moving):
    await moving.models.load("old")
    moving.free[0] = 2**20
    moving.edit("  model: new\n")
    await moving.follower.look()
    assert (moving.live, moving.loaded) == ("old", ["old"])
    assert "new is not loaded: it needs about" in str(moving.rails.problems["shop"])
    moving.free[0] = 2**40
    await moving.follower.look()
    gc.collect()
    await moving.follower.look()
    assert (moving.live, moving.loaded, dict(moving.rails.problems)) == ("new", ["new"], {})


async def test_an_edit_that_is_taken_back_leaves_no_problem_behind(moving: Moving):
    moving.free[0] = 2**20
    moving.edit("  model: new\n")
    await moving.follower.look()
    moving.edit("  model: old\n")
    await moving.follower.look()
    assert (moving.live, dict(moving.rails.problems)) == ("old", {})


async def test_a_new_model_beside_a_broken_rail_is_let_go_again(moving: Moving):
    await moving.models.load("old")
    moving.edit("  model: new\n  instructions: 5\n  limits: {topics: 7}\n")
    await moving.follower.look()
    assert "vertical.limits.topics" in str(moving.rails.problems["shop"])
    moving.edit("  model: new\n")
    (moving.rails_dir / "shop" / "topics.co").write_text('define user broken\n  "no end\n')
    await moving.follower.look()
    assert "topics.co:2" in str(moving.rails.problems["shop"])
    assert (moving.live, moving.loaded) == ("old", ["old"])


async def test_weights_that_are_not_there_are_named_and_the_old_model_stays(moving: Moving):
    moving.edit("  model: qwen2.5-coder-1.5b\n")
    await moving.follower.look()
    assert moving.live == "old"
    assert "assistant models pull qwen2.5-coder-1.5b" in str(moving.rails.problems["shop"])
