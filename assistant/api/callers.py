"""Who is calling, and what they may use."""

from __future__ import annotations

import re
from ipaddress import ip_address

from fastapi import Request

from assistant.access import Caller, Key, Scope, Session, allow
from assistant.api.problems import InvalidField
from assistant.api.services import Services, VerticalCard
from assistant.errors import Forbidden, Invalid, Unauthenticated, UnknownRevision, UnknownVertical
from assistant.ledger.acting import acting

SESSION_COOKIE = "assistant_session"
CSRF_HEADER = "x-csrf-token"
VISITOR_HEADER = "x-visitor"
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_VISITOR = re.compile(r"[A-Za-z0-9_-]{22,128}")  # 22 characters of base64 hold the 128 bits nobody guesses.
_DIGEST = "sha256:"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


async def caller(services: Services, request: Request, *, visitors: bool = False) -> Caller:
    """Who sent the request; raises Unauthenticated, RateLimited, or Forbidden for what they may not do at all.

    A key is sent as `Authorization: Bearer …`, or as `api-key` or `x-api-key`, as some OpenAI clients do; a page of
    ours sends a session instead. Embed tokens open only the calls that say `visitors=True`.
    """
    address = address_of(request)
    await services.limits.arrive(address)
    who = await _identified(services, request, visitors=visitors)
    request.state.caller = who.person_id or who.key_id
    acting.set(request.state.caller)
    request.state.windows = await services.limits.admit(who, address)
    return who


async def _identified(services: Services, request: Request, *, visitors: bool) -> Caller:
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    secret = bearer[1] if bearer else request.headers.get("api-key") or request.headers.get("x-api-key")
    if secret:
        key = await services.keys.authenticate(secret)
        return key.caller() if key.origins is None else _visitor(key, request, visitors=visitors)
    if SESSION_COOKIE in request.cookies:
        return (await session_of(services, request)).person.caller()
    raise Unauthenticated("no key came with the request; send it as `Authorization: Bearer ast_…`")


async def session_of(services: Services, request: Request) -> Session:
    """The session the request came with; raises Unauthenticated, or Forbidden for a change another site could ask for.

    Browsers send the cookie along whoever asks, so a change must also bring what only a page of ours can know.
    """
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        raise Unauthenticated("nobody is signed in here")
    session = await services.sessions.find(token)
    if request.method not in _READS and not session.proves(request.headers.get(CSRF_HEADER, "")):
        raise Forbidden(f"a change made in a session needs the header {CSRF_HEADER}; GET /v1/session tells its value")
    return session


def address_of(request: Request) -> str:
    """Where the request comes from; behind a proxy, what the proxy says, if it is one that uvicorn trusts."""
    return request.client.host if request.client else "nowhere"


def is_local(request: Request) -> bool:
    """Whether the request comes from this very machine."""
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def usable(services: Services, who: Caller) -> tuple[VerticalCard, ...]:
    """The live verticals this caller may use."""
    return tuple(card for card in services.verticals() if who.verticals is None or card.name in who.verticals)


def vertical_for(services: Services, who: Caller, name: str, scope: Scope, *, param: str = "vertical") -> VerticalCard:
    """The live vertical of that name; raises Forbidden or UnknownVertical, which says what there is.

    `param` is the field of the request that holds the name.
    """
    allow(who, scope, name, param=param)
    return shown_vertical(services, who, name, param=param)


def shown_vertical(services: Services, who: Caller, name: str, *, param: str) -> VerticalCard:
    """The live vertical of that name, whatever the caller may do with it; raises UnknownVertical as `vertical_for`."""
    cards = usable(services, who)
    found = next((card for card in cards if card.name == name), None)
    if found is None:
        there = ", ".join(card.name for card in cards) or "none"
        raise UnknownVertical(f"no vertical {name[:64]!r} is served here; this key may use: {there}", param=param)
    return found


async def model_for(services: Services, who: Caller, model: str) -> tuple[VerticalCard, str | None]:
    """The vertical an OpenAI `model` names, and the release it is pinned to, as in `medical@sha256:…`.

    A pin is the digest of the live release, or of rails that were published and not withdrawn. Raises what
    `vertical_for` raises; Forbidden where a pin comes without the scope admin; UnknownRevision for any other digest.
    """
    name, at, pin = model.partition("@")
    card = vertical_for(services, who, name, "chat", param="model")
    if not at:
        return card, None
    allow(who, "admin", name, param="model")
    if not pin:
        raise InvalidField("model", "an @ is followed by the digest of a release, as GET /v1/models shows it")
    if pin.removeprefix(_DIGEST) == card.release.removeprefix(_DIGEST):
        return card, card.release
    try:
        return card, await services.pin(name, pin)
    except UnknownRevision as error:
        raise UnknownRevision(str(error), param="model") from error


def _visitor(key: Key, request: Request, *, visitors: bool) -> Caller:
    """The visitor behind an embed token. Their page is told from others by its origin, which browsers do not forge."""
    origin = _origin(request)
    if origin not in (key.origins or ()):
        raise Forbidden(f"this embed token is not for pages at {origin[:200] if origin else 'no origin'!r}")
    # From here on the page may read the answer, whatever it is.
    request.state.allowed_origin = origin
    if not visitors:
        raise Forbidden("an embed token does not open this call; it needs a key")
    secret = request.headers.get(VISITOR_HEADER)
    if secret is not None and not _VISITOR.fullmatch(secret):
        raise Invalid(f"{VISITOR_HEADER}: a visitor's secret is 22 to 128 letters, digits, _ and -")
    return key.visitor(secret)


def _origin(request: Request) -> str | None:
    sent = request.headers.get("origin")
    if sent is None and request.headers.get("sec-fetch-site") == "same-origin":
        return f"{request.url.scheme}://{request.url.netloc}"  # Browsers leave it out where nothing is crossed.
    return sent.lower() if sent else None
