"""Only what was published is served: with every part real but the model, and with the command line as it is typed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from assistant.access import Caller, People
from assistant.app import create_app
from assistant.chat import DoneEvent, StageEvent
from assistant.cli import app
from assistant.errors import IndexMissing, UnknownVertical
from assistant.evals.record import read_decision
from assistant.models import ScriptedChat
from assistant.opening import open_catalog, open_models
from assistant.parts import Parts, open_parts
from assistant.rails.trees import read_folder
from assistant.settings import Settings
from tests.conftest import NO_LIMITS, SHOP_RETURNS, SHOP_TOPICS, ask
from tests.console.run_kept import BETTER, keep_run
from tests.playing import play
from tests.rails.revising import CHEAP

RETURNS = "How long do I have to return an unopened item?"
SAYS = "You can return an unopened item within 30 days from delivery."
FOLDERS = ("rails/shared", "rails/shop", "knowledge/shop")


@pytest.fixture(scope="module")
def published_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """As the other tests', with folders that may be edited and a database of its own."""
    home = tmp_path_factory.mktemp("published")
    for name in ("shared", "shop"):
        shutil.copytree(settings.rails_dir / name, home / "rails" / name)
    shutil.copytree(settings.knowledge_dir / "shop", home / "knowledge" / "shop")
    changed = {"rails_dir": home / "rails", "knowledge_dir": home / "knowledge", "serve": "published"}
    return settings.model_copy(update={**changed, "database_url": f"sqlite+aiosqlite:///{home}/a.db", **NO_LIMITS})


@pytest.fixture(scope="module")
async def joined(published_settings: Settings, embedder) -> AsyncIterator[Parts]:
    models = play(
        open_models(published_settings, open_catalog(published_settings)), ScriptedChat(replies=[SAYS], remembers=10)
    )
    opened = open_parts(published_settings, embedder=embedder, models=models)
    await opened.database.create()
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def ada(joined: Parts) -> Caller:
    return (await People(joined.database, hasher=CHEAP).add("ada@shop.example", "Ada", ["approver"])).caller()


@pytest.fixture(scope="module")
async def bob(joined: Parts) -> Caller:
    return (await People(joined.database, hasher=CHEAP).add("bob@shop.example", "Bob", ["approver"])).caller()


@pytest.fixture(scope="module")
async def first(joined: Parts, ada: Caller, bob: Caller) -> dict[str, str]:
    """The folders as they are here, published; their digests."""
    await joined.look()
    with pytest.raises(UnknownVertical):
        joined.rails.release("shop")
    digests = {}
    for folder in FOLDERS:
        kind, _, name = folder.partition("/")
        root = joined.settings.rails_dir if kind == "rails" else joined.settings.knowledge_dir
        digests[folder] = await publish(joined, folder, read_folder(root / name, folder), ada, bob)
    await joined.look()
    return digests


async def publish(parts: Parts, folder: str, files: dict[str, bytes | None], author: Caller, approver: Caller) -> str:
    made = await parts.proposals.propose(folder, author, title="A change", files=files)
    handed_in = await parts.revisions.submit(made.id, author)
    await parts.revisions.approve(made.id, approver, digest=handed_in.digest or "")
    return (await parts.revisions.publish(made.id, approver)).digest or ""


async def test_what_is_published_is_served_and_said_to_be(joined: Parts, first: dict[str, str]):
    answer = await joined.chat.answer(ask(RETURNS))
    assert answer.published and "30 days" in answer.text
    assert not (joined.settings.rails_dir / "shop" / "input").exists()
    (joined.settings.rails_dir / "shop" / "topics.co").write_text("define user broken\n")
    await joined.look()
    assert joined.rails.problems == {} and joined.rails.release("shop").digest == answer.release
    (joined.settings.rails_dir / "shop" / "topics.co").write_text(SHOP_TOPICS)


async def test_published_knowledge_answers_and_a_request_under_way_keeps_what_it_had(
    joined: Parts, first: dict[str, str], ada: Caller, bob: Caller
):
    async with aclosing(joined.chat.stream(ask(RETURNS))) as events:
        while await anext(events) != StageEvent("evidence"):
            pass
        changed = {"documents/returns.md": SHOP_RETURNS.replace("30 days", "45 days").encode()}
        await publish(joined, "knowledge/shop", changed, ada, bob)
        await joined.look()
        (under_way,) = [event.answer async for event in events if isinstance(event, DoneEvent)]
    after = await joined.chat.answer(ask(RETURNS))
    assert "30 days" in under_way.text and "45 days" in after.text and under_way.release != after.release
    await joined.revisions.roll_back("knowledge/shop", first["knowledge/shop"], bob, reason="It is thirty")
    await joined.look()
    assert (await joined.chat.answer(ask(RETURNS))).release == under_way.release


