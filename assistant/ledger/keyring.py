"""A key for each conversation, in a store of its own: when it dies, what it sealed is gone from every backup."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import sqlite3
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from assistant.database import Database
from assistant.errors import NotFound
from assistant.short import Direct, Short
from assistant.together import Act, Together, one_by_one

_KEY_BYTES, _NONCE_BYTES = 32, 12
_MARK = "\x1esealed:"
"""Begins what is sealed; no text of a visitor begins with a record separator."""
_REMEMBERED = 1024  # Keys in memory, of the conversations that go on.
_TABLES = MetaData()
_KEYS = Table(
    "subject_keys", _TABLES, Column("subject", String(64), primary_key=True), Column("key", LargeBinary, nullable=False)
)


class Seal(Protocol):
    """Makes of a text what is kept, and of what is kept the text."""

    def seal(self, text: str) -> str:
        """What is kept of `text`."""

    def open(self, kept: str) -> str:
        """The text; raises NotFound when nobody can read it any more."""


class Seals(Protocol):
    """The seal of each conversation."""

    async def key(self, subject: str) -> Seal:
        """The subject's seal, made now where there is none."""

    async def find(self, subject: str) -> Seal | None:
        """The subject's seal; None where it is destroyed."""

    async def destroy(self, *subjects: str) -> None:
        """Destroys seals: what was kept with them can be read by nobody any more."""


class Unsealed:
    """Keeps texts as they are, and reads those that were: of a conversation that never had a key."""

    async def key(self, subject: str) -> Unsealed:  # noqa: ARG002 — one for all
        """This."""
        return self

    async def find(self, subject: str) -> Unsealed:  # noqa: ARG002 — one for all
        """This."""
        return self

    async def destroy(self, *subjects: str) -> None:
        """Nothing: no seal was made."""

    def seal(self, text: str) -> str:
        """The text."""
        return text

    def open(self, kept: str) -> str:
        """What is kept; raises NotFound where that was sealed, with a key that is gone."""
        if kept.startswith(_MARK):
            raise NotFound("the text has been erased: its key is gone")
        return kept


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of one conversation: names its texts without telling them, and seals them."""

    subject: str
    _key: bytes = field(repr=False)
    _parts: dict[bytes, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Keys made of it, for one purpose each."""

    def digest(self, text: str) -> str:
        """HMAC-SHA-256 of `text` in hex; a plain hash of a short text could be found by trying."""
        return hmac.digest(self._part(b"digest"), text.encode(errors="surrogatepass"), "sha256").hex()

    def seal(self, text: str) -> str:
        """`text`, to be read with this key alone (AES-256-GCM)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = text.encode(errors="surrogatepass")
        sealed = AESGCM(self._part(b"seal")).encrypt(nonce, plain, self.subject.encode())
        return _MARK + b64encode(nonce + sealed).decode()

    def open(self, kept: str) -> str:
        """The text, also one that was kept before texts were sealed; raises NotFound where it was another key's."""
        if not kept.startswith(_MARK):
            return kept
        sealed = b64decode(kept.removeprefix(_MARK))
        nonce, sealed = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            plain = AESGCM(self._part(b"seal")).decrypt(nonce, sealed, self.subject.encode())
        except InvalidTag as error:
            raise NotFound(f"the text of {self.subject!r} has been erased") from error
        return plain.decode(errors="surrogatepass")

    def _part(self, purpose: bytes) -> bytes:
        if purpose not in self._parts:
            self._parts[purpose] = hmac.digest(self._key, purpose, "sha256")
        return self._parts[purpose]


class Keyring:
    """The keys of conversations. Their store is made when it is first needed."""

    def __init__(self, url: str) -> None:
        """`url`: the database of keys, which must not share its backups with the one of texts."""
        self._database = Database(url)
        self._together = Together[Act](self._database, self._write)
        self._known: OrderedDict[str, SubjectKey] = OrderedDict()
        self._opening = asyncio.Lock()
        self._open = False

    async def key(self, subject: str) -> SubjectKey:
        """The subject's key, made now where there is none; on disk before it is handed out."""
        if known := self._known.get(subject):
            self._known.move_to_end(subject)
            return known
        if kept := await self.find(subject):
            return kept
        _, kept_soon = self.begin(subject)
        return self._remember(subject, await kept_soon)

    def begin(self, subject: str, *, within_s: float = 0.0) -> tuple[SubjectKey, asyncio.Future[bytes]]:
        """The key of a subject that is new, and when it is on disk: no text sealed with it may be kept before that.

        It is put there after `within_s`, or when somebody asks for that by `hurry`.
        """
        key = secrets.token_bytes(_KEY_BYTES)
        kept = self._together.soon(partial(_add, subject, key), within_s=within_s)
        kept.add_done_callback(self._has_opened)
        return self._remember(subject, key), kept

    def hurry(self) -> None:
        """Puts on disk now what was begun."""
        self._together.hurry()

    async def find(self, subject: str) -> SubjectKey | None:
        """The subject's key; None where it was never made or is destroyed."""
        await self._create()
        async with self._database.reading() as session:
            kept = await session.scalar(select(_KEYS.c.key).where(_KEYS.c.subject == subject))
        if kept is None:
            self._known.pop(subject, None)
            return None
        return self._remember(subject, kept)

    async def destroy(self, *subjects: str) -> None:
        """Destroys keys, also in the free pages and the log of their store; what was sealed with them stays sealed."""
        for subject in subjects:
            self._known.pop(subject, None)
        await self._create()
        async with self._database.session() as session:
            await session.execute(delete(_KEYS).where(_KEYS.c.subject.in_(subjects)))
        await self._database.scrub()

    def _write(self, direct: Direct, acts: Sequence[Act]) -> list[object]:
        if not self._open:
            _create_table(direct)
        return one_by_one(direct, acts)

    def _has_opened(self, kept: asyncio.Future[bytes]) -> None:
        self._open = self._open or not (kept.cancelled() or kept.exception())

    async def close(self) -> None:
        """Closes the store."""
        await self._together.settled()
        await self._database.close()

    def _remember(self, subject: str, key: bytes) -> SubjectKey:
        self._known[subject] = SubjectKey(subject, key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[subject]

    async def _create(self) -> None:
        async with self._opening:
            if not self._open:
                await self._database.shortly(_create_table)
                self._open = True


def _create_table(direct: Direct) -> None:
    table = CreateTable(_KEYS, if_not_exists=True)
    if isinstance(direct, sqlite3.Connection):
        direct.execute(str(table.compile(dialect=sqlite.dialect())))
    else:
        direct.execute(table)


def _add(subject: str, key: bytes, direct: Direct) -> bytes:
    """The key that counts: another process may have been first."""
    kept = _ADDING.first(direct, {"subject": subject, "key": key})
    return bytes(kept[0]) if kept else b""


_NEW = postgresql.insert(_KEYS)  # SQLite says the same.
# That changes nothing where there is one, but returns it.
_ADDING = Short(
    _NEW.on_conflict_do_update(index_elements=[_KEYS.c.subject], set_={"subject": _NEW.excluded.subject}).returning(
        _KEYS.c.key
    )
)
