"""Who is calling, and what they may use."""

from __future__ import annotations

import re
from ipaddress import ip_address

from fastapi import Request

from assistant.access import Key, Scope
from assistant.api.problems import InvalidField
from assistant.api.services import Services, VerticalCard
from assistant.errors import NotFound, Unauthenticated, UnknownVertical

_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_DIGEST = "sha256:"


async def caller(services: Services, request: Request) -> Key:
    """The key the request came with; raises Unauthenticated.

    It is sent as `Authorization: Bearer …`, or as `api-key` or `x-api-key`, as some OpenAI clients do.
    """
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    secret = bearer[1] if bearer else request.headers.get("api-key") or request.headers.get("x-api-key")
    if not secret:
        raise Unauthenticated("no key came with the request; send it as `Authorization: Bearer ast_…`")
    return await services.keys.authenticate(secret)


def is_local(request: Request) -> bool:
    """Whether the request comes from this very machine."""
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def usable(services: Services, key: Key) -> tuple[VerticalCard, ...]:
    """The live verticals this key may use."""
    return tuple(card for card in services.verticals() if key.verticals is None or card.name in key.verticals)


def vertical_for(services: Services, key: Key, name: str, scope: Scope) -> VerticalCard:
    """The live vertical of that name; raises Forbidden or UnknownVertical, which says what there is."""
    services.keys.allow(key, scope, name)
    cards = usable(services, key)
    found = next((card for card in cards if card.name == name), None)
    if found is None:
        there = ", ".join(card.name for card in cards) or "none"
        raise UnknownVertical(f"no vertical {name[:64]!r} is served here; this key may use: {there}")
    return found


def model_for(services: Services, key: Key, model: str) -> tuple[VerticalCard, str | None]:
    """The vertical an OpenAI `model` names, and the release it is pinned to, as in `medical@sha256:…`.

    Raises what `vertical_for` raises; Forbidden where a pin comes without the scope admin; NotFound for a release
    that is not the live one.
    """
    name, at, pin = model.partition("@")
    card = vertical_for(services, key, name, "chat")
    if not at:
        return card, None
    services.keys.allow(key, "admin", name)
    if not pin:
        raise InvalidField("model", "an @ is followed by the digest of a release, as GET /v1/models shows it")
    if pin.removeprefix(_DIGEST) != card.release.removeprefix(_DIGEST):
        raise NotFound(f"the release {pin[:80]!r} of {name!r} is not live; the live one is {card.release}")
    return card, card.release
