"""Posting to an address somebody else chose: to public hosts alone, to the very address that was checked, once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from assistant.errors import Invalid

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, those to try first in front."""
TIMEOUT_S = 10.0
"""For one delivery in all: name, connection, request and the first line of the response."""
_LONGEST_URL = 2000
# IPv6 addresses that a gateway turns into an IPv4 one, which may be private (RFC 6052, RFC 8215, RFC 3056).
_TRANSLATED = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))

_NEVER_PUBLIC = ("localhost", "local", "internal", "home.arpa")
"""Names, with all below them, that lead nowhere but to private addresses (RFC 6761, RFC 6762, RFC 8375; ICANN 2024)."""


class NotDelivered(Exception):
    """The receiver did not take it this time; the message says why, in words for the operator."""


class Poster:
    """Posts bodies to receivers; nothing of a response is read but its status."""

    def __init__(
        self,
        *,
        private: bool = False,
        http: bool = False,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`private` allows addresses that are not public, `http` allows receivers without TLS."""
        self._private, self._http = private, http
        self._resolve, self._tls, self._timeout_s = resolve or addresses_of, tls, timeout_s

    def check(self, url: str) -> httpx.URL:
        """`url` as one that may be posted to, as far as it tells; raises Invalid saying what would be right."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise Invalid(f"the address of a webhook is not a URL: {error}") from error
        allowed = ("https", "http") if self._http else ("https",)
        if parsed.scheme not in allowed or not parsed.host or not 0 < (parsed.port or 443) < 65_536:
            begins = " or ".join(f"{each}://" for each in allowed)
            raise Invalid(f"the address of a webhook begins with {begins}, a host and at most a port from 1 to 65535")
        if parsed.userinfo or parsed.fragment or len(url) > _LONGEST_URL:
            reason = f"has no user, password or #fragment, and at most {_LONGEST_URL} characters"
            raise Invalid(f"the address of a webhook {reason}")
        if _literal(parsed.host) is not None:
            self._refuse_private([parsed.host], parsed.host)
        elif not self._private and f".{parsed.host.rstrip('.')}".endswith(tuple(f".{name}" for name in _NEVER_PUBLIC)):
            raise _not_public(parsed.host)
        return parsed

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Delivers `body`; raises NotDelivered, or Invalid for an address that may not be posted to."""
        target = self.check(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                addresses = await self._public_addresses(target)
                status = await self._send(target, addresses, body, headers)
        except TimeoutError as error:
            raise NotDelivered(f"it did not answer within {self._timeout_s:g} s") from error
        if not 200 <= status < 300:
            raise NotDelivered(f"it answered {status}" + (", and is not followed elsewhere" if status < 400 else ""))

    async def _public_addresses(self, target: httpx.URL) -> Sequence[str]:
        host = target.raw_host.decode("ascii")
        try:
            addresses = await self._resolve(host, target.port or (443 if target.scheme == "https" else 80))
        except (OSError, UnicodeError) as error:
            raise NotDelivered(f"there is no address for {host[:200]!r}") from error
        self._refuse_private(addresses, host)
        return addresses

    def _refuse_private(self, addresses: Sequence[str], host: str) -> None:
        # One private address among public ones is a trick too: which of them is used is for chance to say.
        if not self._private and not all(is_public(each) for each in addresses):
            raise _not_public(host)

    async def _send(self, target: httpx.URL, addresses: Sequence[str], body: bytes, headers: dict[str, str]) -> int:
        """The status; the connection goes to the addresses that were checked, so the name is not looked up again."""
        host = target.raw_host.decode("ascii")
        headers = {**headers, "host": target.netloc.decode("ascii"), "accept-encoding": "identity"}
        # A proxy of the environment would look the name up by itself, and a redirect leads to what was not checked.
        client = httpx.AsyncClient(verify=self._tls or _default_tls(), trust_env=False, follow_redirects=False)
        fault: Exception | None = None
        async with client:
            for address in addresses:
                request = client.build_request(
                    "POST",
                    target.copy_with(host=address),
                    content=body,
                    headers=headers,
                    extensions={"sni_hostname": host},
                )
                try:
                    response = await client.send(request, stream=True)
                except httpx.HTTPError as error:
                    fault = error
                    continue
                await response.aclose()
                return response.status_code
        raise NotDelivered(f"no connection to it ({type(fault).__name__})") from fault


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses of `host` as the system's resolver gives them; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)  # SOCK_STREAM
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _not_public(host: str) -> Invalid:
    return Invalid(f"{host[:200]!r} is not a public address; ASSISTANT_WEBHOOK_PRIVATE=1 allows it")


def is_public(address: str) -> bool:
    """Whether `address` can only be somebody's on the open internet."""
    parsed = _literal(address)
    if parsed is None:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in each for each in _TRANSLATED):
            return False
    return parsed.is_global and not parsed.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


@cache
def _default_tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
