"""Signing in through an OpenID provider: the authorization code flow with PKCE, and the ID token verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assistant.access.people import Identity
from assistant.errors import Misconfigured, Unauthenticated, Unavailable

TIMEOUT_S = 10
_LEEWAY_S = 60  # Clocks of two machines differ by seconds.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]  # Never `none`, never a shared secret.


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str

    def remembered(self) -> dict[str, str]:
        """The part that is checked when the browser comes back."""
        return {name: value for name, value in asdict(self).items() if name != "url"}


class OidcProvider:
    """One OpenID provider, found by its issuer address. Its description is read once and its keys when they change."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        open_client: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(timeout=TIMEOUT_S),
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._client_id, self._client_secret = client_id, client_secret
        self._open_client = open_client
        self._description: dict[str, Any] | None = None

    async def begin(self, redirect_uri: str) -> Begun:
        """Where to send the browser; raises Unavailable when the provider cannot be reached."""
        description = await self._describe()
        nonce, verifier = generate_token(32), generate_token(64)
        async with self._oauth(redirect_uri) as client:
            url, state = client.create_authorization_url(
                description["authorization_endpoint"], nonce=nonce, code_verifier=verifier
            )
        return Begun(url, state, nonce, verifier)

    async def finish(self, code: str, remembered: dict[str, str], redirect_uri: str) -> Identity:
        """Who signed in; raises Unauthenticated when the provider says no or its token is not meant for us."""
        description = await self._describe()
        try:
            async with self._oauth(redirect_uri) as client:
                tokens = await client.fetch_token(
                    description["token_endpoint"], code=code, code_verifier=remembered["verifier"]
                )
        except (AuthlibBaseError, httpx.HTTPStatusError) as error:
            raise Unauthenticated("the sign-in provider did not accept this sign-in; try again") from error
        except (httpx.HTTPError, ValueError) as error:
            raise _away() from error
        claims = self._verified(tokens.get("id_token", ""), await self._keys(), remembered["nonce"])
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"])[:255],
            email=str(claims.get("email", "")),
            email_verified=claims.get("email_verified") is True,
        )

    def _verified(self, token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._description["issuer"] if self._description else self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("the sign-in provider's token cannot be trusted; try again") from error
        return dict(claims)

    def _oauth(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope="openid email profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    async def _describe(self) -> dict[str, Any]:
        if self._description is None:
            found = await self._read(f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise Misconfigured("ASSISTANT_OIDC_ISSUER is not the issuer that the provider there calls itself")
            self._description = found
        return self._description

    async def _keys(self) -> KeySet:
        description = await self._describe()
        return KeySet.import_key_set(await self._read(description["jwks_uri"]))  # type: ignore[arg-type]

    async def _read(self, url: str) -> dict[str, Any]:
        try:
            async with self._open_client() as client:
                response = await client.get(url)
            found = response.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away() from error
        return dict(found)


def _away() -> Unavailable:
    return Unavailable("the sign-in provider cannot be reached just now")
