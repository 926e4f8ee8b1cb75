"""Who is calling: a key, a signed-in person, or a visitor of a page that embeds the widget; and what they may do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Literal, get_args

from assistant.errors import Forbidden

Scope = Literal["chat", "check", "read-records", "review", "approve", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a caller may use; 0 for no limit, None for what the service allows everyone."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    streams: int | None = None
    """Answers that are written at the same time."""
    tokens_per_day: int | None = None
    usd_per_day: float | None = None
    wh_per_day: float | None = None
    """Energy, in watt-hours."""

    def over(self, ours: Allowance) -> Allowance:
        """This allowance, with `ours` where it does not say."""
        return replace(ours, **{name: value for name, value in asdict(self).items() if value is not None})


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request, as every door sees them."""

    id: str
    """What their conversations, batches and retries belong to; nobody else finds those."""
    name: str
    scopes: frozenset[Scope]
    verticals: frozenset[str] | None
    """The verticals they may use; None for all."""
    key_id: str | None = None
    """The key or embed token they came with; None for a session."""
    person_id: str | None = None
    """Who is answerable: the same for every key and session of one person. None for a key that is nobody's."""
    allowance: Allowance = field(default_factory=Allowance)
    visitor: bool = False
    """Whether they came with an embed token, which anybody can read in a page."""


def allow(caller: Caller, scope: Scope, vertical: str | None = None, *, param: str | None = None) -> None:
    """Returns if the caller has the scope and may use the vertical, else raises Forbidden.

    Each scope stands for itself: `admin` does not include `chat`. `param` is the field of a request that names the
    vertical.
    """
    if scope not in caller.scopes:
        has = ", ".join(sorted(caller.scopes)) or "none"
        raise Forbidden(f"this needs a key with the scope {scope!r}; this one has: {has}")
    if vertical is not None and caller.verticals is not None and vertical not in caller.verticals:
        # Worded alike whether or not such a vertical exists.
        mine = ", ".join(sorted(caller.verticals))
        raise Forbidden(f"this key may not use {vertical[:64]!r}; it may use: {mine}", param=param)
