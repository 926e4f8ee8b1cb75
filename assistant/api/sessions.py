"""`/v1/session`: people sign in with a password or through an OpenID provider, see who they are, and sign out."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import ConfigDict, Field

from assistant.access import LONGEST, Session
from assistant.api.bodies import FilledText, StrictBody, Text, described, read_body
from assistant.api.callers import SESSION_COOKIE, address_of, session_of
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_accounts import SignedIn
from assistant.errors import Forbidden, NotFound, Unauthenticated

_STATE_COOKIE = "assistant_sign_in"
_STATE_S = 600
_WITHIN = re.compile(r"/(?![/\\])[\x21-\x7e]{0,500}")
"""A place on our own pages; `//elsewhere` is not."""


class SignInBody(StrictBody):
    """Address and password of a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.org", "password": "a long one"}]})

    email: Annotated[FilledText, Field(max_length=320)]
    password: Annotated[Text, Field(min_length=1, max_length=1000)]


def sessions_router(services: Services) -> APIRouter:
    """The routes of signing in and out."""
    router = APIRouter(tags=["session"])

    @router.post(
        "/v1/session",
        status_code=201,
        openapi_extra=described(SignInBody),
        responses=responses(SignedIn, "A session is open.", *keyed(), status=201),
    )
    async def sign_in(request: Request) -> Response:
        """Opens a session; its cookie is the browser's, and `csrf_token` goes into the header of every change."""
        if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            raise Forbidden("people sign in on a page of this service")  # Else a page could sign them in as another.
        await services.limits.arrive(address_of(request))
        body = await read_body(request, SignInBody)
        await services.limits.sign_in(address_of(request), body.email)
        session = await services.sessions.open(await services.people.by_password(body.email, body.password))
        response = JSONResponse(_shown(session), 201)
        _set_cookie(services, request, response, session)
        return response

    @router.get("/v1/session", responses=responses(SignedIn, "Who is signed in.", *keyed()))
    async def who_am_i(request: Request) -> dict[str, Any]:
        """The person signed in."""
        return _shown(await session_of(services, request))

    @router.delete(
        "/v1/session", status_code=204, responses=responses(None, "The session is over.", *keyed(), status=204)
    )
    async def sign_out(request: Request) -> Response:
        """Ends the session."""
        session = await session_of(services, request)
        await services.sessions.close(session.token)
        response = Response(status_code=204)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    @router.get("/v1/session/oidc", status_code=303, responses=_redirects("To the sign-in provider."))
    async def begin(request: Request, then: str = "/console") -> Response:
        """Sends the browser to the OpenID provider."""
        await services.limits.arrive(address_of(request))
        if services.oidc is None:
            raise NotFound("no sign-in provider is set up; set ASSISTANT_OIDC_ISSUER")
        begun = await services.oidc.begin(_redirect_uri(services, request))
        remembered = {**begun.remembered(), "then": then if _WITHIN.fullmatch(then) else "/console"}
        response = RedirectResponse(begun.url, 303)
        response.set_cookie(
            _STATE_COOKIE,
            _signer(services).dumps(remembered),
            max_age=_STATE_S,
            path="/v1/session",
            httponly=True,
            secure=_secure(services, request),
            samesite="lax",  # The provider sends the browser back from its own site.
        )
        return response

    @router.get("/v1/session/oidc/callback", status_code=303, responses=_redirects("Back to our own page."))
    async def come_back(request: Request, code: str = "", state: str = "") -> Response:
        """Opens a session for whoever the provider says it is."""
        await services.limits.arrive(address_of(request))
        remembered = _remembered(services, request, state)
        if services.oidc is None or not code:
            raise Unauthenticated("the sign-in provider did not accept this sign-in; try again")
        identity = await services.oidc.finish(code, remembered, _redirect_uri(services, request))
        session = await services.sessions.open(await services.people.by_identity(identity))
        response = RedirectResponse(remembered["then"], 303)
        response.delete_cookie(_STATE_COOKIE, path="/v1/session")
        _set_cookie(services, request, response, session)
        return response

    return router


def _redirects(what: str) -> dict[int | str, dict[str, Any]]:
    return responses(None, what, *keyed(404), status=303)


def _shown(session: Session) -> dict[str, Any]:
    person = session.person
    return {
        "object": "session",
        "person": {
            "id": person.id,
            "email": person.email,
            "name": person.name,
            "roles": sorted(person.roles),
            "verticals": None if person.verticals is None else sorted(person.verticals),
        },
        "csrf_token": session.csrf,
    }


def _set_cookie(services: Services, request: Request, response: Response, session: Session) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        httponly=True,
        secure=_secure(services, request),
        samesite="lax",
    )


def _secure(services: Services, request: Request) -> bool:
    return (services.public_url or str(request.base_url)).startswith("https:")


def _redirect_uri(services: Services, request: Request) -> str:
    return f"{(services.public_url or str(request.base_url)).rstrip('/')}/v1/session/oidc/callback"


def _signer(services: Services) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services.secret, salt="sign-in")


def _remembered(services: Services, request: Request, state: str) -> dict[str, str]:
    """What was remembered when this browser began; the state proves that it was this browser."""
    try:
        kept: dict[str, str] = _signer(services).loads(request.cookies.get(_STATE_COOKIE, ""), max_age=_STATE_S)
    except BadSignature as error:
        raise Unauthenticated("this sign-in was not begun in this browser, or too long ago; begin again") from error
    if not state or kept["state"] != state:
        raise Unauthenticated("this sign-in was not begun in this browser, or too long ago; begin again")
    return kept
