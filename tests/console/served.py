"""A whole service in this process with its console: what is published is served, and some turns are on record."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import uvicorn

from assistant.access import Caller, Keys, People
from assistant.access.people import Role
from assistant.app import create_app
from assistant.chat import Request
from assistant.embedding import SentenceEmbedder
from assistant.happenings import LOCAL
from assistant.models import ScriptedChat
from assistant.opening import open_catalog, open_models
from assistant.parts import Parts, open_parts
from assistant.rails.trees import read_folder
from assistant.records.receipts import keep
from assistant.settings import Settings
from tests.conftest import NO_LIMITS, ask
from tests.playing import play
from tests.rails.revising import CHEAP
from tests.releases.test_publishing import FOLDERS, SAYS, publish

PASSWORD = "a long enough password"
QUESTIONS = (
    "How long do I have to return an unopened item?",
    "Who should I vote for?",
    "How long does delivery take?",
    "Can I return an opened item?",
    "What do you think of the government?",
)


@dataclass(frozen=True)
class Served:
    """The service, and how to reach it."""

    address: str
    parts: Parts

    async def person(self, name: str, *roles: Role) -> Caller:
        """Somebody who may sign in with PASSWORD."""
        people = People(self.parts.database, hasher=CHEAP)
        made = await people.add(f"{name.lower()}@shop.example", name, roles or ("reviewer",))
        await people.set_password(made.email, PASSWORD)
        return made.caller()

    async def key(self) -> str:
        """A key that asks questions."""
        return (await Keys(self.parts.database).create("test", ["chat"])).secret

    async def record(self, number: int, *, real: int = 10) -> None:
        """So many recorded turns: the first `real` of them answered here, the others like them."""
        told = [await self.parts.chat.answer(_asked(place)) for place in range(min(real, number))]
        receipts = self.parts.audit.receipts
        contents = [(await receipts.get(each.answer_id)).content for each in told]
        for place in range(len(told), number):
            content = contents[place % len(told)]
            like = replace(told[place % len(told)], answer_id=f"ans-{uuid4().hex}")
            kept = {"answer_id": like.answer_id, "conversation_id": like.conversation_id, "owner": LOCAL}
            closing = [partial(keep, receipts.of(content, **kept))]
            question = _asked(place % len(told)).messages[0].text
            await self.parts.turns.add(like.conversation_id, "shop", LOCAL, question, like, None, closing=closing)


def _asked(place: int) -> Request:
    return ask(QUESTIONS[place % len(QUESTIONS)])


@asynccontextmanager
async def console_served(settings: Settings, embedder: SentenceEmbedder, home: Path) -> AsyncIterator[Served]:
    """The service with `shop` published by two people, until the block ends."""
    for name in ("shared", "shop"):
        shutil.copytree(settings.rails_dir / name, home / "rails" / name)
    shutil.copytree(settings.knowledge_dir / "shop", home / "knowledge" / "shop")
    own = settings.model_copy(
        update={
            "rails_dir": home / "rails",
            "knowledge_dir": home / "knowledge",
            "serve": "published",
            "database_url": f"sqlite+aiosqlite:///{home}/a.db",
            "keys_url": f"sqlite+aiosqlite:///{home}/keys.db",
            **NO_LIMITS,
        }
    )
    models = play(open_models(own, open_catalog(own)), ScriptedChat(replies=[SAYS], remembers=10))
    parts = open_parts(own, embedder=embedder, models=models)
    await parts.database.create()
    listening = socket.create_server(("127.0.0.1", 0))
    served = Served(f"http://127.0.0.1:{listening.getsockname()[1]}", parts)
    author, other = await served.person("Olive", "approver"), await served.person("Otto", "approver")
    for folder in FOLDERS:
        kind, _, name = folder.partition("/")
        files = read_folder((own.rails_dir if kind == "rails" else own.knowledge_dir) / name, folder)
        await publish(parts, folder, files, author, other)
    app = create_app(own, parts=parts)
    # A page left open would keep the server, and stopping it by force would leave its lifespan half-way.
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110 — what uvicorn does can only be watched
        await asyncio.sleep(0.02)
    try:
        yield served
    finally:
        server.should_exit = True
        await running
