"""What the doors call: the services behind them, joined by app.py and passed in as one record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.access import Budgets, Keys, Limits, OidcProvider, People, Sessions
from assistant.answering.events import Event
from assistant.api.sizes import Sizes
from assistant.batches import Batches
from assistant.chat import Request
from assistant.checks import Check
from assistant.jobs import Jobs
from assistant.messages import Answer, Document, Evidence, Stage, Task
from assistant.rails.proposals import Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.records import Erasure, Feedback, Handovers, Receipts, Refusals, Retries, Turns
from assistant.releases.radius import Radius
from assistant.releases.readiness import Standing
from assistant.reviewing import Reviewing
from assistant.running import RunningAnswers
from assistant.verticals import Handoff
from assistant.watching.metrics import Metrics
from assistant.webhooks import Deliveries


class Chatting(Protocol):
    """Answers a request; `assistant.chat.Chat` does it for real."""

    def stream(self, request: Request) -> AsyncIterator[Event]:
        """The answer's events as they come, a DoneEvent last; a generator is closed when the caller leaves."""

    async def answer(self, request: Request) -> Answer:
        """The same answer whole; cancelled when the caller leaves."""


class Checking(Protocol):
    """Checks a text that someone else's model wrote; `assistant.checks.Checks` does it for real."""

    async def check(
        self,
        vertical: str,
        stage: Stage,
        text: str,
        *,
        evidence: Sequence[Document],
        question: str | None,
        rail: str | None,
    ) -> Check:
        """The outcome with every measurement behind it."""


@dataclass(frozen=True, slots=True)
class VerticalCard:
    """What a caller may know about a vertical that is served."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    language: str
    """BCP 47 tag of the language it answers in."""
    notice: str
    """What a visitor is told before asking."""
    disclaimer: str | None
    accent: str
    """Colour of the page, #rrggbb."""
    release: str
    """Digest of everything that makes its answers, `sha256:…`."""
    handoff: Handoff = field(default_factory=Handoff)
    """Where a person is reached."""
    suggestions: tuple[str, ...] = ()
    """Questions that a visitor is offered."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the doors need; nothing here is read from the environment."""

    chat: Chatting
    checks: Checking
    keys: Keys
    people: People
    sessions: Sessions
    limits: Limits
    budgets: Budgets
    turns: Turns
    receipts: Receipts
    erasure: Erasure
    retries: Retries
    jobs: Jobs
    batches: Batches
    feedback: Feedback
    handovers: Handovers
    running: RunningAnswers
    deliveries: Deliveries
    proposals: Proposals
    reviews: Reviews
    revisions: Revisions
    radius: Radius
    reviewing: Reviewing
    refusals: Refusals
    pin: Callable[[str, str], Awaitable[str]]
    """Digest of the release made of (vertical, published revision), from then on served beside what is live."""
    mask: Callable[[str, str, str | None], str]
    """A text as it may be kept, for (vertical, text, the conversation's map of masked values); called in a thread."""
    search: Callable[[str, str, int], tuple[Evidence, ...]]
    """Evidence for (vertical, query, k), best first; called in a thread."""
    verticals: Callable[[], tuple[VerticalCard, ...]]
    """The verticals served at this moment."""
    ready: Callable[[], Awaitable[Standing]]
    """Whether questions can be answered, and what is missing where not."""
    metrics: Metrics = field(default_factory=Metrics)
    """What is counted."""
    sizes: Sizes = field(default_factory=Sizes)
    """How large the parts of a request may be."""
    max_body_bytes: int = 1024 * 1024
    """Largest request body, and longest line of a batch."""
    max_batch_bytes: int = 64 * 1024 * 1024
    """Largest batch."""
    oidc: OidcProvider | None = None
    """Where people sign in besides with a password; None where they do not."""
    public_url: str = ""
    """The address under which people reach the service; by default the one of their request."""
    secret: bytes = b""
    """What signs the cookie of a sign-in that is under way."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names to answer to besides the loopback ones; "*" for any."""
