"""People, keys and a workshop for tests of revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from argon2 import PasswordHasher

from assistant.access import Caller, Keys, People
from assistant.access.people import Role
from assistant.database import Database
from assistant.rails.examinations import Examined, Played
from assistant.rails.proposals import Proposal, Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.rails.snapshots import Snapshot

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Workshop:
    """Finds what the test lays out, and remembers what it was given."""

    trials: tuple[Played, ...] = (Played("shop", "discounts", "block", "any chance of a rebate", True, "No.", {}),)
    broken: Exception | None = None
    compiled: list[Snapshot] = field(default_factory=list)
    examined: list[Snapshot] = field(default_factory=list)

    async def examine(self, made: Snapshot, before: Snapshot | None) -> Examined:
        self.examined.append(made)
        return Examined(self.trials, ())

    async def compile(self, made: Snapshot) -> None:
        if self.broken:
            raise self.broken
        self.compiled.append(made)


@dataclass
class Office:
    """Everybody who has to do with revisions, and the services they call."""

    database: Database
    workshop: Workshop = field(default_factory=Workshop)

    def __post_init__(self) -> None:
        self.people, self.keys = People(self.database, hasher=CHEAP), Keys(self.database)
        self.proposals = Proposals(self.database)
        self.revisions = Revisions(self.database, self.workshop)
        self.reviews = Reviews(self.database, self.workshop)

    async def person(self, name: str, *roles: Role, verticals: list[str] | None = None) -> Caller:
        email = f"{name}@shop.example"
        known = [each for each in await self.people.list() if each.email == email]
        made = known[0] if known else await self.people.add(email, name, roles or ("reviewer", "approver"), verticals)
        return made.caller()

    async def key(self, *scopes: str, of: Caller | None = None) -> Caller:
        made = await self.keys.create("test", scopes, person_id=of.person_id if of else None)
        return (await self.keys.authenticate(made.secret)).caller()

    async def published(
        self, folder: str, files: Mapping[str, bytes | None], author: Caller, approver: Caller
    ) -> Proposal:
        """A change that went the whole way."""
        made = await self.proposals.propose(folder, author, title="A change", files=files)
        approved = await self.approved(made, author, approver)
        return await self.revisions.publish(approved.id, approver)

    async def approved(self, made: Proposal, author: Caller, approver: Caller) -> Proposal:
        """A draft, handed in and approved."""
        handed_in = await self.revisions.submit(made.id, author)
        return await self.revisions.approve(made.id, approver, digest=handed_in.digest or "")

    async def live(self, by: Caller) -> dict[str, str]:
        return {each.folder: each.digest for each in await self.reviews.live(by)}