async def test_a_limit_that_lets_everything_pass_is_told_as_laxer_and_fails_its_trials(
    joined: Parts, first: dict[str, str], ada: Caller
):
    examples = (
        b'examples:\n  topics:\n    block: ["please send my parcel back to me"]\n    pass: ["may I send it back"]\n'
    )
    settings = b"vertical:\n  title: The corner shop\n  limits: {topics: 0.05}\n  personal_data: {records: off}\n"
    files = {"examples.yaml": examples, "vertical.yaml": settings}
    made = await joined.proposals.propose("shop", ada, title="Laxer", files=files)
    found = await joined.revisions.run_trials(made.id, ada)
    told = {(each.kind, each.text.partition(",")[0]) for each in found.weakenings}
    assert ("masking", "personal data is no longer masked in records") in told
    assert any(kind == "limit" and text.startswith("the limit topics is 0.05") for kind, text in told)
    assert not found.passed and {each.text for each in found.failed} == {"please send my parcel back to me"}
    await joined.proposals.discard(made.id, ada)


async def test_a_published_revision_can_be_pinned_with_admin_until_it_is_withdrawn(
    joined: Parts, first: dict[str, str], ada: Caller, bob: Caller
):
    before = first["rails/shop"]
    await publish(joined, "shop", {"messages.co": b'define bot refuse off topic\n  "Sorry, no."\n'}, ada, bob)
    await joined.look()
    service = create_app(joined.settings, parts=joined)
    question = {"model": f"shop@{before}", "messages": [{"role": "user", "content": RETURNS}]}
    admin, plain = [(await joined.keys.create("k", scopes)).secret for scopes in (["chat", "admin"], ["chat"])]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://localhost") as http:

        async def status(secret: str) -> int:
            sent = {"authorization": f"Bearer {secret}"}
            said = await http.post("/v1/chat/completions", json=question, headers=sent)
            assert said.is_error or said.json()["assistant"]["release"] != joined.rails.release("shop").digest
            return said.status_code

        assert (await status(admin), await status(plain)) == (200, 403)
        await joined.revisions.withdraw("shop", before, bob, reason="Never again")
        assert await status(admin) == 404


async def test_by_command_line_and_editor(joined: Parts, first: dict[str, str], tmp_path: Path, monkeypatch):
    """Two people with a clone each; the second one's change is brought together with the first one's."""
    ann, ben = [await clone(joined, tmp_path / name, name) for name in ("ann", "ben")]
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", joined.settings.database_url)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(joined.settings.data_dir))

    async def typed(who: tuple[Path, str], *words: str, code: int = 0) -> str:
        monkeypatch.setenv("ASSISTANT_RAILS_DIR", str(who[0] / "rails"))
        monkeypatch.setenv("ASSISTANT_KNOWLEDGE_DIR", str(who[0] / "knowledge"))
        monkeypatch.setenv("ASSISTANT_KEY", who[1])
        done = await asyncio.to_thread(CliRunner().invoke, app, ["rails", *words])
        assert done.exit_code == code and done.output, (done.output, done.exception)
        return done.output

    message = 'define bot refuse off topic\n  "{}"\n'
    (ann[0] / "rails/shop/messages.co").write_text(message.format("I only know this shop. Please ask at the till."))
    assert "+  " in await typed(ann, "diff", "shop", code=1)
    assert "is submitted" in await typed(ann, "propose", "shop", "--title", "Where to turn")
    assert "another person must approve" in await typed(ann, "approve", "shop", code=1)
    assert "no proposal is approved" in await typed(ben, "publish", "shop", code=1)
    assert "Please ask at the till" in await typed(ben, "show", "shop")
    assert "1 turns: " in await typed(ben, "radius", "shop", "--turns", "1")
    assert "is approved" in await typed(ben, "approve", "shop", "--note", "Good")
    assert "is published" in await typed(ben, "publish", "shop")

    (ben[0] / "rails/shop/topics.co").write_text(
        SHOP_TOPICS + 'define user off topic cooking\n  "how do I boil an egg"\n'
    )
    assert "sync" in await typed(ben, "propose", "shop", "--title", "Eggs", code=1)
    assert "messages.co" in await typed(ben, "sync", "shop")
    assert "till" in (ben[0] / "rails/shop/messages.co").read_text()
    assert "boil" in (ben[0] / "rails/shop/topics.co").read_text()
    assert "is submitted" in await typed(ben, "propose", "shop", "--title", "Eggs")
    assert "is draft" in await typed(ann, "return", "shop", "--comment", "Why eggs?")

    (ben[0] / "rails/shop/messages.co").write_text(message.format("No."))
    urgent = await typed(ben, "propose", "shop", "--title", "Short", "--emergency", "It is rude")
    assert "PUBLISHED IN AN EMERGENCY" in urgent
    assert "another person" in await typed(ben, "review", "shop", "--comment", "Mine", code=1)
    assert "EMERGENCY" not in await typed(ann, "review", "shop", "--comment", "Right")
    served = json.loads(await typed(ann, "history", "shop", "--json"))
    await typed(ann, "rollback", "shop", served[1]["digest"], "--reason", "It reads better")
    await typed(ann, "withdraw", "shop", served[0]["digest"], "--reason", "It is rude")
    assert "not used again" in await typed(ann, "rollback", "shop", served[0]["digest"], "--reason", "x", code=2)
    await typed(ann, "export", "shop", "--to", str(tmp_path / "out"))
    assert "till" in (tmp_path / "out" / "messages.co").read_text()
    states = {each["folder"]: each["state"] for each in json.loads(await typed(ann, "status", "--json"))}
    assert states == {"knowledge/shop": "as published", "rails/shared": "as published", "rails/shop": "as published"}


