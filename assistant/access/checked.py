"""What people type when they make keys and people: read strictly, with the wrong part named."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from assistant.access.callers import SCOPES
from assistant.errors import Invalid


def name_of(name: str, what: str = "key") -> str:
    """A name of 1 to 200 characters, trimmed."""
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid(f"a {what} needs a name of 1 to 200 characters that says whom it is for")
    return name


def scopes_of(scopes: Iterable[str]) -> list[str]:
    """Scopes that exist, at least one."""
    wanted = set(scopes)
    unknown = sorted(wanted - set(SCOPES))
    if unknown:
        raise Invalid(f"unknown scope {unknown[0]!r}; the scopes are: {', '.join(SCOPES)}")
    if not wanted:
        raise Invalid(f"a key without a scope can do nothing; the scopes are: {', '.join(SCOPES)}")
    return sorted(wanted)


def verticals_of(verticals: Iterable[str] | None) -> list[str] | None:
    """Names of verticals, at least one; None for all."""
    if verticals is None:
        return None
    wanted = sorted(set(verticals))
    if not wanted:
        raise Invalid("a key limited to no vertical can do nothing; name at least one, or leave them out for all")
    return wanted


def origins_of(origins: Iterable[str]) -> list[str]:
    """Web origins as browsers send them, at least one: `https://shop.example`, `http://localhost:3000`."""
    wanted = sorted({_origin(each) for each in origins})
    if not wanted:
        raise Invalid("an embed token needs at least one origin, like https://shop.example")
    return wanted


def _origin(text: str) -> str:
    wrong = Invalid(f"{text[:200]!r} is not an origin; write scheme and host alone, like https://shop.example")
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError as error:
        raise wrong from error
    default = {"https": 443, "http": 80}.get(parts.scheme)
    bare = parts.path in {"", "/"} and not parts.query and not parts.fragment and "@" not in parts.netloc
    if default is None or not parts.hostname or "*" in parts.hostname or not bare:
        raise wrong
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" if port in (None, default) else f"{parts.scheme}://{host}:{port}"
