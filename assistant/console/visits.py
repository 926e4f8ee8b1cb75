"""Somebody looks at a page: who they are, what they read, and what becomes of what they do."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import context, ui

from assistant.access import Caller, Person, Session
from assistant.console.desk import Desk
from assistant.console.tongues import Say, Tongue, words
from assistant.errors import AssistantError, Unauthenticated


@dataclass(frozen=True, slots=True)
class Visit:
    """One page in one browser window. An act asks for `caller()` anew: a session may have ended meanwhile."""

    desk: Desk
    session: Session
    tongue: Tongue
    theme: str = "auto"
    """`auto`, `light` or `dark`."""

    @property
    def person(self) -> Person:
        """Who is signed in."""
        return self.session.person

    def words(self, page: str) -> Say:
        """The texts of a page in the reader's language."""
        return words(self.tongue, page)

    async def caller(self) -> Caller:
        """Who acts, as the database knows them now; raises Unauthenticated when the session is over."""
        return (await self.desk.sessions.find(self.session.token)).person.caller()

    def doing(self, act: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """`act` as a handler: what goes wrong is told on the page, and whoever is signed out is sent to sign in.

        An act with a parameter is given the event.
        """

        async def handled(*event: Any) -> None:
            try:
                await act(*event)
            except Unauthenticated:
                ui.navigate.to(f"/signin?then={context.client.request.url.path}")
            except AssistantError as error:
                ui.notify(str(error), type="negative", position="top", multi_line=True, timeout=10_000)

        # NiceGUI hands the event only to what names a parameter for it.
        async def with_event(event: Any) -> None:
            await handled(event)

        async def without() -> None:
            await handled()

        needed = [each for each in inspect.signature(act).parameters.values() if each.default is each.empty]
        return with_event if needed else without