async def test_a_chosen_model_is_handed_in_by_command_line(
    joined: Parts, first: dict[str, str], ada: Caller, tmp_path: Path, monkeypatch
):
    folder, key = await clone(joined, tmp_path / "cleo", "cleo")
    run = keep_run(tmp_path)
    for name, value in (
        ("DATABASE_URL", joined.settings.database_url),
        ("DATA_DIR", str(joined.settings.data_dir)),
        ("RAILS_DIR", str(folder / "rails")),
        ("KNOWLEDGE_DIR", str(folder / "knowledge")),
    ):
        monkeypatch.setenv(f"ASSISTANT_{name}", value)
    call = ["select", "shop", "--run", str(run), "--propose"]
    nobody = await asyncio.to_thread(CliRunner().invoke, app, call)
    assert nobody.exit_code == 2 and not (run / "decision.json").exists()

    done = await asyncio.to_thread(CliRunner().invoke, app, [*call, "--key", key])

    assert done.exit_code == 0, done.output
    assert "(rails/shop) is submitted" in done.output
    (made,) = [each for each in await joined.proposals.list(ada, folder="rails/shop") if BETTER in each.title]
    assert f"model: {BETTER}".encode() in await joined.proposals.read(made.id, "vertical.yaml", ada)
    assert (made.state, read_decision(run / "decision.json").recommended) == ("submitted", BETTER)


async def clone(parts: Parts, home: Path, name: str) -> tuple[Path, str]:
    """Folders as published, and a key of the person whose they are."""
    people = People(parts.database, hasher=CHEAP)
    person = await people.add(f"{name}@shop.example", name, ["approver"])
    for folder in FOLDERS:
        await parts.working_copies.export(folder, home / folder)
    return home, (await parts.keys.create(name, ["review", "approve"], person_id=person.id)).secret


async def test_a_vertical_whose_summaries_follow_a_template_is_published_before_the_template(
    joined: Parts, first: dict[str, str], ada: Caller, bob: Caller
):
    rails = {
        "vertical.yaml": b"vertical: {title: Visits, tasks: [answer, summarize], summary: {template: note.md}}\n",
        "topics.co": b'define user ask about a visit\n  "summarise the visit"\n  "what was said in the visit"\n',
    }
    knowledge = {
        "documents/note.md": b"# Note\n\n## Reason for visit\n\nWhy the patient came.\n",
        "sources.yaml": b"sources: {note.md: {title: Note}}\n",
    }
    asked = ask("Summarise the visit", "visits", "Patient: I came because of a cough.", task="summarize")
    await publish(joined, "rails/visits", rails, ada, bob)
    await joined.look()
    with pytest.raises(IndexMissing, match="visits: the knowledge that holds its summary template"):
        await joined.chat.answer(asked)
    await publish(joined, "knowledge/visits", knowledge, ada, bob)
    await joined.look()
    assert "Reason for visit" in (await joined.chat.answer(asked)).text
