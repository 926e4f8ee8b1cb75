"""Signing in through an OpenID provider that runs beside the service, over real HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from assistant.access import OidcProvider
from assistant.api import create_api
from assistant.errors import Unavailable


class Provider:
    """A small OpenID provider: everyone who comes is `user`, unless a test makes it lie."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.user = {"sub": "u-1", "email": "jane@shop.example", "email_verified": True}
        self.claims: dict = {}
        """What a token says otherwise than it should."""
        self.signing = self.key
        self.asked: dict[str, dict] = {}

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.describe)
        app.get("/keys")(lambda: {"keys": [self.key.as_dict(private=False)]})
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        return app

    async def describe(self) -> dict:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{place}" for name, place in places.items()}}

    async def authorize(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        assert asked["client_id"] == "assistant" and asked["code_challenge_method"] == "S256"
        self.asked[f"code-{len(self.asked)}"] = asked
        code = f"code-{len(self.asked) - 1}"
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    async def token(self, request: Request) -> JSONResponse:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.asked.pop(sent["code"], None)
        proof = urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if asked is None or proof != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "assistant", "exp": now + 60, "iat": now, "nonce": asked["nonce"]}
        header = {"alg": "RS256", "kid": "k1"}
        token = jwt.encode(header, {**claims, **self.user, **self.claims}, self.signing)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})


@pytest.fixture
async def provider():
    port = socket.create_server(("127.0.0.1", 0))
    made = Provider(f"http://127.0.0.1:{port.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(made.app(), log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve([port]))
    yield made
    server.should_exit = True
    await serving


@pytest.fixture
async def browser(doors, provider):
    """A browser before the service, which knows the provider."""
    oidc = OidcProvider(provider.issuer, "assistant", "secret")
    app = create_api(replace(doors.services, oidc=oidc, public_url="http://localhost"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


@pytest.fixture
async def jane(doors):
    return await doors.people.add("jane@shop.example", "Jane", ["approver"])


async def come_back(browser: httpx.AsyncClient, then: str = "/console") -> str:
    """Where the provider sends the browser back to."""
    begun = await browser.get("/v1/session/oidc", params={"then": then})
    assert begun.status_code == 303
    async with httpx.AsyncClient() as outside:
        return (await outside.get(begun.headers["location"])).headers["location"]


async def test_a_person_signs_in_through_the_provider(browser, jane):
    back = await browser.get(await come_back(browser, "/console/reviews?x=1"))
    assert (back.status_code, back.headers["location"]) == (303, "/console/reviews?x=1")
    assert (await browser.get("/v1/session")).json()["person"]["id"] == jane.id


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
async def test_nobody_is_sent_on_to_another_site(browser, jane, then):
    assert (await browser.get(await come_back(browser, then))).headers["location"] == "/console"


async def test_whoever_was_not_added_stays_out(browser):
    assert (await browser.get(await come_back(browser))).status_code == 403
    assert (await browser.get("/v1/session")).status_code == 401


@pytest.mark.parametrize(
    "lie", [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}, {"nonce": "old"}, {"sub": None}]
)
async def test_a_token_that_is_not_for_us_is_refused(browser, provider, jane, lie):
    provider.claims = lie
    assert (await browser.get(await come_back(browser))).status_code == 401


async def test_a_token_that_another_key_signed_is_refused(browser, provider, jane):
    provider.signing = RSAKey.generate_key(2048, {"kid": "k1"})
    assert (await browser.get(await come_back(browser))).status_code == 401


async def test_a_sign_in_that_another_browser_began_is_refused(browser, jane):
    place = await come_back(browser)
    browser.cookies.clear()
    assert (await browser.get(place)).status_code == 401
    await come_back(browser)
    assert (await browser.get(place)).status_code == 401


async def test_a_code_is_good_once(browser, jane):
    place = await come_back(browser)
    kept = dict(browser.cookies)
    assert (await browser.get(place)).status_code == 303
    assert (await browser.get(urlsplit(place)._replace(scheme="", netloc="").geturl(), cookies=kept)).status_code == 401


async def test_a_provider_that_is_away_is_said_to_be():
    with pytest.raises(Unavailable, match="sign-in provider"):
        await OidcProvider("http://127.0.0.1:1", "assistant", "secret").begin("http://localhost/x")
