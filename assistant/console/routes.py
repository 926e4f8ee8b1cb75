"""The pages' addresses: what every page has in common before it is built."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from fastapi import Request
from nicegui import context, ui
from nicegui.language import Language

from assistant.api.callers import SESSION_COOKIE
from assistant.console.desk import Desk
from assistant.console.door import DESK
from assistant.console.shell import refusal
from assistant.console.tongues import THEME_COOKIE, Tongue, reader, tongue_of
from assistant.console.visits import Visit
from assistant.errors import AssistantError

P = ParamSpec("P")
Page = Callable[..., Awaitable[None]]
_LANGUAGES: dict[Tongue, Language] = {"en": "en-GB", "it": "it"}
_BUILD_S = 30.0


def console_page(path: str) -> Callable[[Callable[Concatenate[Visit, P], Awaitable[None]]], Page]:
    """Makes a function the page at `path` below the console; it is given the visit and the parts of the path.

    An error of ours, such as an unknown vertical, is shown in place of the page.
    """

    def decorate(build: Callable[Concatenate[Visit, P], Awaitable[None]]) -> Page:
        @wraps(build)
        async def built(request: Request, **parts: Any) -> None:
            desk: Desk = request.scope[DESK]
            session = await desk.sessions.find(request.cookies.get(SESSION_COOKIE, ""))
            visit = Visit(desk, session, tongue_of(request), request.cookies.get(THEME_COOKIE, "auto"))
            try:
                await build(visit, **parts)  # type: ignore[call-arg]  # the parts of the path, by name
            except AssistantError as error:
                context.client.content.clear()
                refusal(visit, error)

        signature = inspect.signature(build)
        own = [each for each in signature.parameters.values() if each.name != next(iter(signature.parameters))]
        asked = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
        parts = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        built.__signature__ = signature.replace(parameters=[asked, *parts])  # type: ignore[attr-defined]
        _Page(path, response_timeout=_BUILD_S)(built)
        return built

    return decorate


class _Page(ui.page):
    """A page in the language and the colours of whoever reads it."""

    def resolve_language(self) -> Language | None:
        return _LANGUAGES[tongue_of(reader.get())]

    def resolve_dark(self) -> bool | None:
        return {"dark": True, "light": False}.get(reader.get().cookies.get(THEME_COOKIE, ""))
